"""Opaque cursors: a place in a list, bound to the account and filter that it was given for.

A cursor carries no authority, only a place: the account always comes from the caller's token.
The binding turns a cursor of another account, filter or hand into a clear error.
"""

import base64
import binascii
import hashlib

from shared.application.ports import StatementFilter
from shared.domain.canonical import digest
from shared.domain.errors import InvalidCursorError
from shared.domain.instants import format_instant

CURSOR_LENGTH_MAX = 400
_TAG_BYTES = 12


def binding(account_id: str, wanted: StatementFilter) -> str:
    """Return the digest of what a cursor is bound to."""
    instants = (wanted.occurred_from, wanted.occurred_until, wanted.as_of)
    return digest(
        [
            account_id,
            [format_instant(instant) if instant else None for instant in instants],
            wanted.scenario,
            wanted.partner,
        ]
    )


def encode(key: str, bound_to: str) -> str:
    """Return the cursor of a list's place."""
    return base64.urlsafe_b64encode(_tag(key, bound_to) + key.encode()).decode().rstrip("=")


def decode(cursor: str, bound_to: str) -> str:
    """Return the place; raise InvalidCursorError unless it was encoded under the same binding."""
    if len(cursor) > CURSOR_LENGTH_MAX or not cursor.isascii():
        raise InvalidCursorError
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = raw[_TAG_BYTES:].decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidCursorError from error
    if not key or raw[:_TAG_BYTES] != _tag(key, bound_to):
        raise InvalidCursorError
    return key


def _tag(key: str, bound_to: str) -> bytes:
    return hashlib.sha256(f"{bound_to}\n{key}".encode()).digest()[:_TAG_BYTES]
