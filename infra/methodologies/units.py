"""Units of the formulas, by pint and strictly: what does not come out exactly is a mistake.

A step in kg whose file says g is a thousandfold error that no test of bounds would see, so nothing
is converted silently: a formula multiplies by a conversion, which has a unit too.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from pathlib import Path

import pint

from infra.methodologies.form import FOOTPRINT_TABLES
from infra.methodologies.formulas import all_formulas
from infra.methodologies.problem import Problem
from infra.methodologies.source import SourceFile
from shared.domain.expression import Expression
from shared.domain.methodology import CONVERSIONS

UNITS = Path(__file__).with_name("units.txt")
_REGISTRY: pint.UnitRegistry[float] = pint.UnitRegistry(UNITS)

_SAME: Mapping[type[ast.operator], str] = {ast.Add: "adds {} and {}", ast.Sub: "takes {1} from {0}"}
_COMBINE: Mapping[type[ast.operator], Callable[[pint.Unit, pint.Unit], pint.Unit]] = {
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

# None is the unit of a bare 0, which is nothing in every unit.
Unit = pint.Unit | None


class MixedUnitsError(Exception):
    """What is added, subtracted or compared is not in one unit."""


def units(file: SourceFile) -> Iterator[Problem]:
    """Yield formulas whose unit is another than the file says, and units that there are not."""
    known = {name: _REGISTRY.parse_units(unit) for name, (unit, _) in CONVERSIONS.items()}
    for key in ("inputs", "parameters", "steps", "benchmarks", "equivalents"):
        for position, each in getattr(file, key).items():
            unit = parse_unit(each.unit)
            if unit is None:
                reason = f"`{each.unit}` is not a unit in {UNITS.name}."
                yield file.problem(reason, key, position, "unit")
            elif key not in FOOTPRINT_TABLES:
                known.setdefault(each.name, unit)
    for path, name, formula in all_formulas(file):
        if formula.names | {name} <= known.keys():
            reason = _mistake(name, formula, known)
            if reason:
                yield file.problem(reason, *path)


def unit_of(node: ast.expr, known: Mapping[str, pint.Unit]) -> Unit:
    """Return the unit that a formula comes out in; raise MixedUnitsError where it has none."""
    match node:
        case ast.Constant(value=value):
            return _REGISTRY.dimensionless if value else None
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            one, other = unit_of(left, known), unit_of(right, known)
            if type(op) in _SAME:
                return _same(_SAME[type(op)], node, one, other)
            return None if one is None or other is None else _COMBINE[type(op)](one, other)
        case ast.Call(args=args):
            of_each = [unit_of(argument, known) for argument in args]
            return reduce(partial(_same, "compares {} with {}", node), of_each)
        case _:
            raise AssertionError(node)


def parse_unit(text: str) -> Unit:
    """Return the unit, None where there is none of that name."""
    try:
        return _REGISTRY.parse_units(text)
    except pint.UndefinedUnitError:
        return None


def written(unit: pint.Unit) -> str:
    """Return a unit as the files write it: `kg/km`, and `1` for a plain number."""
    return f"{unit:~C}" or "1"


def _mistake(name: str, formula: Expression, known: Mapping[str, pint.Unit]) -> str:
    """Return what is wrong with the unit of what a formula sets, or nothing."""
    said = known[name]
    try:
        unit = unit_of(ast.parse(formula.text, mode="eval").body, known)
    except MixedUnitsError as error:
        return str(error)
    if unit is None or unit == said:
        return ""
    remedy = ""
    if conversion := _conversion(unit, said):
        remedy = f": multiply by {conversion}"
    elif conversion := _conversion(said, unit):
        remedy = f": divide by {conversion}"
    return f"{name} is in {written(unit)}, but the file says {written(said)}{remedy}."


def _same(verb: str, node: ast.expr, one: Unit, other: Unit) -> Unit:
    if one is None or other is None or one == other:
        return other if one is None else one
    mistake = f"`{ast.unparse(node)}` {verb.format(written(one), written(other))}"
    for each, wanted in ((one, other), (other, one)):
        if conversion := _conversion(each, wanted):
            mistake += f": multiply the {written(each)} by {conversion}"
    raise MixedUnitsError(f"{mistake}.")


def _conversion(unit: pint.Unit, wanted: pint.Unit) -> str:
    """Return the conversion that makes one unit the other, or nothing."""
    for name, (text, _) in CONVERSIONS.items():
        if unit * _REGISTRY.parse_units(text) == wanted:
            return name
    return ""
