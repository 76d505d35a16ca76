"""Standard Webhooks signatures, by a strict grammar: anything that is not exactly one is refused.

The signed content is `<id>.<timestamp>.<payload>`; the key is 24 to 64 bytes; only `v1`
(HMAC-SHA256) is taken. Several signatures may stand in the header while a key is being rotated.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.errors import SignatureRefusedError

TOLERANCE_S = 300
SIGNATURES_MAX = 5
KEY_BYTES_MIN = 24
KEY_BYTES_MAX = 64
SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's prefix, not a secret

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{10}", re.ASCII)
_SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)", re.ASCII)


def decode_secret(secret: str) -> bytes:
    """Return the key in `whsec_<base64>`; raise ValueError for anything weaker or malformed."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"A signing secret begins with {SECRET_PREFIX}.")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A signing secret is base64.") from error
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(f"A signing key has {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes.")
    return key


def sign(key: bytes, webhook_id: str, timestamp_s: int, payload: bytes) -> str:
    """Return the `v1,<base64>` signature of a payload."""
    content = f"{webhook_id}.{timestamp_s}.".encode() + payload
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def verify_signature(
    headers: Mapping[str, str], payload: bytes, keys: Sequence[bytes], now: datetime
) -> None:
    """Raise SignatureRefusedError unless a key signed exactly this, at most TOLERANCE_S ago.

    `headers` have lower-case names. A token in the signature header that is not a signature is
    passed over, so that a sender may add schemes that are not known here.
    """
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    tokens = [token for token in headers.get("webhook-signature", "").split(" ") if token]
    if _ID.fullmatch(webhook_id) is None or _TIMESTAMP.fullmatch(timestamp) is None:
        raise SignatureRefusedError
    if not 1 <= len(tokens) <= SIGNATURES_MAX:
        raise SignatureRefusedError
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise SignatureRefusedError
    given = [token for token in tokens if _SIGNATURE.fullmatch(token)]
    expected = [sign(key, webhook_id, int(timestamp), payload) for key in keys]
    # Every pair is compared, so that the time taken does not tell which key was nearly right.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(matches):
        raise SignatureRefusedError
