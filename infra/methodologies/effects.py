"""Every parameter does to the result what its `effect` says, wherever the inputs lie.

A result's low and high end are worked out with each parameter at the bound that its `effect` names.
Were one wrong, the range would be too narrow and nobody would see it. So each is tried at every
corner of what it is tied to in the formula: inputs at their bounds, other parameters at theirs.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import product
from math import prod

from infra.methodologies.form import ChosenInput, MeasuredInput
from infra.methodologies.formulas import formulas_of
from infra.methodologies.lines import Path
from infra.methodologies.problem import Problem
from infra.methodologies.source import SourceFile
from shared.domain.expression import Expression
from shared.domain.factors import Effect
from shared.domain.methodology import CONVERSIONS, RESULT_STEP, Methodology
from shared.domain.receipt import plain

# A formula that ties more values together than this cannot be tried out, nor be read by a person.
CORNERS_MAX = 50_000
_digits = Context(prec=6)

_Values = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class _Factor:
    """What has a range: a parameter, or a choice, which the result rises with."""

    name: str
    effect: Effect
    low: Decimal
    value: Decimal
    high: Decimal
    path: Path


def effects(file: SourceFile) -> Iterator[Problem]:
    """Yield factors whose effect is another at some corner, each with the first of these.

    The file's formulas must be sound and never divide by zero.
    """
    assert file.header
    formula = _Formula.of(file)
    # What is below zero is credited as zero, so a parameter may do there what it likes.
    results = file.header.results or [f"max(0, {RESULT_STEP})"]
    for factor in _factors(file):
        found = (_contradiction(factor, formula, Expression.parse(each)) for each in results)
        reason = next(filter(None, found), "")
        if reason:
            yield file.problem(reason, *factor.path)


def ranges(file: SourceFile, methodology: Methodology) -> Iterator[Problem]:
    """Yield the corners of the inputs where a result is not from low to high."""
    reported = {
        each.name: [each.minimum, each.maximum, *([None] if each.if_missing else [])]
        for each in file.inputs.values()
        if isinstance(each, MeasuredInput)
    }
    for values in product(*reported.values()):
        inputs = {
            name: value for name, value in zip(reported, values, strict=True) if value is not None
        }
        spread = methodology.measure(inputs).spread
        if min(spread) < 0:
            where = _listed(inputs) or "no input is reported"
            yield file.problem(f"The result is not between its low and its high where {where}.")


def lower_bounds(file: SourceFile, methodology: Methodology) -> Iterator[Problem]:
    """Yield optional inputs for which something plausible gives less than `if_missing` does.

    A provisional credit is topped up and never taken back, so it must be the least that can be.
    """
    optional = {
        position: each
        for position, each in file.inputs.items()
        if isinstance(each, MeasuredInput) and each.if_missing
    }
    bounds = {
        each.name: [each.minimum, each.maximum]
        for each in file.inputs.values()
        if isinstance(each, MeasuredInput)
    }
    for position, missing in optional.items():
        others = {name: ends for name, ends in bounds.items() if name != missing.name}
        for values in product(*others.values()):
            inputs = dict(zip(others, values, strict=True))
            assumed = methodology.measure(inputs).reduction_mg
            least = min(
                (methodology.measure({**inputs, missing.name: end}).reduction_mg, end)
                for end in bounds[missing.name]
            )
            if least[0] < assumed:
                yield file.problem(
                    f"`if_missing` of `{missing.name}` is not the lower bound: "
                    f"it gives {assumed} mg, and {least[1]} gives {least[0]} mg.",
                    *("inputs", position, "if_missing"),
                )
                break


@dataclass(frozen=True, slots=True)
class _Formula:
    """The steps in their order, values to start from, and the corners of what may vary."""

    steps: Mapping[str, Expression]
    values: _Values
    corners: Mapping[str, list[Decimal]]

    @classmethod
    def of(cls, file: SourceFile) -> "_Formula":
        corners = _corners(file)
        values = {name: corner[0] for name, corner in corners.items()}
        values |= {name: value for name, (_, value) in CONVERSIONS.items()}
        steps = {file.steps[position].name: each for position, each in formulas_of(file).items()}
        formula = cls(steps, values, corners)
        return cls(steps, formula.work_out(values, steps), corners)

    def work_out(self, values: _Values, steps: Iterable[str]) -> dict[str, Decimal]:
        found = dict(values)
        for step in steps:
            found[step] = self.steps[step].evaluate(found)
        return found

    def reading(self, names: Collection[str]) -> list[str]:
        """Return the steps that read one of these, or a step that does."""
        moved = set(names)
        for name, step in self.steps.items():
            if step.names & moved:
                moved.add(name)
        return [name for name in self.steps if name in moved]

    def tied(self, node: ast.expr, name: str) -> frozenset[str] | None:
        """Return what decides how a name moves a formula; None where it does not move it.

        What is only added to it does not; what it is multiplied, divided or compared with does.
        """
        match node:
            case ast.Name(id=each) if each in self.steps:
                return self.tied(_tree(self.steps[each].text), name)
            case ast.Name(id=each):
                return frozenset() if each == name else None
            case ast.BinOp(left=one, op=ast.Add() | ast.Sub(), right=other):
                found = [self.tied(one, name), self.tied(other, name)]
                moved = [each for each in found if each is not None]
                return frozenset[str]().union(*moved) if moved else None
            case ast.BinOp(left=one, op=ast.Mult(), right=other):
                for part, factor in ((one, other), (other, one)):
                    if name not in self.leaves(factor):
                        moved_by = self.tied(part, name)
                        return None if moved_by is None else moved_by | self.leaves(factor)
        leaves = self.leaves(node)
        return leaves - {name} if name in leaves else None

    def leaves(self, node: ast.expr) -> frozenset[str]:
        """Return the inputs and parameters that a formula rests on."""
        names = Expression.parse(ast.unparse(node)).names
        inner = (self.leaves(_tree(self.steps[name].text)) for name in names & self.steps.keys())
        return (names - self.steps.keys()).union(*inner)


def _contradiction(factor: _Factor, formula: _Formula, result: Expression) -> str:
    """Return the first corner where the result does not follow the factor, or nothing."""
    tied = formula.tied(_tree(result.text), factor.name)
    if tied is None:
        return ""
    others = {name: formula.corners[name] for name in sorted(tied & formula.corners.keys())}
    if prod(map(len, others.values())) > CORNERS_MAX:
        return f"`{factor.name}` is tied to too many values: split the formula."
    steps = formula.reading({factor.name, *others})
    for values in product(*others.values()):
        corner = dict(zip(others, values, strict=True))
        low, value, high = (
            result.evaluate(
                formula.work_out({**formula.values, **corner, factor.name: each}, steps)
            )
            for each in (factor.low, factor.value, factor.high)
        )
        rises = factor.effect is Effect.RISES
        if not (low <= value <= high if rises else low >= value >= high):
            where = f", where {_listed(corner)}" if corner else ""
            return (
                f"The result does not {'rise' if rises else 'fall'} with `{factor.name}`: it is "
                f"{_short(low)} at {factor.low} and {_short(high)} at {factor.high}{where}."
            )
    return ""


def _factors(file: SourceFile) -> Iterator[_Factor]:
    for position, each in file.parameters.items():
        path = ("parameters", position, "effect")
        yield _Factor(each.name, each.effect, each.low, each.value, each.high, path)
    for position, chosen in file.inputs.items():
        if isinstance(chosen, ChosenInput):
            for number, choice in enumerate(chosen.choices):
                ends = (choice.low, choice.value, choice.high)
                yield _Factor(
                    chosen.name, Effect.RISES, *ends, ("inputs", position, "choices", number)
                )


def _corners(file: SourceFile) -> dict[str, list[Decimal]]:
    """Return the values at which to try each input and parameter."""
    corners = {each.name: [each.low, each.high] for each in file.parameters.values()}
    for each in file.inputs.values():
        if isinstance(each, ChosenInput):
            corners[each.name] = [choice.value for choice in each.choices]
        else:
            assumed = [each.if_missing.value] if each.if_missing else []
            corners[each.name] = [each.minimum, each.maximum, *assumed]
    return corners


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _listed(values: _Values) -> str:
    return ", ".join(f"{name} is {value}" for name, value in values.items())


def _short(value: Decimal) -> str:
    return plain(_digits.plus(value))
