"""The parts of a methodology: sources, parameters, inputs, steps. Each reads its own document."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.domain.caps import Cap, CapPeriod
from shared.domain.expression import Expression
from shared.domain.measurement import EvidenceGrade, Label

Document = Mapping[str, Any]


class SourceGrade(StrEnum):
    """How good a source is: official, official through a copy, named institution, unverified."""

    A = "A"
    A_COPY = "A*"
    B = "B"
    C = "C"


class Effect(StrEnum):
    """What the result does when a parameter rises."""

    RISES = "rises"
    FALLS = "falls"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was read. `year` is 0 where the source does not say."""

    key: str
    title: str
    publisher: str
    year: int
    address: str
    grade: SourceGrade

    @classmethod
    def read(cls, data: Document) -> "Source":
        return cls(
            key=data["key"],
            title=data["title"],
            publisher=data["publisher"],
            year=data["year"],
            address=data["address"],
            grade=SourceGrade(data["grade"]),
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A factor of the formula, in `unit`, with the bounds that it may plausibly have.

    `arithmetic` shows a derived value's computation; `range_note` says where the bounds come from.
    """

    name: str
    unit: str
    value: Decimal
    low: Decimal
    high: Decimal
    effect: Effect
    label: Label
    sources: tuple[str, ...]
    range_label: Label
    range_note: str
    arithmetic: str = ""
    note: str = ""

    @classmethod
    def read(cls, data: Document) -> "Parameter":
        return cls(
            name=data["name"],
            unit=data["unit"],
            value=Decimal(data["value"]),
            low=Decimal(data["low"]),
            high=Decimal(data["high"]),
            effect=Effect(data["effect"]),
            label=Label(data["label"]),
            sources=tuple(data["sources"]),
            range_label=Label(data["range_label"]),
            range_note=data["range_note"],
            arithmetic=data.get("arithmetic", ""),
            note=data.get("note", ""),
        )

    def at(self, *, least: bool) -> Decimal:
        """Return the bound that makes the result least, or greatest."""
        return self.low if least == (self.effect is Effect.RISES) else self.high


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is used where an optional input was not reported."""

    value: Decimal
    label: Label
    note: str
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of an input that is chosen instead of measured, with the value it stands for."""

    key: str
    value: Decimal
    low: Decimal
    high: Decimal
    label: Label
    sources: tuple[str, ...]
    note: str
    title: Mapping[str, str]

    @classmethod
    def read(cls, data: Document) -> "Choice":
        return cls(
            key=data["key"],
            value=Decimal(data["value"]),
            low=Decimal(data["low"]),
            high=Decimal(data["high"]),
            label=Label(data["label"]),
            sources=tuple(data["sources"]),
            note=data.get("note", ""),
            title=data["title"],
        )


@dataclass(frozen=True, slots=True)
class Input:
    """A measured quantity that an event brings, with its unit and plausible bounds.

    `uncertainty` is the half-width of its error as a share of the value. An input with `if_missing`
    is optional. One with `choices` has no bounds.
    """

    name: str
    unit: str
    title: Mapping[str, str]
    minimum: Decimal
    maximum: Decimal
    decimals: int
    uncertainty: Decimal
    if_missing: Assumption | None = None
    choices: tuple[Choice, ...] = ()

    @classmethod
    def read(cls, data: Document) -> "Input":
        choices = tuple(Choice.read(each) for each in data.get("choices", ()))
        return cls(
            name=data["name"],
            unit=data["unit"],
            title=data["title"],
            minimum=Decimal(data.get("minimum", 0)),
            maximum=Decimal(data.get("maximum", 0)),
            decimals=data.get("decimals", 0),
            uncertainty=Decimal(data.get("uncertainty", 0)),
            if_missing=_assumption(data["if_missing"], choices) if "if_missing" in data else None,
            choices=choices,
        )

    def problem_of(self, value: object) -> str | None:
        """Return what is wrong with a reported value, None if nothing is."""
        if self.choices:
            keys = [each.key for each in self.choices]
            return None if value in keys else f"must be one of {', '.join(keys)}"
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return "must be a number"
        number = Decimal(value)
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > self.decimals:
            return f"must have at most {self.decimals} decimals"
        if not self.minimum <= number <= self.maximum:
            return f"must be from {self.minimum} to {self.maximum} {self.unit}"
        return None

    def read_value(self, value: Any) -> Decimal:  # noqa: ANN401 - a key, an int or a Decimal
        """Return the number that a value without problem stands for."""
        for choice in self.choices:
            if choice.key == value:
                return choice.value
        return Decimal(value)


def _assumption(data: Document, choices: tuple[Choice, ...]) -> Assumption:
    key = data.get("choice", "")
    chosen = {each.key: each.value for each in choices}
    return Assumption(
        value=chosen[key] if key else Decimal(data["value"]),
        label=Label(data["label"]),
        note=data["note"],
        choice=key,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One named step of the formula, in `unit`; it may read inputs, parameters, earlier steps."""

    name: str
    unit: str
    expression: Expression

    @classmethod
    def read(cls, data: Document) -> "Step":
        return cls(data["name"], data["unit"], Expression.parse(data["expression"]))


@dataclass(frozen=True, slots=True)
class CapRule:
    """A cap with the reason for its size."""

    cap: Cap
    label: Label
    note: str

    @classmethod
    def read(cls, data: Document) -> "CapRule":
        cap = Cap(CapPeriod(data["period"]), data["count"])
        return cls(cap, Label(data["label"]), data["note"])


@dataclass(frozen=True, slots=True)
class Evidence:
    """The grade of an event that brought these inputs."""

    grade: EvidenceGrade
    inputs: frozenset[str]
    note: Mapping[str, str]

    @classmethod
    def read(cls, data: Document) -> "Evidence":
        return cls(EvidenceGrade(data["grade"]), frozenset(data["inputs"]), data["note"])
