"""Gift codes: what a receiver hands out so that somebody can give to an account without knowing it.

A code is eleven random characters of Crockford's base 32 and one that checks them. It is good for
one gift, and for some days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from shared.domain.errors import GiftCodeRefusedError, TooManyGiftCodesError
from shared.domain.instants import ledger_day

LIFETIME = timedelta(days=7)
LIVE_CODES_MAX = 5
CODES_PER_DAY_MAX = 20
# 55 bits: who tries a thousand a second for a year finds one of a million codes or none.
CODE_LENGTH = 12
ENTROPY_BYTES = 7
# A code as people type it: with hyphens and blanks.
TYPED_LENGTH_MAX = 24
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(_ALPHABET)
# What is read for what it looks like; the alphabet has none of them.
_READ_AS = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class GiftCode:
    """One code that was not used yet."""

    code: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GiftCodes:
    """An account's codes that were not used yet, and how many it made on `day`, in UTC+8."""

    KIND: ClassVar[str] = "gift_codes"
    NAME: ClassVar[str] = "codes"

    account_id: str
    day: date
    made: int = 0
    codes: tuple[GiftCode, ...] = ()
    version: int = 0

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None

    def live(self, now: datetime) -> Sequence[GiftCode]:
        return [each for each in self.codes if now < each.expires_at]

    def find(self, code: str, now: datetime) -> GiftCode | None:
        """Return the code if a gift can still be sent with it."""
        return next((each for each in self.live(now) if each.code == code), None)

    def with_new(self, code: str, now: datetime) -> "GiftCodes":
        """Return the codes with one more, without expired ones. Raises TooManyGiftCodesError."""
        today = ledger_day(now)
        made = self.made if today == self.day else 0
        live = self.live(now)
        if len(live) >= LIVE_CODES_MAX or made >= CODES_PER_DAY_MAX:
            raise TooManyGiftCodesError
        codes = (*live, GiftCode(code, now, now + LIFETIME))
        return replace(self, day=today, made=made + 1, codes=codes, version=self.version + 1)

    def without(self, code: str) -> "GiftCodes":
        """Return the codes after this one was used or withdrawn."""
        codes = tuple(each for each in self.codes if each.code != code)
        return replace(self, codes=codes, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class GiftCodeHolder:
    """Whose code it is, by the code's keyed hash; it outlives the code and says no more."""

    KIND: ClassVar[str] = "gift_code"
    NAME: ClassVar[str] = "holder"

    code_hash: str
    account_id: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.code_hash

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None


def new_code(entropy: bytes) -> str:
    """Return the code of ENTROPY_BYTES random bytes."""
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"A code is made of {ENTROPY_BYTES} bytes.")
    number = int.from_bytes(entropy)
    characters = ""
    for _ in range(CODE_LENGTH - 1):
        number, digit = divmod(number, _BASE)
        characters += _ALPHABET[digit]
    return characters + _check_character(characters)


def read_code(typed: str) -> str:
    """Return the code as it is kept; raise GiftCodeRefusedError where it cannot be one."""
    code = typed.upper().translate(_READ_AS)
    if (
        len(typed) > TYPED_LENGTH_MAX
        or len(code) != CODE_LENGTH
        or set(code) - set(_ALPHABET)
        or code[-1] != _check_character(code[:-1])
    ):
        raise GiftCodeRefusedError
    return code


def shown(code: str) -> str:
    """Return the code as a person reads it: in three groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def _check_character(characters: str) -> str:
    """Return Luhn's check modulo 32: one wrong character is found, and most exchanged ones."""
    total = 0
    for place, character in enumerate(reversed(characters)):
        value = _ALPHABET.index(character) * (1 if place % 2 else 2)
        total += value // _BASE + value % _BASE
    return _ALPHABET[-total % _BASE]
