"""The HTTP API on 127.0.0.1: routes, authorizers, throttling and limits as API Gateway has them."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from infra.local.authorizer import JwtAuthorizer, Passed, PublishedKeys, Refused
from infra.local.cors import Cors
from infra.local.http_event import (
    INTERNAL_ERROR,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    Request,
    Response,
    build_event,
    message,
    refusal,
    to_response,
)
from infra.local.invoker import EndpointUnavailableError, FunctionError, Invoker
from infra.local.processes import HOST, require_free_port
from infra.local.routes import Route, RouteTable
from infra.local.template import HttpApi
from infra.local.throttle import Throttle

logger = logging.getLogger("local.gateway")

BODY_BYTES_MAX = 10 * 1024 * 1024
# A connection that says nothing for this long is closed, as API Gateway closes it.
IDLE_S_MAX = 60
CHUNK_LINE_BYTES_MAX = 1024
STOP_TIMEOUT_S = 5.0

BODYLESS_STATUSES = {204, 304}

AccessLog = Callable[[str, str, int, float], None]
"""Called with method, path, status and seconds for every request."""


class Api:
    """The API apart from its sockets: a request in, a response out."""

    def __init__(self, api: HttpApi, invoker: Invoker, keys: PublishedKeys) -> None:
        self.table = RouteTable(api.body)
        self._cors = Cors(api.body)
        self._throttle = Throttle(api.stage)
        self._invoker = invoker
        self._authorizers = {
            name: _authorizer(scheme, keys)
            for name, scheme in api.body.get("components", {}).get("securitySchemes", {}).items()
        }

    def answer(self, request: Request) -> Response:
        headers = request.joined_headers()
        preflight = self._cors.preflight(request.method, headers)
        if preflight is not None:
            return preflight
        response = self._route(request, headers)
        added = self._cors.headers(headers)
        if not added:
            return response
        return Response(response.status, (*response.headers, *added), response.body)

    def _route(self, request: Request, headers: Mapping[str, str]) -> Response:
        found = self.table.find(request.method, request.path)
        if found is None:
            return NOT_FOUND
        route, parameters = found
        if not self._throttle.admits(route.key):
            return TOO_MANY
        passed: Passed | None = None
        if route.authorizer is not None:
            judgement = self._authorizers[route.authorizer].judge(
                headers, request.joined_query(), list(route.scopes)
            )
            if isinstance(judgement, Refused):
                return refusal(judgement.status, judgement.www_authenticate)
            passed = judgement
        return self._integrate(route, build_event(request, route, parameters, passed))

    def _integrate(self, route: Route, event: dict[str, Any]) -> Response:
        try:
            payload = self._invoker.invoke(route.function, event, timeout_s=route.timeout_s)
        except FunctionError as error:
            logger.error("%s failed: %s", route.function, error)  # noqa: TRY400 - not our trace
            return INTERNAL_ERROR  # the caller must not learn why
        except EndpointUnavailableError:
            return UNAVAILABLE
        return to_response(payload)


def _authorizer(scheme: Mapping[str, Any], keys: PublishedKeys) -> JwtAuthorizer:
    settings = scheme["x-amazon-apigateway-authorizer"]
    jwt = settings["jwtConfiguration"]
    return JwtAuthorizer(
        identity_source=settings["identitySource"],
        issuer=jwt["issuer"],
        audiences=jwt["audience"],
        keys=keys,
    )


class Answering(Protocol):
    """What a gateway serves: the API, or something before it."""

    def answer(self, request: Request) -> Response: ...


class Gateway:
    """Serves the API until it is stopped."""

    def __init__(self, port: int, on_access: AccessLog) -> None:
        self.port = port
        self._on_access = on_access
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def require_port(self) -> None:
        require_free_port(self.port, "HTTP", "--port")

    def start(self, api: Answering) -> None:
        self.require_port()
        handler = type(
            "Handler", (_Handler,), {"api": api, "on_access": staticmethod(self._on_access)}
        )
        self._server = _Server((HOST, self.port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="gateway"
        )
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(STOP_TIMEOUT_S)
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Waiting for connections that are kept alive would be waiting for their clients.
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        del request, client_address


class _RefusedBodyError(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class _Handler(BaseHTTPRequestHandler):
    api: Answering
    on_access: AccessLog

    protocol_version = "HTTP/1.1"
    # One write per response, sent at once: without these a response waits 40 ms for an ACK.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_S_MAX

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def _serve(self) -> None:
        started = time.monotonic()
        path, _, query = self.path.partition("?")
        request_id = secrets.token_urlsafe(11) + "="
        try:
            response = self.api.answer(
                Request(
                    request_id=request_id,
                    method=self.command,
                    path=path,
                    query=query,
                    headers=tuple(self.headers.items()),
                    body=self._read_body(),
                    source_ip=str(self.client_address[0]),
                    at=datetime.now(UTC),
                )
            )
        except _RefusedBodyError as refused:
            response = refused.response
            # What was not read would be taken for the next request.
            self.close_connection = True
        self._write(response, request_id)
        self.on_access(self.command, path, response.status, time.monotonic() - started)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()):
            raise _RefusedBodyError(message(400, "Bad Request"))
        if int(text) > BODY_BYTES_MAX:
            raise _RefusedBodyError(TOO_LARGE)
        return self.rfile.read(int(text))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = self.rfile.readline(CHUNK_LINE_BYTES_MAX)
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise _RefusedBodyError(message(400, "Bad Request")) from None
            if size < 0 or len(body) + size > BODY_BYTES_MAX:
                raise _RefusedBodyError(TOO_LARGE)
            body += self.rfile.read(size)
            self.rfile.readline(CHUNK_LINE_BYTES_MAX)
            if size == 0:
                return bytes(body)

    def _write(self, response: Response, request_id: str) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            # Whatever a function answers, one header stays one header.
            self.send_header(name, value.replace("\r", "").replace("\n", ""))
        self.send_header("Apigw-Requestid", request_id)
        if response.status not in BODYLESS_STATUSES:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in BODYLESS_STATUSES:
            self.wfile.write(response.body)

    def version_string(self) -> str:
        return "carbon-account-local"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Requests are logged by `on_access`."""
