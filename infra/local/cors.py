"""The CORS configuration of an HTTP API: preflight answers, and headers on all others."""

from collections.abc import Mapping
from typing import Any

from infra.local.http_event import Response

EXTENSION = "x-amazon-apigateway-cors"


class Cors:
    """From the API's OpenAPI extension; without one, no origin is told anything."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._settings: Mapping[str, Any] = body.get(EXTENSION, {})

    def preflight(self, method: str, headers: Mapping[str, str]) -> Response | None:
        """Return the answer to a preflight request, None if this is not one to answer."""
        asks = method == "OPTIONS" and "access-control-request-method" in headers
        if not asks or not self._settings:
            return None
        answer = self.headers(headers)
        if answer:
            for name, key in (
                ("Access-Control-Allow-Methods", "allowMethods"),
                ("Access-Control-Allow-Headers", "allowHeaders"),
            ):
                if self._settings.get(key):
                    answer.append((name, ",".join(self._settings[key])))
            if "maxAge" in self._settings:
                answer.append(("Access-Control-Max-Age", str(self._settings["maxAge"])))
        return Response(204, tuple(answer), b"")

    def headers(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what is added to the answer of a request with these headers."""
        origin = headers.get("origin")
        allowed = self._settings.get("allowOrigins", [])
        if origin is None or not {origin, "*"}.intersection(allowed):
            return []
        added = [("Access-Control-Allow-Origin", "*" if "*" in allowed else origin)]
        if self._settings.get("allowCredentials"):
            added.append(("Access-Control-Allow-Credentials", "true"))
        if self._settings.get("exposeHeaders"):
            added.append(
                ("Access-Control-Expose-Headers", ",".join(self._settings["exposeHeaders"]))
            )
        return added
