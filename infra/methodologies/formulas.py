"""The formulas' names: each is defined once, before it is read, and is read by something."""

import keyword
from collections.abc import Iterator

from infra.methodologies.lines import Path
from infra.methodologies.problem import Problem
from infra.methodologies.rules import FOOTPRINT_RESULTS
from infra.methodologies.source import SourceFile, nearest
from shared.domain.errors import CatalogueError
from shared.domain.expression import Expression
from shared.domain.methodology import CONVERSIONS, RESULT_STEP

RESULTS = {RESULT_STEP, *FOOTPRINT_RESULTS}
# They mean something else in a formula.
TAKEN = {"min", "max", *keyword.kwlist}


def formulas_of(file: SourceFile) -> dict[int, Expression]:
    """Return the formula of each step that has a sound one."""
    parsed = {position: _parse(step.expression) for position, step in file.steps.items()}
    return {position: each for position, each in parsed.items() if isinstance(each, Expression)}


def all_formulas(file: SourceFile) -> Iterator[tuple[Path, str, Expression]]:
    """Yield where each sound formula stands, what it sets, and itself: steps, then changes."""
    for position, formula in formulas_of(file).items():
        yield ("steps", position, "expression"), file.steps[position].name, formula
    for position, change in file.changes.items():
        for name, text in change.set.items():
            parsed = _parse(text)
            if isinstance(parsed, Expression):
                yield ("changes", position, "set", name), name, parsed


def language(file: SourceFile) -> Iterator[Problem]:
    for position, step in file.steps.items():
        parsed = _parse(step.expression)
        if isinstance(parsed, str):
            yield file.problem(parsed, "steps", position, "expression")


def definitions(file: SourceFile) -> Iterator[Problem]:
    """Yield names that are defined twice, or that mean something else in a formula."""
    seen: set[str] = set()
    for key in ("inputs", "parameters", "steps"):
        for position, each in getattr(file, key).items():
            if each.name in CONVERSIONS:
                reason = f"`{each.name}` is a conversion that every formula knows."
            elif each.name in TAKEN:
                reason = f"`{each.name}` cannot be a name: it is a word of the formulas."
            elif each.name in seen:
                reason = f"`{each.name}` is defined twice."
            else:
                seen.add(each.name)
                continue
            yield file.problem(reason, key, position, "name")


def reading(file: SourceFile) -> Iterator[Problem]:
    """Yield names that a formula reads before they are defined, and those that none reads."""
    order = {step.name: position for position, step in file.steps.items()}
    read: set[str] = set()
    known = file.names | CONVERSIONS.keys()
    formulas = formulas_of(file)
    for position, formula in formulas.items():
        read |= formula.names
        for name in sorted(formula.names):
            if name not in known:
                reason = f"`{name}` is not defined.{nearest(name, known)}"
            elif order.get(name, -1) >= position:
                reason = f"`{name}` is read before it is worked out."
            else:
                continue
            yield file.problem(reason, "steps", position, "expression")
    if ("steps", len(formulas)) in file.lines:
        return  # There is a step more than could be read, and it may be the one that reads them.
    for key in ("inputs", "parameters", "steps"):
        for position, each in getattr(file, key).items():
            if each.name not in read | RESULTS:
                yield file.problem(f"No step reads `{each.name}`.", key, position, "name")


def changes(file: SourceFile) -> Iterator[Problem]:
    """Yield changes that set no input, or read something else than inputs."""
    inputs = file.input_names
    for position, change in file.changes.items():
        for name, text in change.set.items():
            where = ("changes", position, "set", name)
            parsed = _parse(text)
            if isinstance(parsed, str):
                yield file.problem(parsed, *where)
                continue
            for each in sorted((parsed.names | {name}) - inputs - CONVERSIONS.keys()):
                yield file.problem(f"There is no input `{each}`.{nearest(each, inputs)}", *where)


def _parse(text: str) -> Expression | str:
    """Return the formula, or what is wrong with it."""
    try:
        return Expression.parse(text)
    except CatalogueError as error:
        return error.detail
