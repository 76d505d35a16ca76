"""Identifiers that follow from what they stand for: the same request names the same thing."""

import base64
import hashlib
from datetime import datetime

from shared.domain.canonical import canonical_json

_BYTES = 16
# The digits of base 32 in the order of the characters themselves.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_TIME_DIGITS, _OWN_DIGITS = 9, 17


def derived_id(prefix: str, *parts: str) -> str:
    """Return the prefix and 26 lower-case letters or digits: 128 bits that hang on the parts."""
    digest = hashlib.sha256(canonical_json([prefix, *parts])).digest()[:_BYTES]
    return prefix + base64.b32encode(digest).decode().rstrip("=").lower()


def ordered_id(prefix: str, at: datetime, *parts: str) -> str:
    """Return the prefix and 26 lower-case letters or digits that sort by the instant.

    Nine digits are the milliseconds since 1970; 85 bits hang on the parts.
    """
    digest = hashlib.sha256(canonical_json([prefix, *parts])).digest()
    milliseconds = round(at.timestamp() * 1000)
    return (
        prefix
        + _digits(milliseconds, _TIME_DIGITS)
        + _digits(int.from_bytes(digest, "big"), _OWN_DIGITS)
    )


def _digits(number: int, count: int) -> str:
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(count)))
