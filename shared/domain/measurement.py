"""What a behaviour reduced, how sure that is, and how such results add up.

A result has a central value and two kinds of error. An error of a factor is the same in every
result that uses the factor, so these add up fully. An error of an activity, such as a distance, is
another one each time, so these add up in quadrature: by their squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import isqrt
from typing import NamedTuple

GRADES = 5


class Label(StrEnum):
    """How honest a value is: read in a source, computed from such values, or an estimate."""

    PUBLISHED = "published"
    DERIVED = "derived"
    ILLUSTRATIVE = "illustrative"

    @property
    def weakness(self) -> int:
        """0 for what is best supported; what is made of several values is as weak as the worst."""
        return list(Label).index(self)

    @classmethod
    def of_weakness(cls, weakness: int) -> "Label":
        return list(Label)[weakness]


class EvidenceGrade(IntEnum):
    """How good an event's own data is, 1 is best."""

    METERED = 1
    RECORDED = 2
    RECORDED_WITHOUT_QUANTITY = 3
    REPORTED_WITH_PROOF = 4
    REPORTED = 5


class Spread(NamedTuple):
    """How far a result may lie from its central value, in milligrams of CO2e.

    `down_mg` and `up_mg` are what the factors allow; `activity_mg2` is the sum of the squares of
    what each measured input allows. All are signed, because an amendment carries a difference.
    """

    down_mg: int = 0
    up_mg: int = 0
    activity_mg2: int = 0

    def plus(self, other: "Spread") -> "Spread":
        return Spread(
            self.down_mg + other.down_mg,
            self.up_mg + other.up_mg,
            self.activity_mg2 + other.activity_mg2,
        )

    def minus(self, other: "Spread") -> "Spread":
        return Spread(
            self.down_mg - other.down_mg,
            self.up_mg - other.up_mg,
            self.activity_mg2 - other.activity_mg2,
        )

    @property
    def activity_mg(self) -> int:
        """The root of the squares, rounded up so that a range is never drawn too narrow."""
        square = max(0, self.activity_mg2)
        root = isqrt(square)
        return root + (root * root < square)

    # Amendments without what they amend may have errors below zero: then the factors' ends change
    # places. A range always holds its central value, and only a difference is ever below zero.

    def low_mg(self, central_mg: int) -> int:
        low_mg = central_mg + min(0, -self.down_mg, self.up_mg) - self.activity_mg
        return low_mg if central_mg < 0 else max(0, low_mg)

    def high_mg(self, central_mg: int) -> int:
        return central_mg + max(0, self.up_mg, -self.down_mg) + self.activity_mg


NO_SPREAD = Spread()


class Measurement(NamedTuple):
    """What one behaviour reduced by one methodology: milligrams of CO2e, never below zero.

    `missing` names the optional inputs that were not reported; the result is then a lower bound,
    credited provisionally.
    """

    reduction_mg: int
    spread: Spread
    grade: EvidenceGrade
    missing: tuple[str, ...] = ()

    @property
    def low_mg(self) -> int:
        return self.spread.low_mg(self.reduction_mg)

    @property
    def high_mg(self) -> int:
        return self.spread.high_mg(self.reduction_mg)

    def spread_around(self, credited_mg: int) -> Spread:
        """Return the spread seen from what is credited, which may be more than was measured."""
        excess_mg = credited_mg - self.reduction_mg
        return Spread(
            self.spread.down_mg + excess_mg,
            max(0, self.spread.up_mg - excess_mg),
            self.spread.activity_mg2,
        )


def claimed(measurement: Measurement) -> Measurement:
    """Return the measurement of what nobody but its user vouches for."""
    return measurement._replace(grade=EvidenceGrade.REPORTED)


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of entries and their milligrams of CO2e, with how sure they are.

    `grades_mg` splits the milligrams by evidence grade, best first; `provisional_mg` is what a
    completion may still top up; `weakness` is that of the weakest label in it.
    """

    count: int = 0
    reduction_mg: int = 0
    spread: Spread = NO_SPREAD
    grades_mg: tuple[int, ...] = (0,) * GRADES
    provisional_mg: int = 0
    weakness: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.count + other.count,
            self.reduction_mg + other.reduction_mg,
            self.spread.plus(other.spread),
            tuple(one + two for one, two in zip(self.grades_mg, other.grades_mg, strict=True)),
            self.provisional_mg + other.provisional_mg,
            max(self.weakness, other.weakness),
        )

    @property
    def low_mg(self) -> int:
        return self.spread.low_mg(self.reduction_mg)

    @property
    def high_mg(self) -> int:
        return self.spread.high_mg(self.reduction_mg)

    def portion(self, part_mg: int) -> "Sum":
        """Return what a part of these milligrams is made of; ranges are never drawn too narrow.

        A part's errors of factors are its share. So is its error of activity, whose square shrinks
        with the square of the share.
        """
        whole_mg = self.reduction_mg
        return self._part(part_mg, self.spread.activity_mg2 * part_mg**2, whole_mg**2)

    def allotment(self, part_mg: int) -> "Sum":
        """Return what a part is made of that may meet the other parts in one sum again.

        The square of the error of activity is shared out like the rest, so that all parts together
        are as unsure as the whole; a part by itself looks less sure than it is, never surer.
        """
        return self._part(part_mg, self.spread.activity_mg2 * part_mg, self.reduction_mg)

    def _part(self, part_mg: int, activity_mg2: int, activity_parts: int) -> "Sum":
        whole_mg = self.reduction_mg
        if part_mg == whole_mg:
            return self
        assert 0 <= part_mg < whole_mg
        return Sum(
            count=self.count,
            reduction_mg=part_mg,
            spread=Spread(
                _share_up(self.spread.down_mg, part_mg, whole_mg),
                _share_up(self.spread.up_mg, part_mg, whole_mg),
                -(-activity_mg2 // activity_parts),
            ),
            grades_mg=_shared_out(self.grades_mg, part_mg),
            provisional_mg=self.provisional_mg * part_mg // whole_mg,
            weakness=self.weakness,
        )

    @property
    def facts(self) -> list[int]:
        """The sum as the list of numbers that is sealed and stored."""
        return [
            self.count,
            self.reduction_mg,
            *self.spread,
            self.provisional_mg,
            self.weakness,
            *self.grades_mg,
        ]

    @classmethod
    def of_facts(cls, facts: Sequence[int]) -> "Sum":
        """Return the sum of `facts`; zeros at the end may be left out."""
        count, reduction_mg, down_mg, up_mg, activity_mg2, provisional_mg, weakness, *grades = (
            *facts,
            *(0,) * (len(NOTHING.facts) - len(facts)),
        )
        spread = Spread(down_mg, up_mg, activity_mg2)
        return cls(count, reduction_mg, spread, tuple(grades), provisional_mg, weakness)

    @property
    def label(self) -> Label:
        return Label.of_weakness(self.weakness)


NOTHING = Sum()


def _shared_out(amounts_mg: Sequence[int], part_mg: int) -> tuple[int, ...]:
    """Return each amount's share of a part of them all, in whole milligrams that add up to it."""
    whole_mg = sum(amounts_mg)
    shares_mg: list[int] = []
    before_mg = 0
    for amount_mg in amounts_mg:
        # From the running sum, so that what is rounded off here is found there.
        through_mg = before_mg + amount_mg
        shares_mg.append(through_mg * part_mg // whole_mg - before_mg * part_mg // whole_mg)
        before_mg = through_mg
    return tuple(shares_mg)


def _share_up(error_mg: int, part_mg: int, whole_mg: int) -> int:
    """Return the share of an error, rounded away from zero, whichever end it is of."""
    share_mg = -(-abs(error_mg) * part_mg // whole_mg)
    return share_mg if error_mg >= 0 else -share_mg


def at_grade(grade: int, amount_mg: int) -> tuple[int, ...]:
    """Return an amount in the place of its grade, for `Sum.grades_mg`."""
    return tuple(amount_mg if grade == each else 0 for each in range(1, GRADES + 1))
