"""A methodology version: what goes in, which factors apply, and the steps to milligrams of CO2e."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from shared.domain.caps import Cap
from shared.domain.errors import InvalidRequestError
from shared.domain.expression import Expression
from shared.domain.instants import ledger_day

# Every methodology ends in the step of this name, in grams; the result is in milligrams.
RESULT_STEP = "reduction"
MG_PER_G = 1000


class Label(StrEnum):
    """How honest a value is: read in a source, computed from such values, or an estimate."""

    PUBLISHED = "published"
    DERIVED = "derived"
    ILLUSTRATIVE = "illustrative"


class Grade(StrEnum):
    """How good a source is: official, official through a copy, named institution, unverified."""

    A = "A"
    A_COPY = "A*"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was read. `year` is 0 where the source does not say."""

    key: str
    title: str
    publisher: str
    year: int
    address: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Input:
    """A measured quantity that an event must bring, with its unit and plausible bounds."""

    name: str
    unit: str
    minimum: Decimal
    maximum: Decimal
    decimals: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constant of the formula. `arithmetic` shows a derived value's computation."""

    name: str
    unit: str
    value: Decimal
    label: Label
    sources: tuple[str, ...]
    arithmetic: str
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One named step of the formula, in `unit`; it may read inputs, parameters, earlier steps."""

    name: str
    unit: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class CapRule:
    """A cap with the reason for its size."""

    cap: Cap
    label: Label
    note: str


@dataclass(frozen=True, slots=True)
class Methodology:
    """One released version; `effective_until` is exclusive, None while it is the last one.

    It applies to behaviour by the day in UTC+8 on which it occurred.
    """

    id: str
    version: str
    scenario: str
    jurisdiction: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    effective_from: date
    effective_until: date | None
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    caps: tuple[CapRule, ...]
    sources: tuple[Source, ...]
    digest: str

    @property
    def reference(self) -> str:
        """`<id>@<version>`, as entries name it."""
        return f"{self.id}@{self.version}"

    def in_force(self, at: datetime) -> bool:
        day = ledger_day(at)
        return self.effective_from <= day and (
            self.effective_until is None or day < self.effective_until
        )

    def read_inputs(self, data: Mapping[str, object]) -> dict[str, Decimal]:
        """Return this methodology's inputs out of an event's data; what it does not need is left.

        Numbers are int or Decimal. Raises InvalidRequestError with a pointer to each bad input.
        """
        values: dict[str, Decimal] = {}
        problems: list[tuple[str, str]] = []
        for wanted in self.inputs:
            value = data.get(wanted.name)
            problem = _problem_of(wanted, value)
            if problem is not None:
                problems.append((f"/data/{wanted.name}", problem))
            elif isinstance(value, int | Decimal):
                values[wanted.name] = Decimal(value)
        if problems:
            raise InvalidRequestError("An input is missing or implausible.", pointers=(*problems,))
        return values

    def reduction_mg(self, inputs: Mapping[str, Decimal]) -> int:
        """Return milligrams of CO2e, never below zero, rounded down once at the end."""
        values = {parameter.name: parameter.value for parameter in self.parameters}
        values |= inputs
        for step in self.steps:
            values[step.name] = step.expression.evaluate(values)
        milligrams = values[RESULT_STEP] * MG_PER_G
        return max(0, int(milligrams.to_integral_value(rounding=ROUND_FLOOR)))


def _problem_of(wanted: Input, value: object) -> str | None:
    if value is None:
        return "is required"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "must be a number"
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > wanted.decimals:
        return f"must have at most {wanted.decimals} decimals"
    if not wanted.minimum <= number <= wanted.maximum:
        return f"must be from {wanted.minimum} to {wanted.maximum} {wanted.unit}"
    return None
