"""How gifts, pools and contributions are answered."""

from typing import Self

from pydantic import Field

from shared.application.list_contributions import PooledContribution
from shared.domain.contribution import Contribution, ContributionState
from shared.domain.gift import Gift
from shared.domain.gift_code import GiftCode, shown
from shared.domain.instants import format_instant
from shared.domain.movement import Movement
from shared.domain.pool import Pool, PoolLot
from shared.runtime.http import WireModel
from shared.runtime.wire import SumBody

TEXT_LENGTH_MAX = 200


class GiftCodeBody(WireModel):
    """A code by which one gift can be sent to whoever made it."""

    code: str
    made_at: str
    expires_at: str

    @classmethod
    def of(cls, code: GiftCode) -> Self:
        return cls(
            code=shown(code.code),
            made_at=format_instant(code.made_at),
            expires_at=format_instant(code.expires_at),
        )


class GiftBody(WireModel):
    """One side of a gift: points, or reductions with all that they are made of."""

    gift_id: str
    direction: str
    given_at: str
    points: int | None = None
    reduction: SumBody | None = None

    @classmethod
    def of(cls, gift: Gift) -> Self:
        return cls(
            gift_id=gift.gift_id,
            direction=gift.direction.value,
            given_at=format_instant(gift.given_at),
            points=gift.points or None,
            reduction=SumBody.of(gift.reduction) if gift.reduction.reduction_mg else None,
        )


class GiftsBody(WireModel):
    """A page of gifts; `next_cursor` is absent on the last one."""

    gifts: list[GiftBody]
    next_cursor: str | None = None


class PoolTextsBody(WireModel):
    """A text in every language that the product speaks."""

    en: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)
    zh_hans: str = Field(alias="zh-Hans", min_length=1, max_length=TEXT_LENGTH_MAX)

    @property
    def by_language(self) -> dict[str, str]:
        return {"en": self.en, "zh-Hans": self.zh_hans}


class PoolLotBody(WireModel):
    """What the market gets. `root` is the Merkle root of the contributions (RFC 6962)."""

    lot_id: str
    contributions: int
    total: SumBody
    root: str
    sealed_at: str

    @classmethod
    def of(cls, lot: PoolLot) -> Self:
        return cls(
            lot_id=lot.lot_id,
            contributions=lot.count,
            total=SumBody.of(lot.total),
            root=lot.root,
            sealed_at=format_instant(lot.sealed_at),
        )


class PoolBody(WireModel):
    """One pool. `title` and `market` are by language; `points_per_kg` is what a kilogram is paid.

    It takes contributions while it is open, from `opens_at` until before `closes_at`.
    """

    pool_id: str
    state: str
    title: dict[str, str]
    market: dict[str, str]
    opens_at: str
    closes_at: str
    target_mg: int
    points_per_kg: int
    lot: PoolLotBody | None = None

    @classmethod
    def of(cls, pool: Pool) -> Self:
        terms = pool.terms
        return cls(
            pool_id=pool.pool_id,
            state=pool.state.value,
            title=dict(terms.title),
            market=dict(terms.market),
            opens_at=format_instant(terms.opens_at),
            closes_at=format_instant(terms.closes_at),
            target_mg=terms.target_mg,
            points_per_kg=terms.points_per_kg,
            lot=PoolLotBody.of(pool.lot) if pool.lot else None,
        )


class PoolsBody(WireModel):
    pools: list[PoolBody]


class ContributionBody(WireModel):
    """Reductions that were given to a pool, and the hash of the line that gave them."""

    contribution_id: str
    pool_id: str
    contributed_at: str
    reduction: SumBody
    line: str

    @classmethod
    def of(cls, line: Movement) -> Self:
        return cls(
            contribution_id=line.key.partition("#")[2],
            pool_id=line.about,
            contributed_at=format_instant(line.booked_at),
            reduction=SumBody.of(line.backing),
            line=line.hash,
        )


class LotShareBody(WireModel):
    """Milligrams of one lot of the contributor; `lot` is the hash of the line that added it."""

    lot: str
    reduction_mg: int


class TracedContributionBody(WireModel):
    """A contribution and what became of it.

    `lots` are the first of the `lots_count` that it took from, `lots_digest` covers all. `leaf` is
    what the pool's root covers. `buyback` is `pooled` until the pool is paid for; then
    `bought_back`, for `points`.
    """

    contribution_id: str
    pool_id: str
    pool_state: str
    contributed_at: str
    reduction: SumBody
    line: str
    lots: list[LotShareBody]
    lots_count: int
    lots_digest: str
    leaf: str
    pool_lot: str | None = None
    buyback: str
    points: int | None = None
    settled_at: str | None = None

    @classmethod
    def of(cls, pooled: PooledContribution) -> Self:
        each: Contribution = pooled.contribution
        pool = pooled.pool
        is_bought = each.state is ContributionState.BOUGHT_BACK
        return cls(
            contribution_id=each.contribution_id,
            pool_id=each.pool_id,
            pool_state=pool.state.value,
            contributed_at=format_instant(each.contributed_at),
            reduction=SumBody.of(each.total),
            line=each.line,
            lots=[LotShareBody(lot=lot.lot, reduction_mg=lot.reduction_mg) for lot in each.lots],
            lots_count=each.lots_count,
            lots_digest=each.lots_digest,
            leaf=each.leaf,
            pool_lot=pool.lot.lot_id if pool.lot else None,
            buyback=each.state.value,
            points=each.points if is_bought else None,
            settled_at=format_instant(each.settled_at) if each.settled_at else None,
        )


class ContributionsBody(WireModel):
    """A page of contributions; `next_cursor` is absent on the last one."""

    contributions: list[TracedContributionBody]
    next_cursor: str | None = None
