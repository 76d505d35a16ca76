"""The local issuer of users' access tokens: RSA keys, their public half as JWKS, and the tokens.

In the cloud this is the operator's identity provider. The keys lie in the state directory, so
tokens outlive a restart of the stack.
"""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from infra.local.files import read_json, write_json

# Nobody but this stack's own authorizer believes it; .localhost never leaves the machine.
ISSUER = "https://issuer.localhost"
ALGORITHM = "RS256"
KEY_BITS = 2048
PUBLIC_EXPONENT = 65537

TOKEN_LIFETIME_S = 8 * 3600


class Issuer:
    """Keys in `directory`: private ones in keys.json, newest first, public ones in jwks.json."""

    def __init__(self, directory: Path) -> None:
        self._private = directory / "keys.json"
        self.jwks_path = directory / "jwks.json"
        if read_json(self._private) is None:
            self.rotate()

    def rotate(self, *, keep_old: bool = False) -> str:
        """Sign with a new key from now on and return its id.

        The former keys are withdrawn, and with them every token they signed, unless `keep_old`.
        """
        key_id = secrets.token_hex(8)
        key = rsa.generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=KEY_BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        old = (read_json(self._private) or []) if keep_old else []
        keys = [{"kid": key_id, "pem": pem}, *old]
        write_json(self._private, keys)
        write_json(self.jwks_path, {"keys": [_public(entry) for entry in keys]})
        return key_id

    def mint(
        self,
        subject: str,
        *,
        scopes: Iterable[str],
        audience: str,
        lifetime_s: int = TOKEN_LIFETIME_S,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """Return an access token; `claims` are added, or replace the usual ones in tests."""
        newest = read_json(self._private)[0]
        issued_at = int(time.time())
        payload = {
            "iss": ISSUER,
            "sub": subject,
            "aud": audience,
            "iat": issued_at,
            "exp": issued_at + lifetime_s,
            "jti": secrets.token_hex(8),
            "scope": " ".join(scopes),
        } | dict(claims or {})
        return jwt.encode(
            payload, newest["pem"], algorithm=ALGORITHM, headers={"kid": newest["kid"]}
        )


def _public(entry: Mapping[str, str]) -> dict[str, Any]:
    private = serialization.load_pem_private_key(entry["pem"].encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("the issuer's keys are RSA keys")
    public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    return public | {"kid": entry["kid"], "use": "sig", "alg": ALGORITHM}
