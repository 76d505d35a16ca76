"""The routes of an HTTP API, from its OpenAPI body, and which of them a request takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from infra.local.errors import DeployError

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
DEFAULT = "$default"
PUBLIC = "NONE"

# The longest that an HTTP API waits, and what it waits if nothing else is said.
TIMEOUT_S_MAX = 30.0

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD}


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `function` is a logical id, `authorizer` None for a public route."""

    key: str
    method: str | None
    segments: tuple[str, ...]
    function: str
    authorizer: str | None
    scopes: tuple[str, ...]
    timeout_s: float

    def match(self, method: str, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Return the path parameters, decoded, or None if the request is not for this route."""
        if self.method not in {None, method}:
            return None
        if self.key == DEFAULT:
            return {}
        return _match_path(self.segments, segments)

    @property
    def rank(self) -> tuple[bool, bool, list[bool], bool]:
        """Most specific first: full paths before greedy ones, text before parameters."""
        return (
            self.key == DEFAULT,
            _is_greedy(self.segments),
            [segment.startswith("{") for segment in self.segments],
            self.method is None,
        )


class RouteTable:
    def __init__(self, body: Mapping[str, Any]) -> None:
        self.routes = sorted(_routes(body), key=lambda route: route.rank)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and its path parameters; `path` is as it came, percent-encoded."""
        segments = tuple(path.split("/")[1:])
        for route in self.routes:
            parameters = route.match(method, segments)
            if parameters is not None:
                return route, parameters
        return None


def _match_path(wanted: tuple[str, ...], given: tuple[str, ...]) -> dict[str, str] | None:
    if _is_greedy(wanted):
        head = len(wanted) - 1
        given = (*given[:head], "/".join(given[head:]))
    if len(given) != len(wanted):
        return None
    parameters: dict[str, str] = {}
    for want, text in zip(wanted, given, strict=True):
        if want.startswith("{") and text:
            parameters[want.strip("{+}")] = unquote(text)
        elif want != unquote(text):
            return None
    return parameters


def _is_greedy(segments: tuple[str, ...]) -> bool:
    return bool(segments) and segments[-1].endswith("+}")


def _routes(body: Mapping[str, Any]) -> Iterator[Route]:
    for path, operations in body.get("paths", {}).items():
        for name, operation in operations.items():
            if name not in METHODS:
                continue
            method = None if name == ANY_METHOD else name.upper()
            authorizer, scopes = _security(operation)
            integration = operation[INTEGRATION]
            if integration.get("payloadFormatVersion") != "2.0":
                raise DeployError(f"{name} {path}: only payload format 2.0 runs locally.")
            yield Route(
                key=DEFAULT if path == "/$default" else f"{method or 'ANY'} {path}",
                method=method,
                segments=tuple(path.split("/")[1:]),
                function=_function(integration["uri"]),
                authorizer=authorizer,
                scopes=scopes,
                timeout_s=min(
                    TIMEOUT_S_MAX, float(integration.get("timeoutInMillis", 30_000)) / 1000
                ),
            )


def _security(operation: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    for requirement in operation.get("security", []):
        for name, scopes in requirement.items():
            if name != PUBLIC:
                return name, tuple(scopes)
    return None, ()


def _function(uri: Any) -> str:
    match uri:
        case {"Fn::Sub": str(text)} if ".Arn}" in text:
            return text.rpartition(".Arn}")[0].rpartition("${")[2]
        case _:
            raise DeployError("Only Lambda integrations of the template itself run locally.")
