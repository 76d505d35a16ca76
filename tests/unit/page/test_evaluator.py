"""The account page's evaluator: its arithmetic, its formulas and its JSON, by hand."""

import json
from typing import Any

import pytest

from shared.domain.canonical import canonical_json
from shared.domain.errors import CatalogueError
from shared.domain.expression import Expression
from shared.domain.measurement import Spread
from tests.support.node import answers, ask
from tests.support.receipts import RIDE, SERVICE, a_receipt

THIRD = f"0.{'3' * 50}"
TWO_THIRDS = f"0.{'6' * 49}7"


def answer(do: str, **question: Any) -> Any:
    return answers([{"do": do, **question}])[0]


def refusal(do: str, **question: Any) -> str:
    [found] = ask([{"do": do, **question}])
    sentence: str = found["error"]
    return sentence


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("add", ["0.1", "0.2"], "0.3"),
        ("subtract", ["8", "8.000"], "0"),
        ("subtract", ["0", "0.5"], "-0.5"),
        ("multiply", ["0.1952", "1000"], "195.2"),
        ("multiply", ["-2", "1000"], "-2000"),
        ("divide", ["1", "3"], THIRD),
        ("divide", ["2", "3"], TWO_THIRDS),
        ("divide", ["-2", "3"], f"-{TWO_THIRDS}"),
        ("divide", ["1", "8"], "0.125"),
        ("divide", ["0", "-7"], "0"),
        # A half of the fiftieth digit goes to the even one; the least more than a half goes up.
        ("add", [f"1{'0' * 49}", "0.5"], f"1{'0' * 49}"),
        ("add", [f"1{'0' * 48}1", "0.5"], f"1{'0' * 48}2"),
        ("add", [f"1{'0' * 49}", f"0.5{'0' * 60}1"], f"1{'0' * 48}1"),
        ("divide", [f"1{'0' * 48}01", "2"], f"5{'0' * 49}"),
        ("divide", [f"1{'0' * 48}03", "2"], f"5{'0' * 48}2"),
        ("add", ["9" * 50, "1"], f"1{'0' * 50}"),
        ("least", ["2", "-3", "1.5"], "-3"),
        ("greatest", ["2", "-3", "2.001"], "2.001"),
    ],
)
def test_an_operation_keeps_fifty_digits(name: str, operands: list[str], result: str):
    assert answer("operation", name=name, operands=operands) == result


@pytest.mark.parametrize("text", ["", "1e3", ".5", "5.", "+1", " 1", "0x10", "NaN", "١", "1" * 201])
def test_a_decimal_is_plain_or_refused(text: str):
    assert "is not a decimal number" in refusal("operation", name="add", operands=[text, "1"])


@pytest.mark.parametrize(
    ("value", "whole"),
    [("2.9", 2), ("-2.1", -3), ("-2", -2), ("0", 0), ("1000.000", 1000), ("-0.0001", -1)],
)
def test_the_floor_is_the_whole_number_below(value: str, whole: int):
    assert answer("floor", value=value) == whole


@pytest.mark.parametrize(
    ("square", "root"),
    [(0, 0), (1, 1), (2, 2), (4, 2), (5, 3), (10**40, 10**20), (10**40 + 1, 10**20 + 1)],
)
def test_the_root_is_rounded_up(square: int, root: int):
    assert answer("root", square=str(square)) == root


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a - b - 1", "5"),
        ("a / b / 2", "2"),
        ("a + b * 3", "14"),
        ("(a + b) * 3", "30"),
        ("max(a, b, 9) - min(a, min(b, 1))", "8"),
        ("((a))", "8"),
        ("max ( a,b )*b", "16"),
        ("0 * a", "0"),
    ],
)
def test_a_formula_is_worked_out_as_it_is_read(text: str, result: str):
    assert answer("formula", text=text, values={"a": "8", "b": "2"}) == result


@pytest.mark.parametrize(
    ("amount", "ends"),
    [
        ({"central": 100, "down": 30, "up": 50, "activity": 101}, [59, 161]),
        ({"central": 100, "down": 95, "up": 0, "activity": 100}, [0, 110]),
        # A sum of corrections: below zero, its ends swapped, its squares less than none.
        ({"central": -100, "down": -30, "up": -20, "activity": -5}, [-120, -70]),
        ({"central": -1, "down": 30, "up": 0, "activity": 0}, [-31, -1]),
    ],
)
def test_a_range_holds_its_centre(amount: dict[str, int], ends: list[int]):
    assert answer("range", **amount) == ends
    spread = Spread(amount["down"], amount["up"], amount["activity"])
    assert [spread.low_mg(amount["central"]), spread.high_mg(amount["central"])] == ends


NO_FORMULAS = [
    "", "a +", "+ a", "-a", "a b", "a ** b", "a // b", "a % b", "(a", "a)", "()", "max(a)", "max()",
    "min(a b)", "max(a, b", "1.5", "1e3", "01", "2a", "a.b", "a[0]", "a; b", "a == b", "a < b",
    "pow(a, b)", "a if b else a", "lambda: a", "not a", "a and b", "'a'", "max(*a, b)",
    "max(a, b=a)", "None.a", "a = b", "{a}", "a, b", "__import__('os')", "a\\b", "$a", "@a", "１",
]  # fmt: skip


def test_what_is_no_formula_is_refused_by_both():
    found = ask({"do": "names", "text": text} for text in NO_FORMULAS)

    assert [text for text, each in zip(NO_FORMULAS, found, strict=True) if "answer" in each] == []
    for text in NO_FORMULAS:
        with pytest.raises(CatalogueError):
            Expression.parse(text)


def test_a_formula_says_what_is_wrong_with_it():
    assert refusal("names", text="a + * b") == "`a + * b` is not a formula: it goes wrong at `*`."
    assert refusal("names", text="a +") == "`a +` is not a formula: it goes wrong where it ends."
    assert refusal("names", text="a $") == "`a $` is not a formula: `$` has no meaning in one."
    assert "at most 200 characters" in refusal("names", text="a" * 201)
    assert "There is no division by zero." in refusal("formula", text="1 / (2 - 2)", values={})
    assert "`b` has no value." in refusal("formula", text="a + b", values={"a": "1"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"id": None}, "null@2026.1: Its name or its dates are not texts."),
        ({"inputs": None}, "`inputs` is not a list."),
        ({"steps": []}, "The last step is not `reduction` in g."),
        ({"steps": [{**RIDE["steps"][2], "unit": "kg"}]}, "reads `baseline`, which is not defined"),
        ({"steps": [*RIDE["steps"], RIDE["steps"][2]]}, '"reduction" is no name, or is defined'),
        ({"parameters": [{**RIDE["parameters"][0], "effect": "grows"}]}, "The effect of `ef_car`"),
        (
            {"parameters": [{**RIDE["parameters"][0], "label": "good"}]},
            "derived, illustrative, not",
        ),
        ({"parameters": [{**RIDE["parameters"][0], "low": 0}]}, "0 is not a decimal number."),
    ],
)
def test_a_broken_methodology_is_refused_by_name(changes: dict[str, Any], sentence: str):
    assert sentence in refusal("document", name="broken", document={**RIDE, **changes})


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({}, "distance_km: The methodology requires this input."),
        ({"distance_km": "0.05"}, "distance_km: 0.05 is not from 0.1 to 120 km."),
        ({"distance_km": "1.2345"}, "distance_km: 1.2345 has more than 3 decimals."),
        ({"distance_km": 8}, "distance_km: 8 is not a decimal number."),
        ({"distance_km": "8", "speed": "1"}, "speed: The methodology has no such input."),
    ],
)
def test_an_input_is_one_that_the_methodology_takes(inputs: dict[str, Any], sentence: str):
    document = {"do": "document", "name": "ride", "document": RIDE}

    _, found = ask([document, {"do": "measure", "name": "ride", "inputs": inputs}])

    assert found["error"] == sentence


def test_what_is_missing_is_assumed_and_makes_the_label_weaker():
    document = {"do": "document", "name": "ride", "document": RIDE}

    label, found = answers(
        [document, {"do": "measure", "name": "ride", "inputs": {"distance_km": "9"}}]
    )

    # 9 km by 0.1952 kg/km among three: 585.6 g, which is less than 9 km by 0.084 kg/km.
    assert (label, found["label"]) == ("derived", "illustrative")
    assert found["missing"] == ["people"]
    assert found["evidence_grade"] == 3
    assert found["cases"][0]["steps"] == {"baseline": "585.6", "project": "585.6", "reduction": "0"}
    assert found["reduction_mg"] == 0
    # The highest: 9 km by 0.2212 kg/km among three, less 9 km by 0.0278 kg/km.
    assert found["high_mg"] == 663_600 - 250_200


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": [True, False, None, -5, 10**30, ""]},
        # By code point, a full-width letter stands before an emoji; by UTF-16 unit it does not.
        {"😀": 1, "ａ": 2, "z": 3, "Z": 4, "": 5},
        {"text": '"\\/\b\f\n\r\t\u0001\u001f\u007f\u2028\u2029é地铁'},
        {"__proto__": {"constructor": 1}, "toString": {}, "10": 1, "9": 2},
        [[], {}, [{}]],
    ],
)
def test_canonical_json_is_that_of_the_service(value: Any):
    texts = [json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)]

    found = answers({"do": "canonical", "text": text} for text in texts)

    assert found == [canonical_json(value).decode()] * 2


@pytest.mark.parametrize(
    "text",
    [
        "", "1.5", "1e3", "-", "01", "nul", "[1,]", "[1 2]", '{"a":1,}', '{"a" 1}', "{a:1}",
        "{1:2}", '{"a":1,"a":1}', '"\n"', '"\\x"', '"\\ud800"', "[", "{", '"a', "1 1", "NaN",
        "\ufeff1",
    ],
)  # fmt: skip
def test_json_with_another_meaning_or_none_is_refused(text: str):
    assert refusal("canonical", text=text)


def test_whoever_verifies_says_which_keys_to_trust():
    body = SERVICE.body(a_receipt())

    assert "JWK set, or null" in refusal("verify", body=body)
    assert "JWK set, or null" in refusal("verify", body=body, jwks={"keys": None})
    assert answer("verify", body=body, jwks=None) == []


def test_a_released_version_keeps_its_digest():
    body, reference = SERVICE.body(a_receipt()), "test-ride@2026.1"

    [found] = answer("verify", body=body, jwks=None, released={reference: "0" * 64})

    assert found["pointer"] == "/receipt/methodology"
    assert found["sentence"] == f"{reference} was released with the digest {'0' * 64}."


@pytest.mark.parametrize("body", ["", "receipt", "null", "[]", "{}", {"receipt": {}}, {"jws": ""}])
def test_what_is_no_receipt_is_an_error(body: Any):
    assert refusal("verify", body=body, jwks=None)
