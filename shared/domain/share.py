"""Share cards: a sum of one's reductions, as it was, that anybody with the link can see.

Whoever sees one learns the sum and a nickname, and nothing that leads to the account.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.consent import PLATFORM, SHARE_CARD, ConsentKey
from shared.domain.content_check import checked_text
from shared.domain.errors import (
    InvalidRequestError,
    ShareEndedError,
    ShareNotFoundError,
    TooManySharesError,
)
from shared.domain.instants import YEARS
from shared.domain.lettering import is_drawable
from shared.domain.measurement import Sum

CONSENT = ConsentKey(SHARE_CARD, PLATFORM)
LIFETIME = timedelta(days=90)
# Those that were revoked count too, until they would have expired: a repeated request finds them.
SHARES_MAX = 50
NICKNAME_LENGTH_MAX = 24
EVERYTHING = "all"
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
_DECEMBER = 12


class ShareStyle(StrEnum):
    """The colours of a card."""

    LEAF = "leaf"
    SKY = "sky"
    INK = "ink"


class ShareState(StrEnum):
    """A share card is shown until it expires, or until its owner revokes it."""

    SHOWN = "shown"
    EXPIRED = "expired"
    REVOKED = "revoked"


TRANSITIONS: Mapping[ShareState, frozenset[ShareState]] = {
    ShareState.SHOWN: frozenset({ShareState.EXPIRED, ShareState.REVOKED}),
    ShareState.EXPIRED: frozenset(),
    ShareState.REVOKED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Share:
    """One card. `period` is a month, a year or EVERYTHING; `reduction` is what it came to."""

    share_id: str
    token: str
    period: str
    style: ShareStyle
    language: str
    nickname: str | None
    reduction: Sum
    created_at: datetime
    expires_at: datetime
    request_digest: str
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> ShareState:
        if self.revoked_at is not None:
            return ShareState.REVOKED
        return ShareState.SHOWN if now < self.expires_at else ShareState.EXPIRED

    def revoked(self, now: datetime) -> "Share":
        """Return the card as it is after it was revoked; one that has ended stays as it is."""
        if ShareState.REVOKED not in TRANSITIONS[self.state(now)]:
            return self
        return replace(self, revoked_at=now)


@dataclass(frozen=True, slots=True)
class Shares:
    """An account's cards, oldest first; what has expired goes when the next one is made."""

    KIND: ClassVar[str] = "shares"
    NAME: ClassVar[str] = "cards"

    account_id: str
    shares: tuple[Share, ...] = ()
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

    def find(self, share_id: str) -> Share | None:
        return next((each for each in self.shares if each.share_id == share_id), None)

    def with_new(self, share: Share, now: datetime) -> "Shares":
        """Return the cards with one more, without expired ones. Raises TooManySharesError."""
        kept = [each for each in self.shares if now < each.expires_at]
        if len(kept) >= SHARES_MAX:
            raise TooManySharesError
        return replace(self, shares=(*kept, share), version=self.version + 1)

    def with_revoked(self, share_id: str, now: datetime) -> "Shares":
        """Return the cards after this one was revoked; itself if that changes nothing.

        Raises ShareNotFoundError.
        """
        before = self.find(share_id)
        if before is None:
            raise ShareNotFoundError
        after = before.revoked(now)
        if after == before:
            return self
        shares = tuple(after if each == before else each for each in self.shares)
        return replace(self, shares=shares, version=self.version + 1)

    def forgotten(self) -> "Shares":
        """Return none of the cards, where nobody can see or list one any more."""
        return replace(self, shares=(), version=self.version + 1)


@dataclass(frozen=True, slots=True)
class ShareHolder:
    """Whose card it is, by the card's token; it outlives the card and says no more."""

    KIND: ClassVar[str] = "share"
    NAME: ClassVar[str] = "holder"

    token: str
    account_id: str
    share_id: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None


def require_shown(share: Share, account: Account, now: datetime) -> Share:
    """Return the card while it may be seen; raise ShareEndedError.

    It ends with the consent under which it was made, and a new consent never reaches back.
    """
    consent = account.consents.get(CONSENT)
    is_allowed = account.is_open and consent is not None and consent.since <= share.created_at
    if not is_allowed or share.state(now) is not ShareState.SHOWN:
        raise ShareEndedError
    return share


def is_shown(share: Share, account: Account, now: datetime) -> bool:
    """Tell whether anybody with the link sees the card."""
    try:
        require_shown(share, account, now)
    except ShareEndedError:
        return False
    return True


def checked_nickname(text: str) -> str:
    """Return a nickname as it stands on a card; raise InvalidRequestError.

    One that the fonts of the picture lack a character of is refused, such as an emoji: with a gap
    in it, it would not be the name that was given.
    """
    nickname = checked_text(text, pointer="/nickname", characters_max=NICKNAME_LENGTH_MAX)
    if not all(map(is_drawable, nickname)):
        raise InvalidRequestError(
            "The card's picture cannot show this name.",
            pointers=(("/nickname", "has an emoji or a rare character"),),
        )
    return nickname


def days_of(period: str) -> tuple[date, date] | None:
    """Return the first and last day of a month or year, None for EVERYTHING.

    Raises InvalidRequestError for anything else.
    """
    if period == EVERYTHING:
        return None
    match = _PERIOD.fullmatch(period)
    if match is None or int(match[1]) not in YEARS:
        raise InvalidRequestError(
            "A period is a month, a year or everything.",
            pointers=(("/period", "is not YYYY-MM, YYYY or all"),),
        )
    year = int(match[1])
    first = int(match[2] or 1)
    last = int(match[2] or _DECEMBER)
    next_month = date(year + last // _DECEMBER, last % _DECEMBER + 1, 1)
    return date(year, first, 1), next_month - timedelta(days=1)


def newest_first(shares: Sequence[Share]) -> Sequence[Share]:
    return sorted(shares, key=lambda each: (each.created_at, each.share_id), reverse=True)
