"""Pools: users' reductions are gathered for a market, sealed as one lot, and paid for in points.

A pool has no counter. Contributions are added up once no more can come, a page at a time, and each
step is stored with the place that it has come to: whoever goes on does so from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.identifiers import derived_id
from shared.domain.measurement import NOTHING, Sum
from shared.domain.merkle import MerklePeaks
from shared.domain.points import MG_PER_KG

# Every contribution checks one of the pool's gates, so that few of them meet at the same one.
GATES = 16
# A pool's contributions stand in some lists, so that a busy day does not make one of them hot.
SHARDS = 8
POINTS_PER_KG_MAX = 1_000
TARGET_MG_MAX = 10**15
_ID_PREFIX = "c"
# What an identifier is written with, in the order in which lists are sorted.
_ID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


class PoolState(StrEnum):
    """A pool that nobody contributed to is cancelled when it closes: there is nothing to sell."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    PAID = "paid"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[PoolState, frozenset[PoolState]] = {
    PoolState.OPEN: frozenset({PoolState.CLOSING}),
    PoolState.CLOSING: frozenset({PoolState.CLOSED, PoolState.CANCELLED}),
    PoolState.CLOSED: frozenset({PoolState.PAID}),
    PoolState.PAID: frozenset(),
    PoolState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """What an operator defines; texts are by language.

    It takes contributions from `opens_at` until before `closes_at`. `market` says what is sold
    there, and to whom. `points_per_kg` is what is paid for each kilogram of CO2e.
    """

    title: Mapping[str, str]
    market: Mapping[str, str]
    opens_at: datetime
    closes_at: datetime
    target_mg: int
    points_per_kg: int

    def __post_init__(self) -> None:
        if not self.opens_at < self.closes_at:
            raise ValueError("A pool closes after it has opened.")
        if not (0 <= self.points_per_kg <= POINTS_PER_KG_MAX):
            raise ValueError(f"A kilogram is paid for with up to {POINTS_PER_KG_MAX} points.")
        if not (0 < self.target_mg <= TARGET_MG_MAX):
            raise ValueError(f"A target is from 1 to {TARGET_MG_MAX} milligrams.")


@dataclass(frozen=True, slots=True)
class PoolLot:
    """What the market gets: all contributions of one pool, added up and sealed.

    `root` is the Merkle root of the contributions in falling order of their ids.
    """

    lot_id: str
    count: int
    total: Sum
    root: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a pool's contributions were gone through: falling by shard, and by id within.

    So the whole walk is in falling order of ids.
    """

    shard: int = SHARDS - 1
    after: str | None = None

    @property
    def is_over(self) -> bool:
        return self.shard < 0

    def next(self, after: str | None) -> "Walk":
        """Return the walk after a page; without `after` its shard had no more."""
        return Walk(self.shard, after) if after else Walk(self.shard - 1)


@dataclass(frozen=True, slots=True)
class Payout:
    """What was paid for so far, and what could not be since the account was closed."""

    points: int = 0
    bought_back: int = 0
    account_closed: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool as it stands; `count`, `total` and `peaks` grow while it is closing."""

    KIND: ClassVar[str] = "pool"
    LIST: ClassVar[str] = "pools"

    pool_id: str
    terms: PoolTerms
    opened_at: datetime
    state: PoolState = PoolState.OPEN
    gates_closed: bool = False
    walk: Walk = field(default_factory=Walk)
    count: int = 0
    total: Sum = NOTHING
    peaks: MerklePeaks = field(default_factory=MerklePeaks)
    lot: PoolLot | None = None
    payout: Payout = field(default_factory=Payout)
    version: int = 1

    @property
    def owner(self) -> str:
        return self.LIST

    @property
    def name(self) -> str:
        return self.pool_id

    @property
    def due_at(self) -> datetime | None:
        return None

    def takes(self, now: datetime) -> bool:
        """Tell whether it takes contributions; its gates are asked in the commit."""
        in_time = self.terms.opens_at <= now < self.terms.closes_at
        return self.state is PoolState.OPEN and in_time

    def price(self, reduction_mg: int) -> int:
        """Return the points for a contribution, rounded down."""
        return self.terms.points_per_kg * reduction_mg // MG_PER_KG

    def closing(self) -> "Pool":
        return self._into(PoolState.CLOSING)

    def shut(self) -> "Pool":
        """Return the pool once all its gates are closed."""
        return replace(self, gates_closed=True, version=self.version + 1)

    def counted(self, page: Sum, count: int, peaks: MerklePeaks, walk: Walk) -> "Pool":
        """Return the pool after one more page of contributions was added up."""
        assert self.state is PoolState.CLOSING
        return replace(
            self,
            walk=walk,
            count=self.count + count,
            total=self.total + page,
            peaks=peaks,
            version=self.version + 1,
        )

    def sealed(self, now: datetime) -> "Pool":
        """Return the pool once everything is added up: with its lot, or cancelled without one."""
        if not self.count:
            return self._into(PoolState.CANCELLED)
        root = self.peaks.root
        lot_id = derived_id("lot-", self.pool_id, root)
        lot = PoolLot(lot_id, self.count, self.total, root, sealed_at=now)
        return replace(self._into(PoolState.CLOSED), lot=lot, walk=Walk())

    def paid(self, page: Payout, walk: Walk) -> "Pool":
        """Return the pool after one more page of contributions was settled."""
        assert self.state is PoolState.CLOSED
        payout = Payout(
            self.payout.points + page.points,
            self.payout.bought_back + page.bought_back,
            self.payout.account_closed + page.account_closed,
        )
        return replace(self, walk=walk, payout=payout, version=self.version + 1)

    def done(self) -> "Pool":
        """Return the pool once every contribution is settled."""
        return self._into(PoolState.PAID)

    def _into(self, state: PoolState) -> "Pool":
        assert state in TRANSITIONS[self.state]
        return replace(self, state=state, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class PoolGate:
    """One of a pool's gates: no contribution is committed past a closed one."""

    KIND: ClassVar[str] = "pool_gate"
    NAME: ClassVar[str] = "gate"

    pool_id: str
    number: int
    is_open: bool = True
    version: int = 1

    @property
    def owner(self) -> str:
        return gate_owner(self.pool_id, self.number)

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None

    def closed(self) -> "PoolGate":
        return replace(self, is_open=False, version=self.version + 1)


def gate_owner(pool_id: str, number: int) -> str:
    return f"{pool_id}#{number:02}"


def new_contribution_id(account_id: str, key: str) -> str:
    """Return the id of the contribution that an account asks for under an Idempotency-Key."""
    return derived_id(_ID_PREFIX, account_id, key)


def shard_of(contribution_id: str) -> int:
    """Return the list that a contribution stands in; the order of lists is that of their ids."""
    return _ID_ALPHABET.index(contribution_id[len(_ID_PREFIX)]) * SHARDS // len(_ID_ALPHABET)


def gate_of(contribution_id: str) -> int:
    """Return the gate that a contribution goes through."""
    return _ID_ALPHABET.index(contribution_id[len(_ID_PREFIX) + 1]) * GATES // len(_ID_ALPHABET)
