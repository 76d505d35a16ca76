"""Identifiers that follow from what they stand for: the same request names the same thing."""

import base64
import hashlib

from shared.domain.canonical import canonical_json

_BYTES = 16


def derived_id(prefix: str, *parts: str) -> str:
    """Return the prefix and 26 lower-case letters or digits: 128 bits that hang on the parts."""
    digest = hashlib.sha256(canonical_json([prefix, *parts])).digest()[:_BYTES]
    return prefix + base64.b32encode(digest).decode().rstrip("=").lower()
