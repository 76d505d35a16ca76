"""No formula divides by zero, whatever plausible values go in.

Trying the bounds would not do: a divisor may be zero between them. So each formula is worked out
over intervals, which hold every value that a name may plausibly have.
"""

import ast
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from infra.methodologies.form import ChosenInput, Parameter
from infra.methodologies.formulas import all_formulas
from infra.methodologies.problem import Problem
from infra.methodologies.source import Input, SourceFile
from shared.domain.expression import exactly
from shared.domain.methodology import CONVERSIONS


class Interval(NamedTuple):
    low: Decimal
    high: Decimal

    @classmethod
    def around(cls, *values: Decimal) -> "Interval":
        return cls(min(values), max(values))


class DividesByZeroError(Exception):
    """A formula divides by what may be zero."""


def divisions(file: SourceFile) -> Iterator[Problem]:
    known = {name: Interval(value, value) for name, (_, value) in CONVERSIONS.items()}
    for each in (*file.inputs.values(), *file.parameters.values()):
        known[each.name] = plausible(each)
    for path, name, formula in all_formulas(file):
        if not formula.names <= known.keys():
            continue
        try:
            result = work_out(ast.parse(formula.text, mode="eval").body, known)
        except DividesByZeroError as error:
            yield file.problem(str(error), *path)
        else:
            known.setdefault(name, result)


def plausible(each: Input | Parameter) -> Interval:
    """Return the interval of an input's or a parameter's values."""
    if isinstance(each, ChosenInput):
        return Interval.around(
            *(end for choice in each.choices for end in (choice.low, choice.high))
        )
    if isinstance(each, Parameter):
        return Interval.around(each.low, each.high)
    return Interval.around(each.minimum, each.maximum)


def work_out(node: ast.expr, known: Mapping[str, Interval]) -> Interval:
    """Return everything that a formula may come to; raise DividesByZeroError where it may break."""
    match node:
        case ast.Constant(value=int(value)):
            return Interval(Decimal(value), Decimal(value))
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, work_out(left, known), work_out(right, known), right)
        case ast.Call(func=ast.Name(id=name), args=args):
            choose = max if name == "max" else min
            lows, highs = zip(*(work_out(each, known) for each in args), strict=True)
            return Interval(choose(lows), choose(highs))
        case _:
            raise AssertionError(node)


def _combine(op: ast.operator, one: Interval, other: Interval, divisor: ast.expr) -> Interval:
    match op:
        case ast.Add():
            return Interval(exactly.add(one.low, other.low), exactly.add(one.high, other.high))
        case ast.Sub():
            return Interval(
                exactly.subtract(one.low, other.high), exactly.subtract(one.high, other.low)
            )
        case ast.Mult():
            operate = exactly.multiply
        case _:
            operate = exactly.divide
            if other.low <= 0 <= other.high:
                text = ast.unparse(divisor)
                raise DividesByZeroError(f"This divides by `{text}`, which may be 0.")
    return Interval.around(*(operate(left, right) for left in one for right in other))
