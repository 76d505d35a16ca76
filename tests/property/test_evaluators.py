"""Two evaluators that share no code, over ten thousand cases: the service's and the page's.

One is Python's decimal arithmetic over Python's own syntax tree, the other is whole numbers and a
parser by hand. Where both say the same to the last digit, that is what the formula says.
"""

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.catalogue import catalogue
from shared.domain.canonical import canonical_json
from shared.domain.errors import CatalogueError
from shared.domain.expression import EXPRESSION_LENGTH_MAX
from shared.domain.methodology import CONVERSIONS, Methodology
from shared.domain.receipt import plain
from tests.support.golden import OPERATIONS, measured
from tests.support.node import answers, ask
from tests.support.receipts import RIDE

SEED = 20_261_110
RELEASED_CASES = 4_000
MADE_UP_METHODOLOGIES = 500
CASES_OF_EACH = 12
OPERATION_CASES = 4_000
JSON_CASES = 500
ERROR = "error"


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


def a_number(chance: random.Random, digits_max: int = 20, places_max: int = 12) -> Decimal:
    """Return a number of any length, often one with a short or round form."""
    digits = chance.choice(("0", "1", "3", "10", "999", "5" * 50, "1" + "0" * 49))
    if chance.random() < 0.8:
        digits = str(chance.randrange(10 ** chance.randint(1, digits_max)))
    return scaled(digits, chance.randint(0, places_max))


def scaled(digits: str, places: int) -> Decimal:
    """Return a number with all its digits, which arithmetic on it would not keep."""
    return Decimal(f"{digits}E-{places}")


# Arithmetic


def test_every_operation_gives_the_same_digits(chance: random.Random):
    questions, expected = [], []
    for _ in range(OPERATION_CASES):
        name = chance.choice(tuple(OPERATIONS))
        one, other = a_number(chance, 60, 40), a_number(chance, 60, 40)
        if name == "divide" and not other:
            continue
        if name in {"add", "subtract"} and chance.random() < 0.3:
            # So far below that it decides about rounding at most.
            other = scaled(f"{other:f}".replace(".", ""), chance.randint(80, 120))
        operands = [chance.choice(("", "-")) + plain(each) for each in (one, other)]
        questions.append({"do": "operation", "name": name, "operands": operands})
        expected.append(plain(OPERATIONS[name](*map(Decimal, operands))))

    assert answers(questions) == expected


# JSON


def any_text(chance: random.Random) -> str:
    """Return a text of characters that sort, escape or split differently here and there."""
    return "".join(
        chance.choices('az"\\/\b\n\x00\x1f\x7f\u2028é地ａ\uffff😀𝒳', k=chance.randint(0, 6))
    )


def any_json(chance: random.Random, depth: int = 4) -> Any:
    kinds = ("scalar", "list", "object") if depth else ("scalar",)
    match chance.choice(kinds):
        case "list":
            return [any_json(chance, depth - 1) for _ in range(chance.randint(0, 4))]
        case "object":
            names = [any_text(chance) for _ in range(chance.randint(0, 5))]
            return {name: any_json(chance, depth - 1) for name in names}
        case _:
            whole = chance.choice((1, -1)) * chance.randrange(10 ** chance.randint(1, 30))
            return chance.choice((None, True, False, whole, any_text(chance)))


def test_any_json_has_the_same_canonical_form(chance: random.Random):
    values = [any_json(chance) for _ in range(JSON_CASES)]

    found = answers(
        {"do": "canonical", "text": json.dumps(each, ensure_ascii=chance.random() < 0.5)}
        for each in values
    )

    assert found == [canonical_json(each).decode() for each in values]


# Released methodologies


def any_inputs(chance: random.Random, methodology: Methodology) -> dict[str, str]:
    """Return plausible inputs; each optional one is missing every third time."""
    inputs: dict[str, str] = {}
    for each in methodology.inputs:
        if each.if_missing is not None and chance.random() < 1 / 3:
            continue
        if each.choices:
            inputs[each.name] = chance.choice(each.choices).key
            continue
        scale = 10**each.decimals
        units = chance.randint(int(each.minimum * scale), int(each.maximum * scale))
        inputs[each.name] = plain(scaled(str(units), each.decimals))
    return inputs


def test_every_released_version_measures_the_same(chance: random.Random):
    known = catalogue()
    released = [known.named(reference) for reference in known.versions]
    cases = [
        (each, any_inputs(chance, each)) for each in chance.choices(released, k=RELEASED_CASES)
    ]

    questions = [{"do": "document", "name": m.reference, "document": m.document} for m in released]
    questions += [question(m.reference, m.use.value, inputs) for m, inputs in cases]
    labels = [m.label.value for m in released]

    assert answers(questions) == labels + [measured(m, inputs) for m, inputs in cases]


def question(name: str, use: str, inputs: dict[str, str]) -> dict[str, Any]:
    return {"do": "work" if use == "footprint" else "measure", "name": name, "inputs": inputs}


# Made-up formulas


def a_formula(chance: random.Random, names: list[str], depth: int) -> str:
    """Return a random formula over these names, all of the language in it."""
    shape = chance.random()
    if depth == 0 or shape < 0.15:
        return chance.choice((*names, *names, str(chance.randint(0, 12)), "1000"))
    parts = [a_formula(chance, names, depth - 1) for _ in range(chance.randint(2, 3))]
    if shape < 0.3:
        return f"{chance.choice(('min', 'max'))}({', '.join(parts)})"
    operator = chance.choice((" + ", " - ", " * ", " / ", "*", "-"))
    text = operator.join(parts)
    return f"({text})" if shape < 0.6 else text


def a_parameter(chance: random.Random, number: int) -> dict[str, Any]:
    low, value, high = sorted(a_number(chance) for _ in range(3))
    return {
        **RIDE["parameters"][0],
        "name": f"p{number}",
        "value": plain(value),
        "low": plain(low),
        "high": plain(high),
        "effect": chance.choice(("rises", "falls")),
    }


def an_input(chance: random.Random, number: int) -> dict[str, Any]:
    decimals = chance.randint(0, 6)
    low, assumed, high = sorted(chance.randrange(10**6) for _ in range(3))
    data = {
        **RIDE["inputs"][0],
        "name": f"x{number}",
        "minimum": plain(scaled(str(low), decimals)),
        "maximum": plain(scaled(str(high), decimals)),
        "decimals": decimals,
        "uncertainty": chance.choice(("0", "0.05", "0.3", "1", "0.123456")),
    }
    if chance.random() < 0.5:
        value = plain(scaled(str(assumed), decimals))
        data["if_missing"] = {"value": value, "label": "illustrative", "note": "Made up."}
    return data


def a_document(chance: random.Random) -> dict[str, Any]:
    parameters = [a_parameter(chance, number) for number in range(chance.randint(0, 5))]
    inputs = [an_input(chance, number) for number in range(chance.randint(0, 3))]
    names = [each["name"] for each in (*parameters, *inputs)] + [chance.choice(tuple(CONVERSIONS))]
    steps = []
    for name in [f"s{number}" for number in range(chance.randint(0, 3))] + ["reduction"]:
        expression = a_formula(chance, names, chance.randint(1, 3))
        while len(expression) > EXPRESSION_LENGTH_MAX:
            expression = a_formula(chance, names, 2)
        steps.append({"name": name, "unit": "g", "expression": expression})
        names += [name]
    evidence = [{"grade": 2, "inputs": [each["name"] for each in inputs], "note": {}}]
    return {
        **RIDE,
        "parameters": parameters,
        "inputs": inputs,
        "steps": steps,
        "evidence": evidence,
    }


def outcome(document: dict[str, Any], inputs: dict[str, str]) -> Any:
    """Return the measurement, or ERROR where the formula has no value for these inputs."""
    try:
        return measured(Methodology.from_document(document), inputs)
    except (CatalogueError, ArithmeticError):
        return ERROR


def some_inputs(chance: random.Random, document: dict[str, Any]) -> Iterator[dict[str, str]]:
    # Its formulas may have no value at all, so the inputs are drawn from one without formulas.
    steps = [{"name": "reduction", "unit": "g", "expression": "1"}]
    plainest = Methodology.from_document({**document, "steps": steps, "parameters": []})
    for _ in range(CASES_OF_EACH):
        yield any_inputs(chance, plainest)


def test_any_formula_is_worked_out_the_same_step_by_step(chance: random.Random):
    questions: list[dict[str, Any]] = []
    expected: list[Any] = []
    for number in range(MADE_UP_METHODOLOGIES):
        document, name = a_document(chance), str(number)
        questions.append({"do": "document", "name": name, "document": document})
        expected.append(None)
        for inputs in some_inputs(chance, document):
            questions.append({"do": "measure", "name": name, "inputs": inputs})
            expected.append(outcome(document, inputs))

    found = [each.get("answer", ERROR) for each in ask(questions)]

    for asked, one, other in zip(questions, found, expected, strict=True):
        assert asked["do"] == "document" or one == other, asked
    worked = [each for each in expected if each not in (None, ERROR)]
    assert len(worked) > MADE_UP_METHODOLOGIES * CASES_OF_EACH // 2


def repeated(name: str, times: int) -> str:
    return "*".join([name] * times)


@pytest.mark.parametrize(
    ("value", "last", "has_value"),
    [
        # Ten to the power of -980,000, then below -999,999, where digits are lost, and nothing.
        (f"0.{'0' * 98}7", "s1*s1*s1*s1", True),
        (f"0.{'0' * 98}7", "s1*s1*s1*s1*s0*s0*s0*s0*p*p*p", True),
        (f"0.{'0' * 98}7", "s1*s1*s1*s1*s1", True),
        (f"0.{'0' * 98}7", "1 - s1*s1*s1*s1", True),
        ("9" * 100, "s1*s1*s1*s0", True),
        ("9" * 100, "s1*s1*s1*s1", False),
    ],
    ids=["tiny", "subnormal", "nothing", "next to one", "huge", "too large"],
)
def test_beyond_the_largest_and_the_smallest_exponent_both_say_the_same(
    value: str, last: str, has_value: bool
):
    parameter = {**RIDE["parameters"][0], "name": "p", "value": value, "low": value, "high": value}
    formulas = {"s0": repeated("p", 50), "s1": repeated("s0", 50), "s2": last, "reduction": "1"}
    steps = [{"name": n, "unit": "g", "expression": text} for n, text in formulas.items()]
    evidence = [{"grade": 2, "inputs": [], "note": {}}]
    changes = {"parameters": [parameter], "inputs": [], "steps": steps, "evidence": evidence}
    document = {**RIDE, **changes}

    _, found = ask(
        [
            {"do": "document", "name": "extreme", "document": document},
            {"do": "measure", "name": "extreme", "inputs": {}},
        ]
    )

    expected = outcome(document, {})
    assert found.get("answer", ERROR) == expected
    assert (expected != ERROR) == has_value
