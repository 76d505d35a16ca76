"""The golden vectors: committed, and what both evaluators make of them today."""

import json
from typing import Any

import pytest

from shared.adapters.catalogue import catalogue
from tests.support.golden import ARITHMETIC, MEASUREMENTS, arithmetic, lines, measurements
from tests.support.node import answers

# A footprint is a sum of steps in kg a year, not a reduction.
QUESTIONS = {"credit": "measure", "comparison": "measure", "footprint": "work"}


def committed() -> dict[str, list[dict[str, Any]]]:
    vectors: dict[str, list[dict[str, Any]]] = json.loads(MEASUREMENTS.read_text("utf-8"))
    return vectors


@pytest.mark.parametrize(
    ("path", "made"),
    [(MEASUREMENTS, measurements), (ARITHMETIC, arithmetic)],
    ids=["measurements", "arithmetic"],
)
def test_the_service_makes_of_its_inputs_what_is_committed(path, made):
    assert path.read_text("utf-8") == lines(made()), "python -m tests.support.golden, if it may"


def test_every_released_version_has_vectors():
    assert sorted(committed()) == sorted(catalogue().versions)
    assert all(len(vectors) >= 3 for vectors in committed().values())


def test_the_page_makes_the_same_of_every_vector():
    known = catalogue()
    questions: list[dict[str, Any]] = []
    expected: list[Any] = []
    for reference, vectors in committed().items():
        methodology = known.named(reference)
        document = {"do": "document", "name": reference, "document": methodology.document}
        questions.append(document)
        expected.append(methodology.label.value)
        for vector in vectors:
            verb = QUESTIONS[methodology.use.value]
            questions.append({"do": verb, "name": reference, "inputs": vector["inputs"]})
            expected.append(vector["result"])

    assert answers(questions) == expected


def test_the_page_computes_every_operation_to_the_last_digit():
    vectors = json.loads(ARITHMETIC.read_text("utf-8"))

    found = answers({"do": "operation", **each} for each in vectors)

    assert found == [each["result"] for each in vectors]


def test_the_page_knows_every_version_by_its_digest():
    known = catalogue()
    methodologies = [known.named(each) for each in known.versions]
    ended = {**methodologies[0].document, "effective_until": "2030-01-01"}

    found = answers({"do": "digest", "document": each.document} for each in methodologies)

    assert found == [each.digest for each in methodologies]
    assert answers([{"do": "digest", "document": ended}]) == found[:1]
