"""Benefits: what points and reductions can be exchanged for, and how much of each there is.

The stock of a benefit stands in blocks, each a document of its own. A redemption takes one unit
from one of them, so that many people at once do not all wait for the same item.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from shared.domain.errors import (
    BenefitUnavailableError,
    PersonLimitReachedError,
    PriceChangedError,
    StockTakenError,
)
from shared.domain.instants import ledger_day

CATALOGUE = "catalogue"
# What one page of the catalogue holds, and what one publication may.
BENEFITS_MAX = 50
# A read of all blocks is one page, and a publication of them one transaction.
BLOCKS_MAX = 50
UNITS_MAX = 10_000_000
POINTS_MAX = 10_000_000
REDUCTION_MG_MAX = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs: points, milligrams of CO2e of reductions, or both; never nothing."""

    points: int = 0
    reduction_mg: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.points <= POINTS_MAX and 0 <= self.reduction_mg <= REDUCTION_MG_MAX):
            raise ValueError("A price is not below zero, and not beyond what anybody could have.")
        if not self.points and not self.reduction_mg:
            raise ValueError("A price has points, reductions or both.")


@dataclass(frozen=True, slots=True)
class Benefit:
    """What is offered, as it was published last.

    `texts` has a `title` and `terms` for each language. It can be redeemed from the day
    `valid_from` to the day `valid_until`, both in UTC+8 and inclusive, and by each account at most
    `per_person` times, where that is said. `stock` is all that was ever there to take, in `blocks`
    blocks of `block_size` units while there are fewer than BLOCKS_MAX.
    """

    KIND: ClassVar[str] = "benefit"

    benefit_id: str
    texts: Mapping[str, Mapping[str, str]]
    price: Price
    supplier: str
    valid_from: date
    valid_until: date
    stock: int
    block_size: int
    per_person: int | None = None
    blocks: int = 0
    published_at: datetime | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if self.valid_from > self.valid_until:
            raise ValueError("A benefit is valid from its first day to its last.")
        if not (0 <= self.stock <= UNITS_MAX and 0 < self.block_size <= UNITS_MAX):
            raise ValueError(f"A stock is at most {UNITS_MAX}, and a block has at least one unit.")
        if self.per_person is not None and self.per_person < 1:
            raise ValueError("A limit per person is at least one.")

    @property
    def owner(self) -> str:
        return CATALOGUE

    @property
    def name(self) -> str:
        return self.benefit_id

    @property
    def due_at(self) -> datetime | None:
        return None

    def is_valid(self, today: date) -> bool:
        return self.valid_from <= today <= self.valid_until

    def same_offer(self, other: "Benefit") -> bool:
        """Tell whether both say the same, whenever they were published."""
        own = replace(
            other, version=self.version, blocks=self.blocks, published_at=self.published_at
        )
        return own == self


@dataclass(frozen=True, slots=True)
class StockBlock:
    """A part of a benefit's stock: `size` units, of which `left` are still to take."""

    KIND: ClassVar[str] = "stock"

    benefit_id: str
    number: int
    size: int
    left: int
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.left <= self.size:
            raise ValueError("A block has no less than nothing, and no more than it began with.")

    @property
    def owner(self) -> str:
        return self.benefit_id

    @property
    def name(self) -> str:
        return block_name(self.number)

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def taken(self) -> int:
        return self.size - self.left

    def take(self) -> "StockBlock":
        """Return the block with one unit less; one that is empty raises ValueError."""
        return replace(self, left=self.left - 1, version=self.version + 1)

    def give_back(self) -> "StockBlock":
        """Return the block with one of its units back."""
        return replace(self, left=self.left + 1, version=self.version + 1)

    def resized(self, more: int) -> "StockBlock":
        """Return the block with more units, or, below zero, with fewer that are left."""
        return replace(self, size=self.size + more, left=self.left + more, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class BenefitUse:
    """How often an account has a benefit: redeemed, and neither cancelled nor come to nothing."""

    KIND: ClassVar[str] = "benefit-use"

    account_id: str
    benefit_id: str
    count: int = 0
    version: int = 0

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return self.benefit_id

    @property
    def due_at(self) -> datetime | None:
        return None

    def once_more(self) -> "BenefitUse":
        return replace(self, count=self.count + 1, version=self.version + 1)

    def once_less(self) -> "BenefitUse":
        return replace(self, count=self.count - 1, version=self.version + 1)


def block_name(number: int) -> str:
    return f"block-{number:02d}"


def require_offer(benefit: Benefit, quoted: Price, use: BenefitUse, now: datetime) -> None:
    """Raise what stands against one more unit for this account, other than stock and funds.

    That is BenefitUnavailableError, PriceChangedError or PersonLimitReachedError.
    """
    if not benefit.is_valid(ledger_day(now)):
        raise BenefitUnavailableError
    if quoted != benefit.price:
        raise PriceChangedError
    if benefit.per_person is not None and use.count >= benefit.per_person:
        raise PersonLimitReachedError


def first_block(blocks: int, account_id: str, attempt: int) -> int:
    """Return the number of the block that this attempt of this account looks into first.

    It hangs on both, so that buyers spread over the blocks, and a loser of a race looks elsewhere.
    """
    digest = hashlib.sha256(f"{account_id}#{attempt}".encode()).digest()
    return int.from_bytes(digest[:8]) % blocks


def choose_block(blocks: Sequence[StockBlock], account_id: str, attempt: int) -> StockBlock | None:
    """Return a block with something left, or None where all of them are empty."""
    ready = sorted((each for each in blocks if each.left), key=lambda each: each.number)
    return ready[first_block(len(ready), account_id, attempt)] if ready else None


def stocked(
    benefit_id: str, standing: Iterable[StockBlock], stock: int, block_size: int
) -> list[StockBlock]:
    """Return the blocks that change or come new, so that all of them hold `stock` together.

    More stock makes new blocks, and, once there are BLOCKS_MAX, fills all of them evenly. Less is
    taken from what is left; raises StockTakenError where more than `stock` is taken already.
    """
    blocks = sorted(standing, key=lambda each: each.number)
    if stock < sum(each.taken for each in blocks):
        raise StockTakenError
    more = stock - sum(each.size for each in blocks)
    if more < 0:
        return _less(blocks, -more)
    added: list[StockBlock] = []
    room = BLOCKS_MAX - len(blocks)
    while more and len(added) < room:
        units = min(block_size, more)
        added.append(StockBlock(benefit_id, len(blocks) + len(added), units, units))
        more -= units
    if not more:
        return added
    every = [*blocks, *added]
    share, rest = divmod(more, len(every))
    extra = [share + (place < rest) for place in range(len(every))]
    changed = [each.resized(part) for each, part in zip(blocks, extra, strict=False) if part]
    filled = zip(added, extra[len(blocks) :], strict=True)
    return changed + [replace(each, size=each.size + n, left=each.left + n) for each, n in filled]


def _less(blocks: Sequence[StockBlock], fewer: int) -> list[StockBlock]:
    changed: list[StockBlock] = []
    for block in reversed(blocks):
        part = min(block.left, fewer)
        if part:
            changed.append(block.resized(-part))
            fewer -= part
    return changed
