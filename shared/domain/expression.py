"""The formulas' small language: names, whole numbers, + - * /, parentheses, min and max.

A formula is parsed once into Python's syntax tree and every node that is not on the short list
below is refused, so nothing but arithmetic can ever run. Values that are not whole numbers belong
into a methodology's parameters, where they carry a label and a source.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from operator import itemgetter

from shared.domain.errors import CatalogueError

EXPRESSION_LENGTH_MAX = 200
# Far more digits than any factor has, so that only the last rounding, to milligrams, matters.
PRECISION_DIGITS = 50

# Every operation on a factor goes through this context, whatever the thread's own one says.
exactly = Context(prec=PRECISION_DIGITS, traps=[DivisionByZero, InvalidOperation, Overflow])

Values = Mapping[str, Decimal]
Evaluator = Callable[[Values], Decimal]
_Operator = Callable[[Decimal, Decimal], Decimal]
_OPERATORS: Mapping[type[ast.operator], _Operator] = {
    ast.Add: exactly.add,
    ast.Sub: exactly.subtract,
    ast.Mult: exactly.multiply,
    ast.Div: exactly.divide,
}
_FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {"max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked formula; `names` are the values that it reads."""

    text: str
    names: frozenset[str]
    _tree: ast.expr = field(repr=False, compare=False)
    _evaluate: Evaluator = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Return the checked formula; raise CatalogueError where the language is left."""
        if len(text) > EXPRESSION_LENGTH_MAX:
            raise CatalogueError(f"The formula is longer than {EXPRESSION_LENGTH_MAX} characters.")
        try:
            tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError) as error:
            raise CatalogueError(f"`{text}` is not a formula.") from error
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        return cls(text, frozenset(names - _FUNCTIONS.keys()), tree, _compile(tree, {}, {}))

    def evaluate(self, values: Values) -> Decimal:
        """Return the formula's value; raise CatalogueError for a division by zero."""
        try:
            return self._evaluate(values)
        except (DivisionByZero, InvalidOperation) as error:
            raise CatalogueError(f"`{self.text}` divides by zero.") from error

    def bound(self, known: Values, inner: Mapping[str, Evaluator]) -> Evaluator:
        """Return the formula with known values and inner formulas in place of their names.

        What depends on nothing else is worked out now, in the order in which it is written, so the
        result is the same as that of `evaluate` and comes sooner.
        """
        return _compile(self._tree, known, inner)


def _compile(node: ast.expr, known: Values, inner: Mapping[str, Evaluator]) -> Evaluator:
    """Return a function of the values for this node; every step is one exact-context operation."""
    constant = _constant(node, known)
    if constant is not None:
        return lambda _: constant
    match node:
        case ast.Name(id=name):
            return inner.get(name) or itemgetter(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _operation(_OPERATORS[type(op)], left, right, known, inner)
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if (
            name in _FUNCTIONS
        ):
            choose = _FUNCTIONS[name]
            arguments = [_compile(argument, known, inner) for argument in args]
            return lambda values: choose(argument(values) for argument in arguments)
        case _:
            raise CatalogueError(f"`{ast.unparse(node)}` is not allowed in a formula.")


def _operation(
    operate: _Operator,
    left: ast.expr,
    right: ast.expr,
    known: Values,
    inner: Mapping[str, Evaluator],
) -> Evaluator:
    one, other = _compile(left, known, inner), _compile(right, known, inner)
    first, second = _constant(left, known), _constant(right, known)
    if first is not None:
        return lambda values: operate(first, other(values))
    if second is not None:
        return lambda values: operate(one(values), second)
    return lambda values: operate(one(values), other(values))


def _constant(node: ast.expr, known: Values) -> Decimal | None:
    """Return the node's value where it depends on nothing but what is known."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return Decimal(value)
        case ast.Name(id=name):
            return known.get(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            one, other = _constant(left, known), _constant(right, known)
            if one is None or other is None:
                return None
            try:
                return _OPERATORS[type(op)](one, other)
            except (DivisionByZero, InvalidOperation) as error:
                raise CatalogueError(f"`{ast.unparse(node)}` divides by zero.") from error
        case _:
            return None
