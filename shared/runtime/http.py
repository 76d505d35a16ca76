"""HTTP functions: a declared operation in, one use case, JSON or problem+json out.

The route is declared where it is handled, and the same declaration feeds the OpenAPI document and
the test that compares it with the template. Powertools' resolver does the dispatching.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler import Response as GatewayResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.domain import errors
from shared.domain.errors import (
    CarbonAccountError,
    InvalidRequestError,
    MissingIdempotencyKeyError,
    RouteNotFoundError,
    UnsupportedMediaTypeError,
)
from shared.runtime.problem import PROBLEM_TYPE, RETRY_AFTER_S, internal_problem, problem, status_of
from shared.runtime.strict_json import read_json
from shared.runtime.telemetry import count, logger

JSON_TYPE = "application/json"
BODY_BYTES_MAX = 16 * 1024
# Public text from this size on is packed for whoever takes it so; private text never is, since
# its size could then tell an onlooker what stands in it.
PACKED_CHARACTERS_MIN = 1024
_TEXT_TYPE = re.compile(r"text/|application/(.+\+)?(json|javascript)|image/svg\+xml")
IDEMPOTENCY_KEY = "Idempotency-Key"
IDEMPOTENCY_HIT = "Idempotency-Hit"
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
# What every request with a body that moves value may be refused for.
VALUE_ERRORS: tuple[type[CarbonAccountError], ...] = (
    errors.MalformedBodyError,
    errors.InvalidRequestError,
    errors.BodyTooLargeError,
    errors.UnsupportedMediaTypeError,
    errors.MissingIdempotencyKeyError,
    errors.IdempotencyConflictError,
    errors.AccountNotFoundError,
    errors.BusyError,
)
SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}


class WireModel(BaseModel):
    """A body or answer: unknown fields are refused, nothing is coerced, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class QueryModel(BaseModel):
    """Query parameters: unknown ones are refused; texts become what the fields say."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DryRunQuery(QueryModel):
    """With `dry_run` the answer is what would happen, and nothing does."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request: headers in lower case, the raw body, and the token's subject.

    `domain` is the gateway's own name by which it was asked.
    """

    headers: Mapping[str, str]
    path_parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    subject: str
    path: str
    request_id: str
    domain: str = ""

    def read(self, model: type[BaseModel]) -> Any:  # noqa: ANN401 - an instance of `model`
        """Return the JSON body as the model; raise what the body is refused for."""
        require_media_type(self.headers, {JSON_TYPE})
        return _validated(model, read_json(self.body, size_max=BODY_BYTES_MAX), "")

    def read_query(self, model: type[BaseModel]) -> Any:  # noqa: ANN401 - an instance of `model`
        """Return the query parameters as the model; raise InvalidRequestError."""
        return _validated(model, dict(self.query), "/query")

    def idempotency_key(self) -> str:
        """Return the key that the client made for this request; raise without a sound one."""
        key = self.headers.get(IDEMPOTENCY_KEY.lower(), "")
        if _IDEMPOTENCY_KEY.fullmatch(key) is None:
            raise MissingIdempotencyKeyError
        return key


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. `cache_s` > 0 makes it public, with an ETag; 0 forbids storing.

    `is_immutable` says that it never becomes another, so that nobody asks again in that time.

    Bytes of a type that is no text are sent as they are.
    """

    body: BaseModel | str | bytes | None
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = JSON_TYPE
    cache_s: int = 0
    is_immutable: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def value_answer(
    body: BaseModel,
    *,
    is_repeat: bool,
    is_dry_run: bool,
    status: HTTPStatus = HTTPStatus.CREATED,
) -> Answer:
    """Return the answer of a request that moves value.

    Its first answer and every repeat's have the same status and body. A dry run is 200.
    """
    headers = {IDEMPOTENCY_HIT: "true"} if is_repeat else {}
    return Answer(body, HTTPStatus.OK if is_dry_run else status, headers=headers)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as it is documented: its models, answers and refusals.

    `moves_value` says that it needs an Idempotency-Key.
    """

    method: str
    path: str
    summary: str
    answers: Mapping[HTTPStatus, type[BaseModel] | str]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[type[CarbonAccountError], ...] = ()
    body_note: str = ""
    moves_value: bool = False


class Api:
    """The routes of one function."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._resolver = APIGatewayHttpResolver()
        self._resolver.not_found(lambda _: _problem_response(RouteNotFoundError(), ""))

    def route(
        self, operation: Operation
    ) -> Callable[[Callable[[Request], Answer]], Callable[[Request], Answer]]:
        """Register a function for an operation."""

        def register(handle: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
            self.operations.append(operation)
            rule = operation.path.replace("{", "<").replace("}", ">")

            def serve(**_: str) -> GatewayResponse[str | bytes]:
                request = _request(self._resolver.current_event.raw_event)
                return _serve(handle, request)

            self._resolver.route(rule, method=operation.method)(serve)
            return handle

        return register

    def handler(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """The Lambda entry."""
        logger.append_keys(function_request_id=context.aws_request_id)
        return self._resolver.resolve(event, context)


def require_media_type(headers: Mapping[str, str], allowed: set[str]) -> str:
    """Return the media type; raise UnsupportedMediaTypeError unless it is UTF-8 and allowed."""
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    if media_type.strip() not in allowed or charset not in {"", "charset=utf-8"}:
        raise UnsupportedMediaTypeError(f"Send {' or '.join(sorted(allowed))}.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("Send the body without content encoding.")
    return media_type.strip()


def _request(event: Mapping[str, Any]) -> Request:
    body = (event.get("body") or "").encode("utf-8", "surrogatepass")
    context = event.get("requestContext", {})
    claims = context.get("authorizer", {}).get("jwt", {}).get("claims", {})
    return Request(
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        path_parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body,
        subject=f"{claims.get('iss', '')}\n{claims.get('sub', '')}",
        path=event.get("rawPath", ""),
        request_id=context.get("requestId", ""),
        domain=context.get("domainName", ""),
    )


def _serve(handle: Callable[[Request], Answer], request: Request) -> GatewayResponse[str | bytes]:
    try:
        response = _response(handle(request), request)
    except CarbonAccountError as error:
        logger.info("refused", extra={"code": error.code, "request_id": request.request_id})
        count({_pascal(error.code): 1})
        if status_of(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("unexpected refusal")
        response = _problem_response(error, request.request_id)
    except Exception:  # noqa: BLE001 - logged whole, and answered
        # The last resort of an entry point: the caller gets a problem, the log gets the reason.
        logger.exception("failed", extra={"request_id": request.request_id})
        response = GatewayResponse(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            PROBLEM_TYPE,
            json.dumps(internal_problem(request.request_id)),
        )
    else:
        logger.info("served", extra={"request_id": request.request_id})
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _response(answer: Answer, request: Request) -> GatewayResponse[str | bytes]:
    body = _body(answer)
    headers: dict[str, str | list[str]] = dict(answer.headers)
    is_long_text = isinstance(body, str) and len(body) >= PACKED_CHARACTERS_MIN
    is_packed = answer.cache_s > 0 and is_long_text
    if answer.cache_s:
        raw = body.encode() if isinstance(body, str) else body
        # A weak one: the same content, packed or not.
        etag = f'W/"{hashlib.sha256(raw).hexdigest()[:32]}"'
        lasting = ", immutable" if answer.is_immutable else ""
        headers |= {"Cache-Control": f"public, max-age={answer.cache_s}{lasting}", "ETag": etag}
        if is_packed:
            headers["Vary"] = "Accept-Encoding"
        if etag in request.headers.get("if-none-match", ""):
            return GatewayResponse(HTTPStatus.NOT_MODIFIED, None, "", headers)
    return GatewayResponse(answer.status, answer.media_type, body, headers, compress=is_packed)


def _body(answer: Answer) -> str | bytes:
    """Return text as text; what has no text, such as a picture, goes out in base64."""
    body = answer.body
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True, exclude_none=True)
    if isinstance(body, bytes) and _TEXT_TYPE.match(answer.media_type):
        return body.decode()
    return body or ""


def _problem_response(error: CarbonAccountError, request_id: str) -> GatewayResponse[str | bytes]:
    status = status_of(error)
    headers: dict[str, str | list[str]] = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    body = json.dumps(problem(error, request_id), ensure_ascii=False)
    return GatewayResponse(status, PROBLEM_TYPE, body, headers)


def _validated(model: type[BaseModel], value: object, prefix: str) -> BaseModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        pointers = tuple(
            (prefix + "".join(f"/{part}" for part in each["loc"]), each["msg"])
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise InvalidRequestError(pointers=pointers) from error


def _pascal(code: str) -> str:
    return "".join(part.title() for part in code.split("_"))
