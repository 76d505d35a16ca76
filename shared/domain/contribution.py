"""Contributions: reductions that an account gave to a pool, for good, and what it got for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.canonical import digest
from shared.domain.consent import CARBON_POOL, PLATFORM, ConsentKey
from shared.domain.errors import ConsentRequiredError, PoolNotOpenError
from shared.domain.instants import format_instant
from shared.domain.lots import LotPart, total_of
from shared.domain.measurement import Sum
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving, require_no_debt
from shared.domain.pool import Pool, shard_of

# What a user consents to before anything of theirs is pooled.
CONSENT = ConsentKey(CARBON_POOL, PLATFORM)
MG_MIN = 1_000
MG_MAX = 10**12
# How many lots are named one by one; the digest covers all, and the ledger's lines tell them.
LOTS_NAMED_MAX = 40


class ContributionState(StrEnum):
    """What the contributor got: nothing yet, points, or nothing since the account is closed."""

    POOLED = "pooled"
    BOUGHT_BACK = "bought_back"
    ACCOUNT_CLOSED = "account_closed"


TRANSITIONS: Mapping[ContributionState, frozenset[ContributionState]] = {
    ContributionState.POOLED: frozenset(
        {ContributionState.BOUGHT_BACK, ContributionState.ACCOUNT_CLOSED}
    ),
    ContributionState.BOUGHT_BACK: frozenset(),
    ContributionState.ACCOUNT_CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class LotShare:
    """Milligrams of one lot; `lot` is the hash of the line that added it to the account."""

    lot: str
    reduction_mg: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One contribution as it stands in its pool.

    `line` is the hash of its line in the contributor's ledger; `lots` are the first LOTS_NAMED_MAX
    that it took from, `lots_digest` covers all `lots_count`.
    """

    KIND: ClassVar[str] = "contribution"

    contribution_id: str
    pool_id: str
    account_id: str
    contributed_at: datetime
    total: Sum
    line: str
    lots: tuple[LotShare, ...]
    lots_count: int
    lots_digest: str
    state: ContributionState = ContributionState.POOLED
    points: int = 0
    settled_at: datetime | None = None
    version: int = 1

    @property
    def owner(self) -> str:
        return list_of(self.pool_id, shard_of(self.contribution_id))

    @property
    def name(self) -> str:
        return self.contribution_id

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def leaf(self) -> str:
        """What the pool's Merkle root covers."""
        return digest(
            {
                "contribution_id": self.contribution_id,
                "line": self.line,
                "lots": self.lots_digest,
                "reduction_mg": self.total.reduction_mg,
            }
        )

    def settled(self, state: ContributionState, points: int, now: datetime) -> "Contribution":
        assert state in TRANSITIONS[self.state]
        return replace(self, state=state, points=points, settled_at=now, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class ContributionNote:
    """That an account contributed: its place in the account's own list, by time."""

    KIND: ClassVar[str] = "contribution_note"

    account_id: str
    contribution_id: str
    pool_id: str
    contributed_at: datetime
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return f"{format_instant(self.contributed_at)}#{self.contribution_id}"

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """A contribution to be committed, with its account, line and place in the list."""

    moving: Moving
    line: Movement
    contribution: Contribution
    note: ContributionNote


def list_of(pool_id: str, shard: int) -> str:
    """Return the list that holds a pool's contributions of one shard."""
    return f"{pool_id}#{shard}"


def contribution_key(contribution_id: str) -> str:
    """Return the key of the line that gives reductions to a pool."""
    return f"contribution#{contribution_id}"


def buyback_key(contribution_id: str) -> str:
    """Return the key of the line that pays for them in points."""
    return f"buyback#{contribution_id}"


def contribute(
    account: Account,
    pool: Pool,
    *,
    contribution_id: str,
    reduction_mg: int,
    parts: Sequence[LotPart],
    payload_digest: str,
    now: datetime,
) -> Given:
    """Give reductions to a pool; `parts` are what they are made of.

    Raises PoolNotOpenError, ConsentRequiredError, AccountInDebtError, InsufficientReductionsError.
    """
    moving = Moving.begin(account, now)
    if not pool.takes(moving.now):
        raise PoolNotOpenError
    if CONSENT not in account.consents:
        raise ConsentRequiredError
    require_no_debt(account)
    moving.spend(reduction_mg)
    total = total_of(parts)
    assert total.reduction_mg == reduction_mg
    line = moving.move(
        MovementKind.CONTRIBUTION,
        key=contribution_key(contribution_id),
        about=pool.pool_id,
        payload_digest=payload_digest,
        reduction_mg=-reduction_mg,
        backing=total,
    )
    contribution = Contribution(
        contribution_id=contribution_id,
        pool_id=pool.pool_id,
        account_id=account.account_id,
        contributed_at=line.booked_at,
        total=total,
        line=line.hash,
        lots=tuple(LotShare(each.lot, each.reduction_mg) for each in parts[:LOTS_NAMED_MAX]),
        lots_count=len(parts),
        lots_digest=digest([[each.lot, each.reduction_mg] for each in parts]),
    )
    note = ContributionNote(
        account.account_id, contribution_id, pool.pool_id, contribution.contributed_at
    )
    return Given(moving, line, contribution, note)


def buy_back(
    account: Account, contribution: Contribution, pool: Pool, spend_by: date, now: datetime
) -> tuple[Moving, Contribution]:
    """Pay for a contribution in points, which pay a debt first.

    Nothing is booked where the price, rounded down, is no point at all.
    """
    moving = Moving.begin(account, now)
    points = pool.price(contribution.total.reduction_mg)
    settled = contribution.settled(ContributionState.BOUGHT_BACK, points, moving.now)
    if points:
        moving.move(
            MovementKind.BUYBACK,
            key=buyback_key(contribution.contribution_id),
            about=pool.pool_id,
            payload_digest=digest([contribution.contribution_id, points]),
            points=moving.account.points.earning(points, spend_by),
        )
    return moving, settled
