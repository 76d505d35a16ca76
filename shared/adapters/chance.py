"""Where randomness comes from: ids, salts, and waits that no two contenders share."""

import base64
import random
import secrets
import time

from shared.domain.gift_code import ENTROPY_BYTES

PAUSE_S_MIN = 0.02
PAUSE_S_MAX = 0.5


def new_account_id() -> str:
    """Return a fresh id of 128 random bits: `a` and 26 lower-case letters or digits."""
    return "a" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def new_invitation_code() -> str:
    """Return a code of 128 random bits: 26 lower-case letters or digits."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def new_share_token() -> str:
    """Return a token of 128 random bits: 26 lower-case letters or digits."""
    return new_invitation_code()


def new_salt() -> str:
    """Return 128 random bits in hex."""
    return secrets.token_hex(16)


def new_gift_code_entropy() -> bytes:
    """Return the random bytes that a gift code is made of."""
    return secrets.token_bytes(ENTROPY_BYTES)


def pause(attempt: int) -> None:
    """Sleep for a random part of a time that doubles with each attempt."""
    time.sleep(random.uniform(0, min(PAUSE_S_MAX, PAUSE_S_MIN * 2**attempt)))  # noqa: S311 - jitter
