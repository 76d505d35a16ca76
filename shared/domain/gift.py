"""Gifts: points or reductions that one account gives to another, booked on both sides at once.

What is given keeps what it is: reductions their range, grades and label, points their last day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.errors import GiftLimitReachedError
from shared.domain.instants import format_instant, ledger_day
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving, require_no_debt
from shared.domain.points import NO_CHANGE, PointsChange

# Of one account and ledger day. They leave room for what friends do, and none for a market.
GIFTS_PER_DAY_MAX = 10
POINTS_PER_DAY_MAX = 2_000
MG_PER_DAY_MAX = 200_000_000


class GiftDirection(StrEnum):
    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class GiftAmount:
    """What is to be given: points, or milligrams of CO2e, and never both."""

    points: int = 0
    reduction_mg: int = 0

    def __post_init__(self) -> None:
        if min(self.points, self.reduction_mg) != 0 or max(self.points, self.reduction_mg) <= 0:
            raise ValueError("A gift is of points or of reductions.")


@dataclass(frozen=True, slots=True)
class Gift:
    """One side of a gift, in its account's list; of the other side it says nothing."""

    KIND: ClassVar[str] = "gift"

    account_id: str
    gift_id: str
    direction: GiftDirection
    given_at: datetime
    points: int = 0
    reduction: Sum = NOTHING
    version: int = 1

    @classmethod
    def of(cls, movement: Movement) -> "Gift":
        """Return the gift that a movement is one side of."""
        is_sent = movement.kind is MovementKind.GIFT_SENT
        points = movement.points.amount - movement.points.debt
        return cls(
            account_id=movement.account_id,
            gift_id=movement.about,
            direction=GiftDirection.SENT if is_sent else GiftDirection.RECEIVED,
            given_at=movement.booked_at,
            points=abs(points),
            reduction=movement.backing,
        )

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return f"{format_instant(self.given_at)}#{self.gift_id}#{self.direction}"

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class GiftAllowance:
    """What an account gave on its last day of giving, in UTC+8, for the limits of a day."""

    KIND: ClassVar[str] = "gift_allowance"
    NAME: ClassVar[str] = "given"

    account_id: str
    day: date
    count: int = 0
    points: int = 0
    reduction_mg: int = 0
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

    def with_gift(self, wanted: GiftAmount, day: date) -> "GiftAllowance":
        """Return the day's sums with one more gift; raise GiftLimitReachedError."""
        sums = self if day == self.day else GiftAllowance(self.account_id, day)
        after = replace(
            sums,
            count=sums.count + 1,
            points=sums.points + wanted.points,
            reduction_mg=sums.reduction_mg + wanted.reduction_mg,
            version=self.version + 1,
        )
        limits = (GIFTS_PER_DAY_MAX, POINTS_PER_DAY_MAX, MG_PER_DAY_MAX)
        given = (after.count, after.points, after.reduction_mg)
        if any(amount > limit for amount, limit in zip(given, limits, strict=True)):
            raise GiftLimitReachedError
        return after


def sent_key(gift_id: str) -> str:
    """Return the key of the giver's line."""
    return f"gift#{gift_id}#sent"


def received_key(gift_id: str) -> str:
    """Return the key of the receiver's line."""
    return f"gift#{gift_id}#received"


def give(
    giver: Account,
    wanted: GiftAmount,
    *,
    gift_id: str,
    backing: Sum,
    payload_digest: str,
    now: datetime,
) -> tuple[Moving, Movement]:
    """Book what leaves the giver; `backing` is what the reductions are made of.

    Raises AccountInDebtError, InsufficientReductionsError or InsufficientPointsError.
    """
    require_no_debt(giver)
    moving = Moving.begin(giver, now)
    moving.spend(wanted.reduction_mg)
    today = ledger_day(moving.now)
    points = moving.account.points.spending(wanted.points, today) if wanted.points else NO_CHANGE
    assert backing.reduction_mg == wanted.reduction_mg
    sent = moving.move(
        MovementKind.GIFT_SENT,
        key=sent_key(gift_id),
        about=gift_id,
        payload_digest=payload_digest,
        reduction_mg=-wanted.reduction_mg,
        points=points,
        backing=backing,
    )
    return moving, sent


def receive(receiver: Account, sent: Movement, now: datetime) -> tuple[Moving, Movement]:
    """Book the same as it comes to the receiver, whose debt it pays first."""
    moving = Moving.begin(receiver, now)
    given = {last: -amount for last, amount in sent.points.available.items()}
    points: PointsChange = moving.account.points.receiving(given) if given else NO_CHANGE
    received = moving.move(
        MovementKind.GIFT_RECEIVED,
        key=received_key(sent.about),
        about=sent.about,
        payload_digest=sent.payload_digest,
        reduction_mg=-sent.reduction_mg,
        points=points,
        backing=sent.backing,
    )
    return moving, received
