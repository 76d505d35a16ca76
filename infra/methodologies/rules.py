"""What a file must say beyond its form: labels, sources, bounds, evidence, what its use asks for.

Each rule yields a problem for every place that breaks it. What needs the formulas is in `formulas`,
`units`, `divisions` and `effects`; what needs other files is in `timeline` and `lock`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from infra.methodologies.form import FOOTPRINT_TABLES, ChosenInput, MeasuredInput
from infra.methodologies.lines import Path
from infra.methodologies.problem import Problem
from infra.methodologies.source import SourceFile, nearest
from shared.domain.caps import CapPeriod
from shared.domain.measurement import Label
from shared.domain.methodology import RESULT_STEP, Use

# Their published rules differ up to tenfold, so each says what it rests on.
SCENARIOS_WITH_TRAITS = ("bus", "metro")
FOOTPRINT_RESULTS = ["home", "travel", "food", "goods", "footprint"]
FOOTPRINT_UNIT = "kg/year"

Rule = Callable[[SourceFile], Iterator[Problem]]


def name_of_the_file(file: SourceFile) -> Iterator[Problem]:
    if file.header and file.name != f"{file.header.reference}.toml":
        yield file.problem(f"The file's name should be {file.header.reference}.toml.", "id")


def days(file: SourceFile) -> Iterator[Problem]:
    header = file.header
    if not header:
        return
    if header.effective_until and header.effective_until <= header.effective_from:
        yield file.problem("It ends before it begins.", "effective_until")
    if header.best_before <= header.effective_from:
        yield file.problem("`best_before` should be after `effective_from`.", "best_before")


def still_fresh(file: SourceFile, today: date) -> Iterator[Problem]:
    """Warn where a version that is in force, or will be, should have been looked at again."""
    header = file.header
    if not header or (header.effective_until and header.effective_until <= today):
        return
    if header.best_before < today:
        reason = f"The factors were to be looked at again by {header.best_before}."
        line = file.lines["best_before",]
        yield Problem(file.name, line, reason, is_warning=True)


def labels_and_sources(file: SourceFile) -> Iterator[Problem]:
    """Yield values whose label is not earned, and sources that nothing rests on."""
    for path, label, sources, arithmetic in _labelled(file):
        if label is not Label.ILLUSTRATIVE and not sources:
            yield file.problem(f"A {label} value names at least one source.", *path, "label")
        if label is Label.DERIVED and not arithmetic:
            yield file.problem("A derived value shows its arithmetic.", *path, "label")
        for key in sources:
            if key not in file.keys:
                near = nearest(key, file.keys)
                yield file.problem(f"There is no source `{key}`.{near}", *path, "sources")
    for position, source in file.sources.items():
        if not re.search(rf"(?<![\w-]){re.escape(source.key)}(?![\w-])", file.said):
            reason = f"No value and no note names the source `{source.key}`."
            yield file.problem(reason, "sources", position, "key")
    for name in ("sources", *FOOTPRINT_TABLES):
        keys = {position: table.key for position, table in getattr(file, name).items()}
        yield from _twice(file, name, keys)


def bounds(file: SourceFile) -> Iterator[Problem]:
    """Yield ranges that do not hold their value."""
    for position, parameter in file.parameters.items():
        where = ("parameters", position)
        yield from _in_range(file, parameter.value, parameter.low, parameter.high, *where)
    for position, each in file.inputs.items():
        where = ("inputs", position)
        if isinstance(each, ChosenInput):
            keys = {number: choice.key for number, choice in enumerate(each.choices)}
            yield from _twice(file, "choices", keys, *where)
            for number, choice in enumerate(each.choices):
                yield from _in_range(
                    file, choice.value, choice.low, choice.high, *where, "choices", number
                )
            if each.if_missing and each.if_missing.choice not in keys.values():
                yield file.problem(
                    f"`{each.if_missing.choice}` is none of the choices."
                    + nearest(each.if_missing.choice, keys.values()),
                    *where,
                    "if_missing",
                    "choice",
                )
        else:
            yield from _measured(file, each, *where)


def use(file: SourceFile) -> Iterator[Problem]:
    """Yield what is missing for the file's use, or belongs to another."""
    if file.header:
        yield from (_footprint if file.header.use is Use.FOOTPRINT else _reduction)(file)


def crediting(file: SourceFile) -> Iterator[Problem]:
    """Yield what does not fit with caps, exclusivity and grades of evidence."""
    if not file.header:
        return
    periods = {position: cap.period.value for position, cap in file.caps.items()}
    yield from _twice(file, "caps", periods)
    if file.header.exclusive_with and file.header.use is not Use.CREDIT:
        yield file.problem("Only what credits is exclusive with others.", "exclusive_with")
    elif file.header.exclusive_with and CapPeriod.DAY.value not in periods.values():
        yield file.problem(
            "What is exclusive with others on a day needs a cap for the day.", "exclusive_with"
        )
    if file.header.use is not Use.FOOTPRINT and ("evidence", 0) not in file.lines:
        yield file.problem("`evidence` is missing: every event has a grade.")
    yield from _evidence(file)


def _labelled(file: SourceFile) -> Iterator[tuple[Path, Label, list[str], str | None]]:
    """Yield every value that has a label and may have sources, with where it stands."""
    for position, parameter in file.parameters.items():
        where: Path = ("parameters", position)
        yield where, parameter.label, parameter.sources, parameter.arithmetic
    for position, each in file.inputs.items():
        if isinstance(each, ChosenInput):
            for number, choice in enumerate(each.choices):
                where = ("inputs", position, "choices", number)
                yield where, choice.label, choice.sources, choice.arithmetic
    for key, figures in (("benchmarks", file.benchmarks), ("equivalents", file.equivalents)):
        for position, figure in figures.items():
            yield (key, position), figure.label, figure.sources, figure.arithmetic


def _twice(
    file: SourceFile, key: str, values: Mapping[int, str], *around: str | int
) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, value in values.items():
        if value in seen:
            yield file.problem(f"`{value}` is in [[{key}]] twice.", *around, key, position)
        seen.add(value)


def _in_range(
    file: SourceFile, value: Decimal, low: Decimal, high: Decimal, *where: str | int
) -> Iterator[Problem]:
    if low > value:
        yield file.problem(f"`low` {low} is above `value` {value}.", *where, "low")
    if high < value:
        yield file.problem(f"`high` {high} is below `value` {value}.", *where, "high")


def _measured(file: SourceFile, each: MeasuredInput, *where: str | int) -> Iterator[Problem]:
    if each.minimum > each.maximum:
        yield file.problem(
            f"`minimum` {each.minimum} is above `maximum` {each.maximum}.", *where, "minimum"
        )
    elif each.if_missing and not each.minimum <= each.if_missing.value <= each.maximum:
        yield file.problem(
            f"`if_missing` {each.if_missing.value} is not from {each.minimum} to {each.maximum}.",
            *where,
            "if_missing",
            "value",
        )
    if each.uncertainty and not (each.uncertainty_label and each.uncertainty_note):
        yield file.problem(
            "An `uncertainty` has an `uncertainty_label` and an `uncertainty_note`.",
            *where,
            "uncertainty",
        )


def _reduction(file: SourceFile) -> Iterator[Problem]:
    assert file.header
    if file.header.results is not None:
        yield file.problem("Only a footprint has `results`.", "results")
    for key in FOOTPRINT_TABLES:
        if getattr(file, key):
            yield file.problem(f"Only a footprint has [[{key}]].", key, 0)
    for position, each in file.inputs.items():
        if isinstance(each, ChosenInput):
            yield file.problem("Only a footprint has choices.", "inputs", position)
    if ("steps", 0) not in file.lines:
        yield file.problem(f"There is no step; the last one is `{RESULT_STEP}`, in g.")
    elif file.steps:
        last = max(file.steps)
        if (file.steps[last].name, file.steps[last].unit) != (RESULT_STEP, "g"):
            yield file.problem(f"The last step should be `{RESULT_STEP}`, in g.", "steps", last)
    if file.header.scenario in SCENARIOS_WITH_TRAITS and not file.header.traits:
        yield file.problem(
            f"`traits` is missing: every {file.header.scenario} rule says what it rests on."
        )


def _footprint(file: SourceFile) -> Iterator[Problem]:
    assert file.header
    if file.header.scenario != Use.FOOTPRINT.value:
        yield file.problem("A footprint's scenario is `footprint`.", "scenario")
    if file.header.results != FOOTPRINT_RESULTS:
        yield file.problem(f"`results` should be {FOOTPRINT_RESULTS}.", "results")
    for result in FOOTPRINT_RESULTS:
        if result not in file.names:
            yield file.problem(f"There is no step `{result}`.", "results")
    for position, each in file.inputs.items():
        if not each.if_missing:
            reason = f"`{each.name}` needs an `if_missing`: its default."
            yield file.problem(reason, "inputs", position)
    yield from _figures(file)


def _figures(file: SourceFile) -> Iterator[Problem]:
    """Yield what is not in the unit in which it is shown."""
    for position, step in file.steps.items():
        if step.name in FOOTPRINT_RESULTS and step.unit != FOOTPRINT_UNIT:
            yield file.problem(f"A result is in {FOOTPRINT_UNIT}.", "steps", position, "unit")
    for position, each in file.benchmarks.items():
        if each.unit != FOOTPRINT_UNIT:
            yield file.problem(
                f"A benchmark is in {FOOTPRINT_UNIT}.", "benchmarks", position, "unit"
            )
    for position, each in file.equivalents.items():
        if not each.unit.startswith("kg/"):
            reason = "An equivalent is in kg per one of it, like kg/km."
            yield file.problem(reason, "equivalents", position, "unit")


def _evidence(file: SourceFile) -> Iterator[Problem]:
    """Every event finds its grade, and every grade its events."""
    optional = {each.name for each in file.inputs.values() if each.if_missing}
    better: list[tuple[int, frozenset[str]]] = []
    for position, each in file.evidence.items():
        where = ("evidence", position)
        for name in set(each.inputs) - file.input_names:
            reason = f"There is no input `{name}`.{nearest(name, file.input_names)}"
            yield file.problem(reason, *where, "inputs")
        if any(grade >= each.grade for grade, _ in better):
            yield file.problem("The best grade comes first, and each only once.", *where, "grade")
        if any(names <= set(each.inputs) for _, names in better):
            yield file.problem("An event with these inputs has a better grade above.", *where)
        better.append((each.grade, frozenset(each.inputs)))
    if better and better[-1][1] & optional:
        yield file.problem(
            "The last [[evidence]] is for every event: its inputs are [], or all required.",
            "evidence",
            max(file.evidence),
            "inputs",
        )


RULES: Iterable[Rule] = (name_of_the_file, days, labels_and_sources, bounds, use, crediting)
