"""Golden vectors: what every released methodology makes of a few inputs, for any evaluator.

`python -m tests.support.golden` writes them to tests/golden. A released version's vectors never
change: where a test finds that they would, it is the code that is wrong.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from shared.adapters.catalogue import catalogue
from shared.domain.expression import exactly
from shared.domain.factors import Input
from shared.domain.methodology import Methodology, Use
from shared.domain.receipt import plain, plain_values

GOLDEN = Path(__file__).parent.parent / "golden"
MEASUREMENTS = GOLDEN / "measurements.json"
ARITHMETIC = GOLDEN / "arithmetic.json"

# How far a typical value lies between the least and the greatest.
TYPICAL_SHARE = Decimal("0.2")

OPERATIONS = {
    "add": exactly.add,
    "subtract": exactly.subtract,
    "multiply": exactly.multiply,
    "divide": exactly.divide,
}
# Fifty digits, one less and one more; halves that go to the even digit, up and down.
OPERANDS = (
    ("1", "3"),
    ("2", "3"),
    ("-2", "3"),
    ("1", "7"),
    ("22", "-7"),
    ("0", "7"),
    ("0.1952", "0.084"),
    ("1000", "0.000001"),
    ("0.000001", "1000"),
    (f"1{'0' * 49}", "0.5"),
    (f"1{'0' * 48}1", "0.5"),
    (f"1{'0' * 48}1", "0.4999999999"),
    (f"1{'0' * 48}1", "2"),
    (f"1{'0' * 48}3", "2"),
    ("9" * 50, "0.5"),
    ("9" * 50, "1"),
    (f"-{'9' * 50}", "-0.5"),
    ("9" * 50, "9" * 50),
    ("9" * 60, "7"),
    (f"0.{'0' * 60}1", "1"),
    ("12345678901234567890123456789.123456789", "98765432109876543210.987654321"),
)


def measurements() -> dict[str, Any]:
    """Return the vectors of every version in the catalogue, by reference."""
    known = catalogue()
    methodologies = [known.named(reference) for reference in sorted(known.versions)]
    return {
        each.reference: [_vector(each, *named) for named in inputs_of(each)]
        for each in methodologies
    }


def arithmetic() -> list[dict[str, Any]]:
    """Return every operation on every pair of operands, as the service's arithmetic has it."""
    return [
        {"name": name, "operands": list(pair), "result": plain(operate(*map(Decimal, pair)))}
        for pair in OPERANDS
        for name, operate in OPERATIONS.items()
        if name != "divide" or Decimal(pair[1])
    ]


def inputs_of(methodology: Methodology) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield names and inputs: the least, the greatest, typical ones, and only what is required."""
    inputs = methodology.inputs
    required = [each for each in inputs if each.if_missing is None]
    yield "least", {each.name: _value(each, Decimal(0)) for each in inputs}
    yield "greatest", {each.name: _value(each, Decimal(1)) for each in inputs}
    yield "typical", {each.name: _value(each, TYPICAL_SHARE) for each in inputs}
    if len(required) < len(inputs):
        yield "missing", {each.name: _value(each, TYPICAL_SHARE) for each in required}


def _value(wanted: Input, share: Decimal) -> str:
    if wanted.choices:
        return wanted.choices[int(share * (len(wanted.choices) - 1))].key
    value = wanted.minimum + share * (wanted.maximum - wanted.minimum)
    return plain(value.quantize(Decimal(1).scaleb(-wanted.decimals), ROUND_DOWN))


def measured(methodology: Methodology, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the full measurement as text and whole numbers; of a footprint, its steps."""
    values = methodology.read_inputs(_reported(methodology, inputs))
    cases = methodology.cases(values)
    if methodology.use is Use.FOOTPRINT:
        return plain_values(cases[0].steps)
    measurement = methodology.measure(values)
    return {
        "cases": [
            {
                "case": each.name,
                "values": plain_values(each.values),
                "steps": plain_values(each.steps),
                "reduction_mg": each.reduction_mg,
            }
            for each in cases
        ],
        "reduction_mg": measurement.reduction_mg,
        "down_mg": measurement.spread.down_mg,
        "up_mg": measurement.spread.up_mg,
        "activity_mg2": measurement.spread.activity_mg2,
        "low_mg": measurement.low_mg,
        "high_mg": measurement.high_mg,
        "evidence_grade": int(measurement.grade),
        "missing": list(measurement.missing),
        "label": methodology.label_for(measurement.missing).value,
    }


def _reported(methodology: Methodology, inputs: Mapping[str, str]) -> dict[str, object]:
    chosen = {each.name for each in methodology.inputs if each.choices}
    return {name: text if name in chosen else Decimal(text) for name, text in inputs.items()}


def _vector(methodology: Methodology, name: str, inputs: Mapping[str, str]) -> dict[str, Any]:
    return {"case": name, "inputs": dict(inputs), "result": measured(methodology, inputs)}


def lines(value: Mapping[str, Iterable[Any]] | Iterable[Any]) -> str:
    """Return JSON with one vector per line, so that a change shows as the lines that it changes."""

    def rows(vectors: Iterable[Any]) -> str:
        return ",\n".join(json.dumps(each, ensure_ascii=False) for each in vectors)

    if isinstance(value, Mapping):
        parts = (f"{json.dumps(name)}: [\n{rows(each)}\n]" for name, each in value.items())
        return "{\n" + ",\n".join(parts) + "\n}\n"
    return f"[\n{rows(value)}\n]\n"


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    MEASUREMENTS.write_text(lines(measurements()), "utf-8")
    ARITHMETIC.write_text(lines(arithmetic()), "utf-8")


if __name__ == "__main__":
    main()
