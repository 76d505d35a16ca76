"""The formulas' small language: names, whole numbers, + - * /, parentheses, min and max.

A formula is parsed once into Python's syntax tree and every node that is not on the short list
below is refused, so nothing but arithmetic can ever run. Values that are not whole numbers belong
into a methodology's parameters, where they carry a label and a source.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from shared.domain.errors import CatalogueError

EXPRESSION_LENGTH_MAX = 200
# Far more digits than any factor has, so that only the last rounding, to milligrams, matters.
PRECISION_DIGITS = 50

_CONTEXT = Context(prec=PRECISION_DIGITS, traps=[DivisionByZero, InvalidOperation, Overflow])

_Values = Mapping[str, Decimal]
_Evaluator = Callable[[_Values], Decimal]
_OPERATORS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: _CONTEXT.add,
    ast.Sub: _CONTEXT.subtract,
    ast.Mult: _CONTEXT.multiply,
    ast.Div: _CONTEXT.divide,
}
_FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {"max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked formula; `names` are the values that it reads."""

    text: str
    names: frozenset[str]
    _evaluate: _Evaluator = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Return the checked formula; raise CatalogueError where the language is left."""
        if len(text) > EXPRESSION_LENGTH_MAX:
            raise CatalogueError(f"The formula is longer than {EXPRESSION_LENGTH_MAX} characters.")
        try:
            tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError) as error:
            raise CatalogueError(f"`{text}` is not a formula.") from error
        names: set[str] = set()
        evaluate = _compile(tree, names)
        return cls(text, frozenset(names), evaluate)

    def evaluate(self, values: _Values) -> Decimal:
        """Return the formula's value; raise CatalogueError for a division by zero."""
        try:
            return self._evaluate(values)
        except (DivisionByZero, InvalidOperation) as error:
            raise CatalogueError(f"`{self.text}` divides by zero.") from error


def _compile(node: ast.expr, names: set[str]) -> _Evaluator:
    """Return a function of the values for this node; every step is one exact-context operation."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            constant = Decimal(value)
            return lambda _: constant
        case ast.Name(id=name):
            names.add(name)
            return lambda values: values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            operate = _OPERATORS[type(op)]
            one, other = _compile(left, names), _compile(right, names)
            return lambda values: operate(one(values), other(values))
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if (
            name in _FUNCTIONS
        ):
            choose = _FUNCTIONS[name]
            arguments = [_compile(argument, names) for argument in args]
            return lambda values: choose(*(argument(values) for argument in arguments))
        case _:
            raise CatalogueError(f"`{ast.unparse(node)}` is not allowed in a formula.")
