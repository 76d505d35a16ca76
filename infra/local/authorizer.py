"""The JWT authorizer of an HTTP API: who may pass a route, judged as API Gateway judges it.

Signature by the issuer's published keys, then `iss`, `aud` (or `client_id` without it), `exp`,
`nbf`, `iat`, and at least one of the route's scopes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

# API Gateway takes RSA signatures only.
ALGORITHMS = ("RS256", "RS384", "RS512")
TOKEN_CHARS_MAX = 16_384

# What hostile text raises on its way through base64, JSON and the claims' types.
NOT_A_TOKEN = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Passed:
    """Claims as the event shows them (strings), and those of the route's scopes the token has."""

    claims: dict[str, str]
    scopes: list[str] | None


@dataclass(frozen=True, slots=True)
class Refused:
    status: int
    www_authenticate: str


class PublishedKeys:
    """The issuer's JWKS, read again whenever it changes: a withdrawn key counts at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int] | None = None
        self._keys: dict[str, jwt.PyJWK] = {}

    def find(self, key_id: str) -> jwt.PyJWK | None:
        status = self._path.stat()
        version = (status.st_mtime_ns, status.st_ino)
        if version != self._version:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            keys = jwt.PyJWKSet.from_dict(document).keys
            self._keys = {key.key_id: key for key in keys if key.key_id is not None}
            self._version = version
        return self._keys.get(key_id)


class JwtAuthorizer:
    """One authorizer of the API; `identity_source` is such as `$request.header.Authorization`."""

    def __init__(
        self, *, identity_source: str, issuer: str, audiences: list[str], keys: PublishedKeys
    ) -> None:
        _, self._place, self._name = identity_source.split(".", 2)
        self._issuer = issuer
        self._audiences = set(audiences)
        self._keys = keys

    def judge(
        self, headers: Mapping[str, str], query: Mapping[str, str], scopes: list[str]
    ) -> Passed | Refused:
        """Judge a request to a route that wants one of `scopes` (none: any valid token)."""
        source = headers if self._place == "header" else query
        text = source.get(self._name.lower() if self._place == "header" else self._name, "")
        if not text:
            return Refused(401, "Bearer")
        token = text[7:].strip() if text[:7].lower() == "bearer " else text.strip()
        try:
            claims = self._verify(token)
        except NOT_A_TOKEN as error:
            return _refused(401, scopes, "invalid_token", str(error))
        granted = _scopes_of(claims)
        matching = [scope for scope in scopes if scope in granted]
        if scopes and not matching:
            return _refused(
                403, scopes, "insufficient_scope", "the token does not have a required scope"
            )
        return Passed(
            {name: _as_text(value) for name, value in claims.items() if value is not None},
            matching or None,
        )

    def _verify(self, token: str) -> dict[str, Any]:
        if len(token) > TOKEN_CHARS_MAX:
            raise jwt.DecodeError("the token is too long")
        header = jwt.get_unverified_header(token)
        key = self._keys.find(str(header.get("kid", "")))
        if key is None:
            raise jwt.InvalidKeyError("unable to find the token's key at the issuer")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=list(ALGORITHMS),
            issuer=self._issuer,
            # The audience has a rule of its own below.
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
        named = claims.get("aud", claims.get("client_id"))
        audiences = named if isinstance(named, list) else [named]
        if not any(isinstance(name, str) and name in self._audiences for name in audiences):
            raise jwt.InvalidAudienceError("the token does not have a valid audience")
        return claims


def _scopes_of(claims: Mapping[str, Any]) -> set[str]:
    granted = claims.get("scope", claims.get("scp", ""))
    return set(granted if isinstance(granted, list) else str(granted).split())


def _as_text(value: Any) -> str:
    """Write a claim as API Gateway does: lists in brackets, parted by spaces."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{' '.join(_as_text(item) for item in value)}]"
        case _:
            return json.dumps(value, separators=(",", ":"))


def _refused(status: int, scopes: list[str], error: str, description: str) -> Refused:
    # Header text: what a hostile token made the description say must stay on its line.
    plain = description.encode("ascii", "replace").decode().replace('"', "'")
    text = "".join(character for character in plain if character.isprintable())
    return Refused(
        status,
        f'Bearer scope="{" ".join(scopes)}" error="{error}" error_description="{text}"',
    )
