"""A person's footprint of one year: answers in, milligrams of CO2e by item out, and what helps.

It is worked out by a methodology for footprints, whose results are plain sums: the footprint of
sections, a section of items. An item is rounded down once, to whole milligrams; sections and the
footprint are sums of items, so that a breakdown always adds up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from math import floor
from typing import NamedTuple

from shared.domain.errors import CatalogueError, InvalidRequestError
from shared.domain.expression import Expression, Values, exactly
from shared.domain.factors import Assumption, Choice, Document, Input, Parameter
from shared.domain.footprint_texts import NOT_COUNTED, TITLES, Texts
from shared.domain.measurement import Label
from shared.domain.methodology import CONVERSIONS, Methodology
from shared.domain.receipt import plain

FOOTPRINT = "footprint"
UNIT = "kg/year"
PER_ONE = "kg/"
MG_PER_KG = Decimal(1_000_000)
CHANGES_SHOWN_MAX = 5
# A plain sum is written like this, and nothing else is.
_PLUS = " + "
_EQUIVALENT_DIGITS = 3


class Amount(NamedTuple):
    """Milligrams of CO2e per year, with what the factors' ranges allow. Errors add up in full."""

    low_mg: int = 0
    central_mg: int = 0
    high_mg: int = 0

    def plus(self, other: "Amount") -> "Amount":
        return Amount(
            self.low_mg + other.low_mg,
            self.central_mg + other.central_mg,
            self.high_mg + other.high_mg,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an input is taken as: `given` by the person, or by default."""

    input: Input
    value: Decimal
    choice: Choice | None
    given: bool

    @property
    def text(self) -> str:
        """The choice's key, or the number as plain decimal text: what may be answered again."""
        return self.choice.key if self.choice else plain(self.value)

    @property
    def default(self) -> Assumption | None:
        return None if self.given else self.input.if_missing

    @property
    def labels(self) -> Iterator[Label]:
        """Yield how honest the value is; a number that the person gave has no label."""
        if self.choice:
            yield self.choice.label
        if self.default:
            yield self.default.label

    def at(self, *, least: bool) -> Decimal:
        """Return the value that makes the footprint least, or greatest."""
        if self.choice is None:
            return self.value
        return self.choice.low if least else self.choice.high


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A benchmark, in kg per year, or what one of something stands for, in kg."""

    key: str
    value: Decimal
    unit: str
    year: int
    label: Label
    sources: tuple[str, ...]
    arithmetic: str
    note: str
    title: Texts

    @classmethod
    def read(cls, data: Document) -> "Yardstick":
        return cls(
            key=data["key"],
            value=Decimal(data["value"]),
            unit=data["unit"],
            year=data.get("year", 0),
            label=Label(data["label"]),
            sources=tuple(data["sources"]),
            arithmetic=data.get("arithmetic", ""),
            note=data.get("note", ""),
            title=data["title"],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person may do: new answers, as expressions over the present values."""

    key: str
    label: Label
    note: str
    title: Texts
    answers: Mapping[str, Expression]

    @classmethod
    def read(cls, data: Document) -> "Change":
        return cls(
            key=data["key"],
            label=Label(data["label"]),
            note=data["note"],
            title=data["title"],
            answers={name: Expression.parse(text) for name, text in data["set"].items()},
        )


class ChangedAnswer(NamedTuple):
    """One answer before and after a change."""

    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Saving:
    """What a change would save this person in a year."""

    change: Change
    saving_mg: int
    answers: tuple[ChangedAnswer, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the breakdown. `label` is the weakest of the values that it rests on."""

    name: str
    title: Texts
    amount: Amount
    label: Label


@dataclass(frozen=True, slots=True)
class Section:
    """Some items and their sum."""

    name: str
    title: Texts
    amount: Amount
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Footprint:
    """A result, by its methodology; `parameters` and `choices` are the factors that count in it."""

    methodology: Methodology
    answers: tuple[Answer, ...]
    total: Amount
    label: Label
    sections: tuple[Section, ...]
    parameters: tuple[Parameter, ...]
    choices: tuple[Answer, ...]
    savings: tuple[Saving, ...]
    benchmarks: tuple[Yardstick, ...]
    equivalents: tuple[Yardstick, ...]
    not_counted: tuple[Texts, ...]

    def share_percent(self, part_mg: int) -> str:
        """Return a part of the central total in percent, as text with one decimal."""
        return _percent(part_mg, self.total.central_mg)

    @property
    def given_texts(self) -> dict[str, str]:
        """What the person answered, as text; it and the methodology make the same result again."""
        return {each.input.name: each.text for each in self.answers if each.given}


def percent_of(yardstick: Yardstick, amount_mg: int) -> str:
    """Return an amount in percent of a benchmark, as text with one decimal."""
    return _percent(amount_mg, yardstick_mg(yardstick))


def yardstick_mg(yardstick: Yardstick) -> int:
    """Return a benchmark in milligrams of CO2e per year."""
    return _milligrams(yardstick.value)


def count_of(yardstick: Yardstick, amount_mg: int) -> str:
    """Return how many of an equivalent an amount is, as text with three digits that count."""
    count = exactly.divide(Decimal(amount_mg), yardstick.value * MG_PER_KG)
    if not count:
        return "0"
    place = Decimal(1).scaleb(min(0, count.adjusted() - _EQUIVALENT_DIGITS + 1))
    whole = Decimal(1).scaleb(count.adjusted() - _EQUIVALENT_DIGITS + 1)
    rounded = exactly.divide(count, whole).to_integral_value(ROUND_HALF_EVEN) * whole
    return plain(rounded.quantize(place))


@dataclass(frozen=True, slots=True)
class FootprintModel:
    """A methodology for footprints, with what such a methodology has beside its formula."""

    methodology: Methodology
    sections: Mapping[str, tuple[str, ...]]
    changes: tuple[Change, ...]
    benchmarks: tuple[Yardstick, ...]
    equivalents: tuple[Yardstick, ...]
    _read_by: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, methodology: Methodology) -> "FootprintModel":
        """Return the model; raise CatalogueError where the methodology is none for footprints."""
        document = methodology.document
        steps = {each.name: each.expression for each in methodology.steps}
        model = cls(
            methodology=methodology,
            sections={name: _parts(steps, name) for name in _parts(steps, FOOTPRINT)},
            changes=tuple(Change.read(each) for each in document.get("changes", ())),
            benchmarks=tuple(Yardstick.read(each) for each in document.get("benchmarks", ())),
            equivalents=tuple(Yardstick.read(each) for each in document.get("equivalents", ())),
            _read_by={name: _closure(steps, name) for name in steps},
        )
        model._check()
        return model

    def read_answers(self, data: Mapping[str, object]) -> dict[str, Answer]:
        """Return an answer to every input, by default where the data has none.

        Numbers are int or Decimal. Raises InvalidRequestError with a pointer to each answer that is
        of the wrong type, out of bounds, or to no question.
        """
        inputs = {each.name: each for each in self.methodology.inputs}
        problems = [
            (_pointer(name), "is not asked for by this methodology")
            for name in data
            if name not in inputs
        ]
        for name in inputs.keys() & data.keys():
            problem = inputs[name].problem_of(data[name])
            if problem is not None:
                problems.append((_pointer(name), problem))
        if problems:
            raise InvalidRequestError(
                "An answer is unknown or implausible.", pointers=tuple(sorted(problems))
            )
        return {
            name: _given(each, data[name]) if name in data else _default(each)
            for name, each in inputs.items()
        }

    def read_texts(self, texts: Mapping[str, str]) -> dict[str, Answer]:
        """Return the answers of `Footprint.given_texts`."""
        choices = {each.name for each in self.methodology.inputs if each.choices}
        return self.read_answers(
            {name: text if name in choices else Decimal(text) for name, text in texts.items()}
        )

    def calculate(self, answers: Answers) -> Footprint:
        """Return the footprint of a person with these answers."""
        amounts = self._amounts(answers)
        sections = tuple(self._section(name, answers, amounts) for name in self.sections)
        counted = {name for name, amount in amounts.items() if amount.high_mg}
        used = frozenset[str]().union(*(self._read_by[name] for name in counted))
        total = _sum(each.amount for each in sections)
        labels = [
            item.label for section in sections for item in section.items if item.name in counted
        ]
        return Footprint(
            methodology=self.methodology,
            answers=tuple(answers.values()),
            total=total,
            label=_weakest(labels),
            sections=sections,
            parameters=tuple(each for each in self.methodology.parameters if each.name in used),
            choices=tuple(
                each for name, each in answers.items() if each.choice is not None and name in used
            ),
            savings=self._savings(answers, total.central_mg),
            benchmarks=self.benchmarks,
            equivalents=self.equivalents,
            not_counted=tuple(
                text for name, text in NOT_COUNTED.items() if name not in self._read_by
            ),
        )

    def changed(self, change: Change, answers: Answers) -> dict[str, Answer]:
        """Return the answers after a change, each one that could be given like that.

        A number is rounded and kept within its bounds. A choice moves to the highest one that the
        expression reaches; where there is none it stays.
        """
        values = _known({name: each.value for name, each in answers.items()})
        after = dict(answers)
        for name, expression in change.answers.items():
            after[name] = _moved(answers[name], expression.evaluate(values))
        return after

    def _savings(self, answers: Answers, before_mg: int) -> tuple[Saving, ...]:
        """Return the changes that save most, most first; among equals the file's order stands."""
        savings: list[Saving] = []
        for change in self.changes:
            after = self.changed(change, answers)
            saving_mg = before_mg - self._central_mg(after)
            if saving_mg > 0:
                changed = tuple(
                    ChangedAnswer(answers[name], after[name])
                    for name in change.answers
                    if after[name].value != answers[name].value
                )
                savings.append(Saving(change, saving_mg, changed))
        savings.sort(key=lambda each: -each.saving_mg)
        return tuple(savings[:CHANGES_SHOWN_MAX])

    def _central_mg(self, answers: Answers) -> int:
        parameters = {each.name: each.value for each in self.methodology.parameters}
        return sum(self._work_through(answers, parameters).values())

    def _amounts(self, answers: Answers) -> dict[str, Amount]:
        """Return every item's amount, from the formula worked through three times."""
        parameters = self.methodology.parameters
        low = self._work_through(
            answers, {each.name: each.at(least=True) for each in parameters}, least=True
        )
        central = self._work_through(answers, {each.name: each.value for each in parameters})
        high = self._work_through(
            answers, {each.name: each.at(least=False) for each in parameters}, least=False
        )
        return {name: Amount(low[name], central[name], high[name]) for name in central}

    def _work_through(
        self, answers: Answers, parameters: Values, *, least: bool | None = None
    ) -> dict[str, int]:
        """Return every item in milligrams; `least` None takes each answer as it is."""
        values = _known(parameters)
        for name, each in answers.items():
            values[name] = each.value if least is None else each.at(least=least)
        for step in self.methodology.steps:
            values[step.name] = step.expression.evaluate(values)
        return {
            name: _milligrams(values[name]) for items in self.sections.values() for name in items
        }

    def _section(self, name: str, answers: Answers, amounts: Mapping[str, Amount]) -> Section:
        items = tuple(
            Item(each, TITLES[each], amounts[each], self._label(each, answers))
            for each in self.sections[name]
        )
        return Section(name, TITLES[name], _sum(each.amount for each in items), items)

    def _label(self, item: str, answers: Answers) -> Label:
        read = self._read_by[item]
        labels = [each.label for each in self.methodology.parameters if each.name in read]
        labels += [label for name, each in answers.items() if name in read for label in each.labels]
        return _weakest(labels)

    def _check(self) -> None:
        """Require what the workshop of methodologies cannot know."""
        for section, items in self.sections.items():
            for name in (section, *items):
                if name not in TITLES:
                    raise CatalogueError(f"`{name}` has no title.")
        inputs = {each.name for each in self.methodology.inputs}
        for change in self.changes:
            read = frozenset[str]().union(*(each.names for each in change.answers.values()))
            unknown = sorted((change.answers.keys() | read) - inputs - CONVERSIONS.keys())
            if unknown:
                raise CatalogueError(f"The change `{change.key}` names no input `{unknown[0]}`.")
        for each in (*self.benchmarks, *self.equivalents):
            wanted = UNIT if each in self.benchmarks else PER_ONE
            if not each.unit.startswith(wanted) or each.value <= 0:
                raise CatalogueError(f"`{each.key}` must be above zero, in {wanted}.")


def _parts(steps: Mapping[str, Expression], name: str) -> tuple[str, ...]:
    """Return the steps that a result is the plain sum of."""
    if name not in steps:
        raise CatalogueError(f"There is no step `{name}`.")
    parts = tuple(steps[name].text.split(_PLUS))
    if not set(parts) <= steps.keys() or len(set(parts)) != len(parts):
        raise CatalogueError(f"`{name}` must be the plain sum of other steps.")
    return parts


def _closure(steps: Mapping[str, Expression], name: str) -> frozenset[str]:
    """Return every name that a step reads, itself or through other steps."""
    read = steps[name].names
    return read.union(*(_closure(steps, each) for each in read if each in steps))


def _known(values: Values) -> dict[str, Decimal]:
    return {name: value for name, (_, value) in CONVERSIONS.items()} | dict(values)


def _given(asked: Input, value: object) -> Answer:
    choice = next((each for each in asked.choices if each.key == value), None)
    return Answer(asked, asked.read_value(value), choice, given=True)


def _default(asked: Input) -> Answer:
    default = asked.if_missing
    assert default is not None
    choice = next((each for each in asked.choices if each.key == default.choice), None)
    return Answer(asked, default.value, choice, given=False)


def _moved(answer: Answer, value: Decimal) -> Answer:
    asked = answer.input
    if not asked.choices:
        place = Decimal(1).scaleb(-asked.decimals)
        rounded = exactly.quantize(value, place)
        return Answer(asked, min(asked.maximum, max(asked.minimum, rounded)), None, given=True)
    reached = [each for each in asked.choices if each.value <= value]
    if not reached:
        return answer
    choice = max(reached, key=lambda each: each.value)
    return Answer(asked, choice.value, choice, given=True)


def _pointer(name: str) -> str:
    """Return the JSON pointer of an answer; RFC 6901 escapes two characters."""
    return "/answers/" + name.replace("~", "~0").replace("/", "~1")


def _milligrams(kilograms: Decimal) -> int:
    return floor(exactly.multiply(kilograms, MG_PER_KG))


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "0.0"
    share = exactly.divide(Decimal(100 * part), Decimal(whole))
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_EVEN):f}"


def _sum(amounts: Iterator[Amount]) -> Amount:
    total = Amount()
    for each in amounts:
        total = total.plus(each)
    return total


def _weakest(labels: list[Label]) -> Label:
    return max(labels, key=lambda each: each.weakness, default=Label.PUBLISHED)
