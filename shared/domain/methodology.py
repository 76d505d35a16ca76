"""A methodology version: what goes in, which factors apply, and the steps to milligrams of CO2e."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import floor

from shared.domain.canonical import digest
from shared.domain.errors import CatalogueError, InvalidRequestError
from shared.domain.expression import Evaluator, Values, exactly
from shared.domain.factors import (
    CapRule,
    Document,
    Evidence,
    Input,
    Parameter,
    Source,
    Step,
)
from shared.domain.instants import ledger_day
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread

# What measures a reduction ends in the step of this name, in grams; the result is in milligrams.
RESULT_STEP = "reduction"
MG_PER_G = Decimal(1000)
ROUNDING = "down, once, to whole milligrams of CO2e"

# Definitions that a formula may name. They are no factors: they need no source and have no range.
CONVERSIONS: Mapping[str, tuple[str, Decimal]] = {
    "g_per_kg": ("g/kg", Decimal(1000)),
    "kg_per_t": ("kg/t", Decimal(1000)),
    "days_per_week": ("day/week", Decimal(7)),
    "days_per_year": ("day/year", Decimal(365)),
    "hours_per_day": ("hour/day", Decimal(24)),
    "months_per_year": ("month/year", Decimal(12)),
}


class Use(StrEnum):
    """What a methodology is for. Only one for credit ever changes an account."""

    CREDIT = "credit"
    COMPARISON = "comparison"
    FOOTPRINT = "footprint"


@dataclass(frozen=True, slots=True)
class Case:
    """The formula worked through once: every value that went in, and every step's result."""

    name: str
    values: Values
    steps: Values

    @property
    def reduction_mg(self) -> int:
        """Milligrams of CO2e, never below zero, rounded down: the one place where rounding is."""
        return _milligrams(self.steps[RESULT_STEP])


@dataclass(frozen=True, slots=True)
class Methodology:
    """One released version; `effective_until` is exclusive, None while it is the last one.

    It applies to behaviour by the day in UTC+8 on which it occurred. `document` is its published
    form; `digest` covers that, less the day on which it ends.
    """

    id: str
    version: str
    use: Use
    scenario: str
    jurisdiction: str
    title: Mapping[str, str]
    effective_from: date
    effective_until: date | None
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    caps: tuple[CapRule, ...]
    exclusive_with: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    sources: tuple[Source, ...]
    document: Document = field(repr=False)
    _central: "_Formula" = field(repr=False, compare=False)
    _least: "_Formula" = field(repr=False, compare=False)
    _greatest: "_Formula" = field(repr=False, compare=False)

    @classmethod
    def from_document(cls, document: Document) -> "Methodology":
        """Return the methodology of a published document; raise CatalogueError for a broken one."""
        name = f"{document.get('id')}@{document.get('version')}"
        try:
            methodology = cls._read(document)
        except CatalogueError as error:
            raise CatalogueError(f"{name}: {error.detail}") from error
        except KeyError as error:
            raise CatalogueError(f"{name}: {error.args[0]} is missing.") from error
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise CatalogueError(f"{name}: a value has the wrong form: {error}") from error
        return methodology

    @classmethod
    def _read(cls, document: Document) -> "Methodology":
        parameters = tuple(Parameter.read(each) for each in document["parameters"])
        steps = tuple(Step.read(each) for each in document["steps"])
        return cls(
            id=document["id"],
            version=document["version"],
            use=Use(document["use"]),
            scenario=document["scenario"],
            jurisdiction=document["jurisdiction"],
            title=document["title"],
            effective_from=date.fromisoformat(document["effective_from"]),
            effective_until=date.fromisoformat(document["effective_until"])
            if "effective_until" in document
            else None,
            inputs=tuple(Input.read(each) for each in document["inputs"]),
            parameters=parameters,
            steps=steps,
            caps=tuple(CapRule.read(each) for each in document["caps"]),
            exclusive_with=tuple(document["exclusive_with"]),
            evidence=tuple(Evidence.read(each) for each in document["evidence"]),
            sources=tuple(Source.read(each) for each in document["sources"]),
            document=document,
            _central=_Formula.of(steps, {each.name: each.value for each in parameters}),
            _least=_Formula.of(steps, {each.name: each.at(least=True) for each in parameters}),
            _greatest=_Formula.of(steps, {each.name: each.at(least=False) for each in parameters}),
        )

    @property
    def reference(self) -> str:
        """`<id>@<version>`, as entries name it."""
        return f"{self.id}@{self.version}"

    @property
    def digest(self) -> str:
        """The SHA-256 of the published document; that a version ended does not change it."""
        lasting = {key: value for key, value in self.document.items() if key != "effective_until"}
        return digest(lasting)

    @property
    def label(self) -> Label:
        """The weakest label among the factors that every result rests on."""
        return self.label_for(())

    def label_for(self, missing: Collection[str]) -> Label:
        """Return the weakest label of a result for which these inputs had to be assumed."""
        labels = [each.label for each in self.parameters]
        labels += [
            each.if_missing.label
            for each in self.inputs
            if each.if_missing and each.name in missing
        ]
        return max(labels, key=lambda label: label.weakness, default=Label.PUBLISHED)

    def in_force(self, at: datetime) -> bool:
        day = ledger_day(at)
        return self.effective_from <= day and (
            self.effective_until is None or day < self.effective_until
        )

    def read_inputs(self, data: Mapping[str, object]) -> dict[str, Decimal]:
        """Return this methodology's inputs out of an event's data; what it does not need is left.

        Numbers are int or Decimal. An optional input may be absent, and is then absent from the
        answer too. Raises InvalidRequestError with a pointer to each bad input.
        """
        values: dict[str, Decimal] = {}
        problems: list[tuple[str, str]] = []
        for wanted in self.inputs:
            value = data.get(wanted.name)
            if value is None:
                if wanted.if_missing is None:
                    problems.append((f"/data/{wanted.name}", "is required"))
                continue
            problem = wanted.problem_of(value)
            if problem is None:
                values[wanted.name] = wanted.read_value(value)
            else:
                problems.append((f"/data/{wanted.name}", problem))
        if problems:
            raise InvalidRequestError("An input is missing or implausible.", pointers=(*problems,))
        return values

    def measure(self, inputs: Values) -> Measurement:
        """Return the reduction with its spread, grade, and what was missing."""
        # By name: a restated entry keeps inputs that only the methodology before it asked for.
        whole = all(each.name in inputs for each in self.inputs)
        assumed = dict(inputs) if whole else self._assumed(inputs)
        formula = self._central
        try:
            central = formula.reduction_mg(assumed)
            down = central - self._least.reduction_mg(assumed)
            up = self._greatest.reduction_mg(assumed) - central
            activity_mg2 = 0
            for name, low, high in self._measured(inputs):
                measured = assumed[name]
                assumed[name] = low
                below = central - formula.reduction_mg(assumed)
                assumed[name] = high
                above = formula.reduction_mg(assumed) - central
                assumed[name] = measured
                activity_mg2 += max(abs(below), abs(above)) ** 2
        except ArithmeticError as error:
            raise CatalogueError(f"{self.reference} cannot be worked out for this.") from error
        spread = Spread(down, up, activity_mg2)
        if whole:
            return Measurement(central, spread, self.evidence[0].grade)
        return Measurement(central, spread, self._grade(inputs), self._missing(inputs))

    def cases(self, inputs: Values) -> tuple[Case, ...]:
        """Return every time that `measure` works the formula through, with each step's value."""
        assumed = self._assumed(inputs)
        cases = [
            self._central.case("central", assumed),
            self._least.case("low", assumed),
            self._greatest.case("high", assumed),
        ]
        for name, low, high in self._measured(inputs):
            cases.append(self._central.case(f"{name} low", {**assumed, name: low}))
            cases.append(self._central.case(f"{name} high", {**assumed, name: high}))
        return tuple(cases)

    def _assumed(self, inputs: Values) -> dict[str, Decimal]:
        values = dict(inputs)
        for each in self.inputs:
            if each.if_missing is not None:
                values.setdefault(each.name, each.if_missing.value)
        return values

    def _measured(self, inputs: Values) -> Iterator[tuple[str, Decimal, Decimal]]:
        """Yield each reported input that has an error, with the least and greatest it may be."""
        for each in self.inputs:
            value = inputs.get(each.name)
            if each.uncertainty and value is not None:
                error = exactly.multiply(value, each.uncertainty)
                low, high = exactly.subtract(value, error), exactly.add(value, error)
                yield each.name, max(each.minimum, low), min(each.maximum, high)

    def _missing(self, inputs: Values) -> tuple[str, ...]:
        return tuple(each.name for each in self.inputs if each.name not in inputs)

    def _grade(self, inputs: Values) -> EvidenceGrade:
        for each in self.evidence:
            if each.inputs <= inputs.keys():
                return each.grade
        return EvidenceGrade.REPORTED

    def __post_init__(self) -> None:
        """Every name is defined once and before it is read; else it is a CatalogueError."""
        known = set(CONVERSIONS)
        names = [each.name for each in self.inputs]
        names += [each.name for each in self.parameters]
        for name in names:
            if name in known:
                raise CatalogueError(f"`{name}` is defined twice.")
            known.add(name)
        for step in self.steps:
            unknown = sorted(step.expression.names - known)
            if unknown:
                raise CatalogueError(
                    f"Step `{step.name}` reads `{unknown[0]}`, which is not defined."
                )
            if step.name in known:
                raise CatalogueError(f"`{step.name}` is defined twice.")
            known.add(step.name)
        if self.use is not Use.FOOTPRINT:
            last = self.steps[-1]
            if (last.name, last.unit) != (RESULT_STEP, "g"):
                raise CatalogueError(f"The last step must be `{RESULT_STEP}`, in g.")
            if not self.evidence:
                raise CatalogueError("No evidence grade is given.")


@dataclass(frozen=True, slots=True)
class _Formula:
    """The steps with one set of parameters: as they are published, and as one function of inputs.

    Steps within steps, and constants worked out beforehand, make the function several times as
    fast; the order of operations, and so the result, is the same.
    """

    parameters: Values
    steps: tuple[Step, ...]
    result: Evaluator

    @classmethod
    def of(cls, steps: tuple[Step, ...], parameters: Values) -> "_Formula":
        known = {name: value for name, (_, value) in CONVERSIONS.items()} | dict(parameters)
        if not steps:
            raise CatalogueError("There is no step.")
        inner: dict[str, Evaluator] = {}
        for step in steps:
            inner[step.name] = step.expression.bound(known, inner)
        return cls(known, steps, inner[steps[-1].name])

    def reduction_mg(self, inputs: Values) -> int:
        return _milligrams(self.result(inputs))

    def case(self, name: str, inputs: Values) -> Case:
        used = {**self.parameters, **inputs}
        values = dict(used)
        for step in self.steps:
            values[step.name] = step.expression.evaluate(values)
        read = frozenset[str]().union(*(step.expression.names for step in self.steps))
        return Case(
            name,
            {each: used[each] for each in sorted(used) if each in read},
            {step.name: values[step.name] for step in self.steps},
        )


def _milligrams(grams: Decimal) -> int:
    return max(0, floor(exactly.multiply(grams, MG_PER_G)))
