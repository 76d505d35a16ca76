"""Redemptions: a benefit for points or reductions, first held, then settled or given back.

A hold ends exactly once. Both ends book under the same key, so that no order of events can settle
what was released, or release what was settled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.benefit import Benefit, Price
from shared.domain.canonical import digest
from shared.domain.errors import RedemptionEndedError
from shared.domain.identifiers import derived_id
from shared.domain.instants import ledger_day
from shared.domain.lots import hold_key
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsChange, settled

# How long a supplier has; then it is asked what became of the order, and the hold ends.
HOLD_LASTS = timedelta(hours=24)
# When the schedule has to look after an order: a minute after the hold, then later each time.
FIRST_LOOK_AFTER = timedelta(minutes=1)
LOOK_AFTER_MAX = timedelta(hours=1)
_DOUBLINGS_MAX = 6
_ID = re.compile(r"r[a-z2-7]{26}", re.ASCII)


class RedemptionState(StrEnum):
    """`refused` is the supplier's word, `cancelled` the user's; `expired` is nobody's."""

    HELD = "held"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


TRANSITIONS: Mapping[RedemptionState, frozenset[RedemptionState]] = {
    RedemptionState.HELD: frozenset(
        {
            RedemptionState.SETTLED,
            RedemptionState.CANCELLED,
            RedemptionState.EXPIRED,
            RedemptionState.REFUSED,
        }
    ),
    RedemptionState.SETTLED: frozenset(),
    RedemptionState.CANCELLED: frozenset(),
    RedemptionState.EXPIRED: frozenset(),
    RedemptionState.REFUSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Redemption:
    """One unit of a benefit for one account; `texts` are the benefit's as they were redeemed.

    `points` is the hold's change, by which each point finds back to its last day. `block` is where
    the unit came from. `attempts` counts how often the supplier was told: at zero it knows of
    nothing. `look_at` is when the schedule has to see to it. `voucher` is encrypted.
    """

    KIND: ClassVar[str] = "redemption"

    redemption_id: str
    account_id: str
    benefit_id: str
    supplier: str
    texts: Mapping[str, Mapping[str, str]]
    price: Price
    points: PointsChange
    block: int
    held_at: datetime
    expires_at: datetime
    request_digest: str
    state: RedemptionState = RedemptionState.HELD
    look_at: datetime | None = None
    attempts: int = 0
    ended_at: datetime | None = None
    voucher: str | None = None
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return self.redemption_id

    @property
    def due_at(self) -> datetime | None:
        return self.look_at

    @property
    def is_held(self) -> bool:
        return self.state is RedemptionState.HELD

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def attempted(self, now: datetime) -> "Redemption":
        """Return it as it stands before its supplier is told once more.

        Raises RedemptionEndedError where there is nothing to tell it any more.
        """
        if not self.is_held:
            raise RedemptionEndedError
        wait = min(LOOK_AFTER_MAX, FIRST_LOOK_AFTER * 2 ** min(self.attempts, _DOUBLINGS_MAX))
        return replace(
            self, attempts=self.attempts + 1, look_at=now + wait, version=self.version + 1
        )

    def ended(self, state: RedemptionState, now: datetime, voucher: str | None) -> "Redemption":
        """Return it in its last state; raise RedemptionEndedError where it has one already."""
        if state not in TRANSITIONS[self.state]:
            raise RedemptionEndedError
        return replace(
            self, state=state, ended_at=now, look_at=None, voucher=voucher, version=self.version + 1
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What one step makes of a redemption and its account, and the lines that it books."""

    after: Account
    redemption: Redemption
    movements: tuple[Movement, ...]


def redemption_id_for(account_id: str, idempotency_key: str) -> str:
    return derived_id("r", "redemption", account_id, idempotency_key)


def is_redemption_id(text: str) -> bool:
    """Tell whether a redemption could be called so."""
    return _ID.fullmatch(text) is not None


def end_key(redemption_id: str) -> str:
    """Return the key of the line that ends a hold, whichever way."""
    return f"redemption#{redemption_id}#end"


def hold(
    account: Account,
    benefit: Benefit,
    *,
    redemption_id: str,
    block: int,
    request_digest: str,
    now: datetime,
) -> Step:
    """Set a benefit's price aside.

    Raises InsufficientPointsError and InsufficientReductionsError.
    """
    price = benefit.price
    moving = Moving.begin(account, now)
    moving.spend(price.reduction_mg)
    points = moving.account.points.holding(price.points, ledger_day(moving.now))
    moving.move(
        MovementKind.HOLD,
        key=hold_key(redemption_id),
        about=redemption_id,
        payload_digest=request_digest,
        reduction_mg=-price.reduction_mg,
        held_mg=price.reduction_mg,
        points=points,
    )
    redemption = Redemption(
        redemption_id=redemption_id,
        account_id=account.account_id,
        benefit_id=benefit.benefit_id,
        supplier=benefit.supplier,
        texts=benefit.texts,
        price=price,
        points=points,
        block=block,
        held_at=moving.now,
        expires_at=moving.now + HOLD_LASTS,
        request_digest=request_digest,
        look_at=moving.now + FIRST_LOOK_AFTER,
    )
    return Step(moving.after, redemption, tuple(moving.movements))


def end_hold(
    account: Account,
    redemption: Redemption,
    state: RedemptionState,
    now: datetime,
    voucher: str | None = None,
) -> Step:
    """Settle the hold, with the encrypted `voucher`, or give back what it set aside.

    What comes back after its last day lapses at once. Raises RedemptionEndedError if it has ended.
    """
    moving = Moving.begin(account, now)
    after = redemption.ended(state, moving.now, voucher)
    is_settled = state is RedemptionState.SETTLED
    reduction_mg, points = redemption.price.reduction_mg, redemption.points
    moving.move(
        MovementKind.SETTLEMENT if is_settled else MovementKind.RELEASE,
        key=end_key(redemption.redemption_id),
        about=redemption.redemption_id,
        payload_digest=digest({"redemption": redemption.redemption_id, "state": state}),
        reduction_mg=0 if is_settled else reduction_mg,
        held_mg=-reduction_mg,
        points=settled(points) if is_settled else moving.account.points.releasing(points),
    )
    moving.lapse()
    return Step(moving.after, after, tuple(moving.movements))
