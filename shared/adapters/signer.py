"""Signatures that anybody can check: compact JWS, ES256, under a key that never leaves KMS.

KMS speaks DER, of which two short forms are read here: a crypto library would be a part of every
cold start. The tests check what comes out with libraries that are not ours.
"""

import base64
import hashlib
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws import client
from shared.domain.canonical import Json, canonical_json
from shared.domain.errors import BusyError

ALGORITHM = "ES256"
# A signed certificate has up to a quarter of a megabyte; most have a few kilobytes.
SIGNATURES_REMEMBERED_MAX = 64
_KMS_ALGORITHM = "ECDSA_SHA_256"
# What passes by itself. Anything else, such as a missing right or key, is our fault.
_TROUBLE = frozenset(
    {
        "DependencyTimeoutException",
        "InternalFailure",
        "KMSInternalException",
        "KeyUnavailableException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)

# SubjectPublicKeyInfo of P-256 is these bytes, 04 for an uncompressed point, and both coordinates.
_P256_INFO = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BYTES = 32
_DER_SEQUENCE, _DER_INTEGER = 0x30, 0x02
# A tag and a length.
_DER_HEAD_BYTES = 2


class KmsSigner:
    """Signs with one asymmetric KMS key; its public half is asked for once per process."""

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id
        self._key: Mapping[str, str] | None = None

    def public_key(self) -> Mapping[str, str]:
        """Return the JWK for a key set: kty, crv, x, y, and kid, use, alg. Raises BusyError."""
        jwk = self._jwk()
        return {**jwk, "alg": ALGORITHM, "kid": thumbprint(jwk), "use": "sig"}

    def sign(self, payload: bytes, typ: str) -> str:
        """Return the compact JWS of these very bytes; `typ` says what they are. Raises BusyError.

        The header carries the public key, so that the signature can be checked years later and
        offline; that the key is ours is what the published key set says.
        """
        jwk = self._jwk()
        header: Json = {"alg": ALGORITHM, "jwk": jwk, "kid": thumbprint(jwk), "typ": typ}
        signing_input = f"{_base64url(canonical_json(header))}.{_base64url(payload)}"
        kms = client("kms")
        try:
            # A digest, because KMS takes messages of at most 4 KB.
            answer = kms.sign(
                KeyId=self._key_id,
                Message=hashlib.sha256(signing_input.encode()).digest(),
                MessageType="DIGEST",
                SigningAlgorithm=_KMS_ALGORITHM,
            )
        except (BotoCoreError, ClientError) as error:
            raise kms_error(error) from error
        return f"{signing_input}.{_base64url(raw_signature(answer['Signature']))}"

    def _jwk(self) -> Mapping[str, str]:
        if self._key is None:
            kms = client("kms")
            try:
                answer = kms.get_public_key(KeyId=self._key_id)
            except (BotoCoreError, ClientError) as error:
                raise kms_error(error) from error
            self._key = jwk_of(answer["PublicKey"])
        return self._key


class RememberingSigner(KmsSigner):
    """Signs the same once per process: what anybody may ask for must not use up KMS's rate."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self._cache: dict[bytes, str] = {}

    def sign(self, payload: bytes, typ: str) -> str:
        name = hashlib.sha256(f"{typ}\n".encode() + payload).digest()
        known = self._cache.get(name)
        if known is None:
            known = super().sign(payload, typ)
            if len(self._cache) >= SIGNATURES_REMEMBERED_MAX:
                self._cache.clear()
            self._cache[name] = known
        return known


def jwk_of(info: bytes) -> dict[str, str]:
    """Return the JWK of a P-256 key in SubjectPublicKeyInfo; raise ValueError for any other key."""
    point = info.removeprefix(_P256_INFO)
    if len(info) != len(_P256_INFO) + 2 * _BYTES or len(point) != 2 * _BYTES:
        raise ValueError("The key is not an uncompressed point of P-256.")
    x, y = _base64url(point[:_BYTES]), _base64url(point[_BYTES:])
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 of the key's required members, in order of their names (RFC 7638)."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return _base64url(hashlib.sha256(canonical_json(required)).digest())


def raw_signature(der: bytes) -> bytes:
    """Return r and s as 32 bytes each, as JWS wants them; raise ValueError for other than DER."""
    numbers, rest = _take(_DER_SEQUENCE, der)
    r, numbers = _take(_DER_INTEGER, numbers)
    s, numbers = _take(_DER_INTEGER, numbers)
    if rest or numbers:
        raise ValueError("The signature holds more than two numbers.")
    return _fixed(r) + _fixed(s)


def _take(tag: int, der: bytes) -> tuple[bytes, bytes]:
    """Return the content of the first element and what follows it; no length needs two bytes."""
    head, body = der[:_DER_HEAD_BYTES], der[_DER_HEAD_BYTES:]
    if len(head) < _DER_HEAD_BYTES or head[0] != tag or len(body) < head[1]:
        raise ValueError("The signature is cut short or is not DER.")
    return body[: head[1]], body[head[1] :]


def _fixed(content: bytes) -> bytes:
    number = int.from_bytes(content, signed=True)
    if not 0 < number < _P256_ORDER or len(content) != number.bit_length() // 8 + 1:
        raise ValueError("A number of the signature is out of range or not minimal.")
    return number.to_bytes(_BYTES)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def kms_error(error: Exception) -> Exception:
    """Return BusyError where KMS is busy or out of reach; our own fault stays what it is."""
    is_ours = isinstance(error, ClientError) and error.response["Error"]["Code"] not in _TROUBLE
    return error if is_ours else BusyError("The key cannot be used now.")
