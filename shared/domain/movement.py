"""Movements: lines of the ledger that measure nothing, but say what became of what was measured.

A movement stands in the same chain as an account's entries. It changes what can be spent, what is
on hold, or both, of reductions and of points; what it takes away has found its fate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.domain.canonical import Json, digest
from shared.domain.entry import Entry
from shared.domain.instants import format_instant, ledger_day
from shared.domain.measurement import NOTHING, Sum
from shared.domain.points import NO_CHANGE, PointsChange


class MovementKind(StrEnum):
    """What a movement does, seen from its account."""

    HOLD = "hold"
    SETTLEMENT = "settlement"
    RELEASE = "release"
    RETIREMENT = "retirement"
    GIFT_SENT = "gift_sent"
    GIFT_RECEIVED = "gift_received"
    CONTRIBUTION = "contribution"
    BUYBACK = "buyback"
    LAPSE = "lapse"
    EARNED = "earned"
    SPLIT_SENT = "split_sent"
    SPLIT_RECEIVED = "split_received"
    SPLIT_RETURNED = "split_returned"
    SPLIT_RECOVERED = "split_recovered"


# What comes from another account, whose milligrams become a lot of this one.
ARRIVALS = frozenset(
    {
        MovementKind.GIFT_RECEIVED,
        MovementKind.SPLIT_RECEIVED,
        MovementKind.SPLIT_RECOVERED,
    }
)


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking of value as the `seq`-th line of its account.

    `key` is what caused it, and its lock: `<what>#<id>[#<step>]`. `reduction_mg` is the signed
    change of what can be spent, `held_mg` of what is on hold. `backing` is what moved reductions
    are made of, where that is known. `about` names the redemption, retirement, gift ... that it
    belongs to.
    """

    key: str
    kind: MovementKind
    account_id: str
    seq: int
    booked_at: datetime
    about: str
    payload_digest: str
    previous_hash: str
    reduction_mg: int = 0
    held_mg: int = 0
    points: PointsChange = NO_CHANGE
    backing: Sum = NOTHING

    @property
    def ledger_day(self) -> date:
        return ledger_day(self.booked_at)

    @property
    def hash(self) -> str:
        facts: dict[str, Json] = {
            "about": self.about,
            "account_id": self.account_id,
            "backing": self.backing.facts,
            "booked_at": format_instant(self.booked_at),
            "held_mg": self.held_mg,
            "key": self.key,
            "kind": self.kind.value,
            "payload_digest": self.payload_digest,
            "points": {last.isoformat(): amount for last, amount in self.points.available.items()},
            "points_debt": self.points.debt,
            "points_held": self.points.held,
            "previous_hash": self.previous_hash,
            "reduction_mg": self.reduction_mg,
            "seq": self.seq,
        }
        return digest(facts)


Line = Entry | Movement
"""What an account's ledger is made of."""


def key_of(line: Line) -> str:
    """Return the line's key, which no other line of any account has."""
    return line.key if isinstance(line, Movement) else line.cause.key


def are_complete(lines: Iterable[Line], seq: int) -> bool:
    """Tell whether the lines are all of an account's from its first to its `seq`-th."""
    return sorted(line.seq for line in lines) == list(range(1, seq + 1))
