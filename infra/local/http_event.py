"""HTTP requests as Lambda events (payload format 2.0), and Lambda's answers as HTTP responses."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local.authorizer import Passed
from infra.local.aws import ACCOUNT_ID
from infra.local.routes import Route

API_ID = "local"
STAGE = "$default"

# The media types that an HTTP API passes on as text, as MiniStack's authors measured them on AWS;
# any other body, or one without a type, comes in base64.
TEXT_TYPES = {"application/json", "application/xml", "application/javascript"}

STATUS_MIN, STATUS_MAX = 100, 599


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `path` still percent-encoded, headers in their order."""

    request_id: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    at: datetime

    def joined_headers(self) -> dict[str, str]:
        """Return the headers in lower case, repeated ones joined by commas, without cookies."""
        return _joined(
            (name.lower(), value) for name, value in self.headers if name.lower() != "cookie"
        )

    def joined_query(self) -> dict[str, str]:
        return _joined(parse_qsl(self.query, keep_blank_values=True))

    def cookies(self) -> list[str]:
        return [
            cookie.strip()
            for name, value in self.headers
            if name.lower() == "cookie"
            for cookie in value.split(";")
            if cookie.strip()
        ]


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def message(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """Return an answer of the gateway itself, as API Gateway words it."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Response(status, (("Content-Type", "application/json"), *headers), body)


NOT_FOUND = message(404, "Not Found")
TOO_LARGE = message(413, "Request Entity Too Large")
TOO_MANY = message(429, "Too Many Requests")
INTERNAL_ERROR = message(500, "Internal Server Error")
UNAVAILABLE = message(503, "Service Unavailable")


def refusal(status: int, www_authenticate: str) -> Response:
    """Return the answer to a request that the authorizer refused (401 or 403)."""
    text = "Unauthorized" if status == 401 else "Forbidden"  # noqa: PLR2004
    return message(status, text, ("WWW-Authenticate", www_authenticate))


def build_event(
    request: Request, route: Route, parameters: Mapping[str, str], passed: Passed | None
) -> dict[str, Any]:
    """Return the event; keys that have nothing to say are left out, as API Gateway does."""
    headers = request.joined_headers()
    # An HTTP API decodes the path, and what looks like a query after that is lost.
    path = unquote(request.path).partition("?")[0]
    host = headers.get("host", "")
    context: dict[str, Any] = {
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request.request_id,
        "routeKey": route.key,
        "stage": STAGE,
        "time": request.at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(request.at.timestamp() * 1000),
    }
    if passed is not None:
        context["authorizer"] = {"jwt": {"claims": passed.claims, "scopes": passed.scopes}}
    body, is_base64 = _body(request.body, headers.get("content-type", ""))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": is_base64,
    }
    optional = {
        "cookies": request.cookies(),
        "queryStringParameters": request.joined_query(),
        "pathParameters": dict(parameters),
        "body": body,
    }
    return event | {name: value for name, value in optional.items() if value}


def to_response(payload: Any) -> Response:
    """Return what API Gateway makes of a function's answer; 500 if that is not a response."""
    if not isinstance(payload, dict) or "statusCode" not in payload:
        # Format 2.0 infers the rest from a bare answer.
        body = payload if isinstance(payload, str) else json.dumps(payload)
        return Response(200, (("Content-Type", "application/json"),), body.encode())
    try:
        status = int(payload["statusCode"])
        body = payload.get("body") or ""
        content = base64.b64decode(body) if payload.get("isBase64Encoded") else body.encode()
        headers = [
            (str(name), str(value)) for name, value in (payload.get("headers") or {}).items()
        ]
        headers += [("Set-Cookie", str(cookie)) for cookie in payload.get("cookies") or []]
    except (AttributeError, TypeError, ValueError, binascii.Error):
        return INTERNAL_ERROR
    if not STATUS_MIN <= status <= STATUS_MAX:
        return INTERNAL_ERROR
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain;charset=UTF-8"))
    return Response(status, tuple(headers), content)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, content_type: str) -> tuple[str | None, bool]:
    if not body:
        return None, False
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # not the text it says it is
    return base64.b64encode(body).decode(), True
