"""Lots: which milligrams a spend took, and what became of every other. One gram, one fate.

Each line that adds reductions is a lot, named by its hash. A spend takes the oldest first; a
reversal takes what is left of its own behaviour's lots, then the oldest, and what is missing is
owed and paid by the next lots. A household's share is taken from the lot that it is a share of.
So the order of the lines alone says what became of each milligram, nothing of it is stored, and
what a line took never changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from shared.domain.entry import Cause, Entry
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import Line, Movement, MovementKind, key_of


class Fate(StrEnum):
    """What became of one milligram: what is available or on hold is still to find its end."""

    AVAILABLE = "available"
    ON_HOLD = "on_hold"
    REDEEMED = "redeemed"
    GIVEN = "given"
    RETIRED = "retired"
    POOLED = "pooled"
    REVERSED = "reversed"


TRANSITIONS: Mapping[Fate, frozenset[Fate]] = {
    Fate.AVAILABLE: frozenset(Fate) - {Fate.AVAILABLE, Fate.REDEEMED},
    Fate.ON_HOLD: frozenset({Fate.AVAILABLE, Fate.REDEEMED}),
    Fate.REDEEMED: frozenset(),
    Fate.GIVEN: frozenset(),
    Fate.RETIRED: frozenset(),
    Fate.POOLED: frozenset(),
    Fate.REVERSED: frozenset(),
}

FATES: Mapping[MovementKind, Fate] = {
    MovementKind.HOLD: Fate.ON_HOLD,
    MovementKind.RETIREMENT: Fate.RETIRED,
    MovementKind.GIFT_SENT: Fate.GIVEN,
    MovementKind.CONTRIBUTION: Fate.POOLED,
    MovementKind.SPLIT_SENT: Fate.GIVEN,
    MovementKind.SPLIT_RETURNED: Fate.GIVEN,
}


@dataclass(frozen=True, slots=True)
class LotPart:
    """Milligrams of one lot that one line took, named by its key; `backing` is what they are."""

    lot: str
    line: str
    fate: Fate
    backing: Sum

    @property
    def reduction_mg(self) -> int:
        return self.backing.reduction_mg


@dataclass(slots=True)
class Lot:
    """What one line added: `lot` is its hash, and `parts` is what became of it so far."""

    lot: str
    line: Line
    backing: Sum
    left_mg: int
    parts: list[LotPart] = field(default_factory=list)

    @property
    def event(self) -> Cause | None:
        """The event that it was credited for, or came back for."""
        if isinstance(self.line, Entry):
            return self.line.cause.event
        if self.line.kind is MovementKind.SPLIT_RECOVERED:
            return Cause.parse(self.line.about)
        return None

    @property
    def methodology(self) -> str:
        """The version that measured it; empty where it was given by somebody."""
        return self.line.methodology if isinstance(self.line, Entry) else ""

    def fates(self) -> dict[Fate, int]:
        """Return the milligrams by what became of them; they add up to the whole lot."""
        amounts = {Fate.AVAILABLE: self.left_mg} if self.left_mg else {}
        for part in self.parts:
            amounts[part.fate] = amounts.get(part.fate, 0) + part.reduction_mg
        return amounts


@dataclass(slots=True)
class Debt:
    """What a line took beyond what was left, by its key; `fate` is what becomes of it."""

    line: str
    fate: Fate
    left_mg: int


@dataclass(slots=True)
class Lots:
    """All lots of an account in the order of their lines, and what is owed to reversals."""

    lots: list[Lot] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    taken: dict[str, list[LotPart]] = field(default_factory=dict)
    _oldest: int = 0

    @property
    def available_mg(self) -> int:
        """What can be spent, as the account says too; below zero by what is owed."""
        return sum(lot.left_mg for lot in self.lots) - sum(debt.left_mg for debt in self.debts)

    def parts_of(self, key: str) -> Sequence[LotPart]:
        """Return what the line with this key took."""
        return self.taken.get(key, ())

    def preview(self, reduction_mg: int) -> Sequence[LotPart]:
        """Return what a spend would take now; it is for the spender to know that it is there."""
        return list(_split(self._left(), "", Fate.AVAILABLE, reduction_mg))

    def follow(self, line: Line) -> None:
        """Follow one more line; lines come in their order."""
        added_mg = line.reduction_mg
        key = key_of(line)
        if isinstance(line, Movement) and line.kind is MovementKind.RELEASE:
            self._give_back(hold_key(line.about))
        elif isinstance(line, Movement) and line.kind is MovementKind.SETTLEMENT:
            self._settle(hold_key(line.about))
        elif isinstance(line, Entry):
            own = self._learn(line) if line.original else []
            if added_mg > 0:
                self._add(Lot(line.hash, line, line.standing.allotment(added_mg), added_mg))
            else:
                self._take([*own, *self._left()], key, Fate.REVERSED, -added_mg)
        elif added_mg > 0:
            self._add(Lot(line.hash, line, line.backing, added_mg))
        elif added_mg < 0:
            self._take([*self._own(line), *self._left()], key, FATES[line.kind], -added_mg)

    def _own(self, line: Movement) -> Sequence[Lot]:
        """Return the lots that a share is a part of, which it takes before any other."""
        if line.kind is MovementKind.SPLIT_SENT:
            own = (lot for lot in reversed(self.lots) if key_of(lot.line) == line.about)
            return list(islice(own, 1))
        if line.kind is MovementKind.SPLIT_RETURNED:
            return [
                lot
                for lot in self.lots
                if isinstance(lot.line, Movement) and lot.line.about == line.about
            ]
        return ()

    def _add(self, lot: Lot) -> None:
        self.lots.append(lot)
        self._pay_debts()

    def _learn(self, amendment: Entry) -> Sequence[Lot]:
        """Return the behaviour's own lots; what is left of them is as sure as it now stands.

        An amendment's contribution is a difference, which may be below zero in one place and more
        than all of it in another. So each lot is backed by its share of the whole behaviour.
        """
        own = [lot for lot in self.lots if lot.event == amendment.cause.event]
        for lot in own:
            whole_mg = lot.backing.reduction_mg
            if whole_mg <= amendment.standing_mg:
                lot.backing = amendment.standing.allotment(whole_mg)
        return own

    def _left(self) -> Sequence[Lot]:
        """Return the lots from the oldest on of which something is left."""
        while self._oldest < len(self.lots) and not self.lots[self._oldest].left_mg:
            self._oldest += 1
        return self.lots[self._oldest :]

    def _take(self, lots: Iterable[Lot], key: str, fate: Fate, amount_mg: int) -> None:
        """Take as much from the lots in this order, and owe the rest."""
        for lot, part in _split_lots(lots, key, fate, amount_mg):
            lot.left_mg -= part.reduction_mg
            lot.parts.append(part)
            self.taken.setdefault(key, []).append(part)
            amount_mg -= part.reduction_mg
        if amount_mg:
            self.debts.append(Debt(key, fate, amount_mg))

    def _pay_debts(self) -> None:
        """Let what is left pay what is owed, the oldest debt first."""
        debts, self.debts = self.debts, []
        for debt in debts:
            self._take(self._left(), debt.line, debt.fate, debt.left_mg)

    def _give_back(self, key: str) -> None:
        parts = self.taken.pop(key, [])
        for lot in self._lots_of(parts):
            for part in [each for each in lot.parts if each.line == key]:
                lot.parts.remove(part)
                lot.left_mg += part.reduction_mg
        self._oldest = 0
        self._pay_debts()

    def _settle(self, key: str) -> None:
        parts = self.taken.get(key, [])
        self.taken[key] = [replace(part, fate=Fate.REDEEMED) for part in parts]
        for lot in self._lots_of(parts):
            lot.parts = [
                replace(part, fate=Fate.REDEEMED) if part.line == key else part
                for part in lot.parts
            ]

    def _lots_of(self, parts: Iterable[LotPart]) -> Sequence[Lot]:
        names = {part.lot for part in parts}
        return [lot for lot in self.lots if lot.lot in names]


def trace(lines: Iterable[Line]) -> Lots:
    """Return what became of every milligram; `lines` are all of an account's, in any order."""
    lots = Lots()
    for line in sorted(lines, key=lambda each: each.seq):
        lots.follow(line)
    return lots


def total_of(parts: Iterable[LotPart]) -> Sum:
    """Return what the parts are made of together."""
    return sum((part.backing for part in parts), NOTHING)


def hold_key(redemption_id: str) -> str:
    """Return the key of the line that set something aside for a redemption."""
    return f"redemption#{redemption_id}#hold"


def _split(lots: Iterable[Lot], key: str, fate: Fate, amount_mg: int) -> Iterator[LotPart]:
    return (part for _, part in _split_lots(lots, key, fate, amount_mg))


def _split_lots(
    lots: Iterable[Lot], key: str, fate: Fate, amount_mg: int
) -> Iterator[tuple[Lot, LotPart]]:
    """Yield the parts that add up to the amount, or to all that is left."""
    for lot in lots:
        part_mg = min(lot.left_mg, amount_mg)
        if part_mg:
            amount_mg -= part_mg
            yield lot, LotPart(lot.lot, key, fate, lot.backing.portion(part_mg))
        if not amount_mg:
            return
