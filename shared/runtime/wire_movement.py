"""How movements and lots are answered."""

from typing import Self

from shared.application.get_entry import entry_id
from shared.application.trace_lot import TracedLot
from shared.domain.instants import format_instant
from shared.domain.lots import LotPart
from shared.domain.movement import Line, Movement
from shared.runtime.http import WireModel
from shared.runtime.wire import EntryBody, SumBody


class PointsChangeBody(WireModel):
    """What a movement changes of the points, signed; `by_day` splits `available` by last day."""

    available: int
    on_hold: int
    debt: int
    by_day: dict[str, int]


class MovementBody(WireModel):
    """One movement. `available_mg` and `on_hold_mg` are signed changes in milligrams of CO2e.

    `about` is the redemption, retirement, gift or other thing that it belongs to. `backing` is what
    moved reductions are made of.
    """

    seq: int
    kind: str
    about: str
    booked_at: str
    available_mg: int
    on_hold_mg: int
    points: PointsChangeBody
    backing: SumBody | None = None
    hash: str
    previous_hash: str

    @classmethod
    def of(cls, movement: Movement) -> Self:
        points = movement.points
        return cls(
            seq=movement.seq,
            kind=movement.kind.value,
            about=movement.about,
            booked_at=format_instant(movement.booked_at),
            available_mg=movement.reduction_mg,
            on_hold_mg=movement.held_mg,
            points=PointsChangeBody(
                available=points.amount,
                on_hold=points.held,
                debt=points.debt,
                by_day={last.isoformat(): each for last, each in points.available.items()},
            ),
            backing=SumBody.of(movement.backing) if movement.backing.count else None,
            hash=movement.hash,
            previous_hash=movement.previous_hash,
        )


class LotPartBody(WireModel):
    """Milligrams of a lot that found one fate, by which line of the ledger."""

    fate: str
    reduction_mg: int
    seq: int
    booked_at: str
    about: str

    @classmethod
    def of(cls, part: LotPart, line: Line) -> Self:
        return cls(
            fate=part.fate.value,
            reduction_mg=part.reduction_mg,
            seq=line.seq,
            booked_at=format_instant(line.booked_at),
            about=line.about if isinstance(line, Movement) else entry_id(line.cause),
        )


class LotBody(WireModel):
    """One lot: the line that made it, and what became of each of its milligrams.

    `fates` add up to `reduction_mg`; `parts` are in the order in which they were taken.
    """

    lot: str
    reduction_mg: int
    fates: dict[str, int]
    parts: list[LotPartBody]
    entry: EntryBody | None = None
    movement: MovementBody | None = None

    @classmethod
    def of(cls, traced: TracedLot) -> Self:
        lot, line = traced.lot, traced.lot.line
        return cls(
            lot=lot.lot,
            reduction_mg=lot.backing.reduction_mg,
            fates={fate.value: amount_mg for fate, amount_mg in lot.fates().items()},
            parts=[LotPartBody.of(part, taker) for part, taker in traced.parts],
            entry=None if isinstance(line, Movement) else EntryBody.of(line),
            movement=MovementBody.of(line) if isinstance(line, Movement) else None,
        )
