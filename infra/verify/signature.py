"""A compact JWS: taken apart, and checked with the public key that it carries."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import InvalidKeyError

from shared.domain.canonical import canonical_json
from shared.domain.errors import CarbonAccountError
from shared.domain.receipt import RECEIPT_TYPE
from shared.runtime.strict_json import read_json

ALGORITHM = "ES256"
PARTS = 3
SIGNATURE_BYTES = 64
SIZE_MAX_BYTES = 1_000_000

_es256 = ECAlgorithm(ECAlgorithm.SHA256, SECP256R1)
_KEY_MEMBERS = ("crv", "kty", "x", "y")


class UnreadableError(Exception):
    """This is not what it should be; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A well-formed JWS; `signed` is what the signature covers: header and payload as sent."""

    kid: str
    jwk: Mapping[str, str]
    payload: bytes
    signature: bytes
    signed: bytes

    @property
    def is_signed(self) -> bool:
        """Whether the key in the header signed the payload."""
        try:
            key = ECAlgorithm.from_jwk(dict(self.jwk))
        except (InvalidKeyError, ValueError):
            return False
        return _es256.verify(self.signed, key, self.signature)


def read_jws(text: str, typ: str = RECEIPT_TYPE) -> Jws:
    """Return the signature of a receipt, or of what `typ` says, in its parts.

    Raises UnreadableError where it is not one.
    """
    parts = text.split(".")
    if len(parts) != PARTS:
        raise UnreadableError(f"A compact JWS has three parts, this has {len(parts)}.")
    head, payload, signature = (_from_base64url(part) for part in parts)
    header = read_object(head)
    if header.get("alg") != ALGORITHM:
        raise UnreadableError(f'The algorithm is not "{ALGORITHM}".')
    if header.get("typ") != typ:
        raise UnreadableError(f'The type is not "{typ}".')
    if "crit" in header:
        raise UnreadableError("The header asks for extensions that receipts do not have.")
    jwk, kid = header.get("jwk"), header.get("kid")
    if not isinstance(jwk, dict) or not isinstance(kid, str):
        raise UnreadableError("The header names no key.")
    members = {name: jwk.get(name) for name in _KEY_MEMBERS}
    if (members["kty"], members["crv"]) != ("EC", "P-256") or not all(
        isinstance(each, str) for each in members.values()
    ):
        raise UnreadableError("The header's key is not one on P-256.")
    if len(signature) != SIGNATURE_BYTES:
        raise UnreadableError(
            f"The signature has {len(signature)} bytes instead of {SIGNATURE_BYTES}."
        )
    signed = f"{parts[0]}.{parts[1]}".encode()
    return Jws(kid, {k: str(v) for k, v in members.items()}, payload, signature, signed)


def read_keys(content: bytes) -> tuple[Mapping[str, Any], ...]:
    """Return the keys of a JWK set; raise UnreadableError for anything else."""
    keys = read_object(content).get("keys")
    if not isinstance(keys, list) or not all(isinstance(each, dict) for each in keys):
        raise UnreadableError('A JWK set has a list of "keys".')
    return tuple(keys)


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return a P-256 key's name by its content (RFC 7638)."""
    required = {name: jwk[name] for name in _KEY_MEMBERS}
    return _base64url(hashlib.sha256(canonical_json(required)).digest())


def key_problem(jws: Jws, keys: tuple[Mapping[str, Any], ...] | None) -> str | None:
    """Return what is wrong with the signing key; without keys, only its name can be."""
    name = thumbprint(jws.jwk)
    if jws.kid != name:
        return f'The key is named "{jws.kid}", but its thumbprint is "{name}".'
    if keys is None:
        return None
    published = next((each for each in keys if each.get("kid") == jws.kid), None)
    if published is None:
        return f"The key {jws.kid} is not in the key set."
    if any(published.get(name) != jws.jwk[name] for name in _KEY_MEMBERS):
        return f"The key set has another key under the name {jws.kid}."
    return None


def read_object(content: bytes) -> dict[str, Any]:
    """Return a JSON object whose numbers are whole; raise UnreadableError for anything else."""
    try:
        value = read_json(content, size_max=SIZE_MAX_BYTES)
        canonical_json(value)
    except CarbonAccountError as error:
        raise UnreadableError(f"It cannot be read: {error.detail}") from error
    except TypeError as error:
        raise UnreadableError("It has a number that is not whole.") from error
    if not isinstance(value, dict):
        raise UnreadableError("It is not a JSON object.")
    return value


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    """Read unpadded base64url in its one form: the bits that stand for nothing are zero."""
    try:
        if re.fullmatch(r"[A-Za-z0-9_-]*", text):
            value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            if _base64url(value) == text:
                return value
    except binascii.Error:
        pass
    raise UnreadableError("The JWS is not in base64url.")
