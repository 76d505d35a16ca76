"""The account page's calculator: its questions, what a reader types, and the picture."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.get_methodology.models import MethodologyBody
from shared.adapters.catalogue import catalogue
from shared.application.calculate_footprint import calculate_footprint
from shared.domain.footprint import FOOTPRINT
from shared.domain.methodology import Use
from shared.runtime.wire_footprint import FootprintBody
from tests.support.node import answers

NOW = datetime(2026, 11, 10, 4, tzinfo=UTC)
PEOPLE = {"name": "people", "minimum": "1", "maximum": "20", "decimals": 2}
DIET = {"name": "diet", "choices": [{"key": "vegan"}]}


def answer(do: str, **question: Any) -> Any:
    return answers([{"do": do, **question}])[0]


def footprint() -> Any:
    found = calculate_footprint(catalogue(), answers={"diet": "vegan"}, now=NOW)
    return FootprintBody.of(found).model_dump(mode="json")


def test_each_question_stands_once_in_the_first_section_that_it_counts_in():
    methodology = catalogue().in_force(FOOTPRINT, NOW, Use.FOOTPRINT)
    body = MethodologyBody.of(methodology).model_dump(mode="json")
    groups = answer("groups", methodology={name: body[name] for name in ("inputs", "steps")})
    home, travel, food, goods = groups
    assert "grid_region" in home
    assert "grid_region" not in travel
    assert "people_in_car" in travel
    assert food == ["diet"]
    assert "phone_kept_years" in goods
    asked = [name for group in groups for name in group]
    assert sorted(asked) == sorted(each.name for each in methodology.inputs)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ({}, "{}"),
        ({"people": " "}, "{}"),
        ({"people": "2.62", "diet": "vegan"}, '{"people":2.62,"diet":"vegan"}'),
        ({"people": " 2.500 "}, '{"people":2.5}'),
        ({"people": "\uff11\uff12"}, '{"people":12}'),
        ({"people": "20"}, '{"people":20}'),
    ],
)
def test_what_is_typed_is_sent_and_what_is_empty_is_not(typed: dict[str, str], sent: str):
    found = answer("replies", inputs=[PEOPLE, DIET], typed=typed)
    assert found == {"answers": sent, "problems": {}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("two", "calculator_no_number"),
        ("1e1", "calculator_no_number"),
        ("2,5", "calculator_no_number"),
        ("0.99", "calculator_out_of_bounds"),
        ("20.01", "calculator_out_of_bounds"),
        ("2.125", "calculator_too_fine"),
    ],
)
def test_what_the_service_would_refuse_is_said_at_the_question(text: str, problem: str):
    found = answer("replies", inputs=[PEOPLE, DIET], typed={"people": text})
    assert found == {"answers": "{}", "problems": {"people": problem}}


def test_lines_break_between_words_and_never_before_a_closing_mark():
    assert answer("lines", text="one two three", size=10, width=45) == ["one two", "three"]
    assert answer("lines", text="一二三，四", size=10, width=30) == ["一二", "三，四"]
    assert answer("lines", text="一二三（四）", size=10, width=40) == ["一二三", "（四）"]


@pytest.mark.parametrize(
    ("mg", "text"), [(5_000_000_000, "5 t"), (999_400_000, "999 kg"), (1_404_000_000, "1.4 t")]
)
def test_a_yearly_amount_is_in_tonnes_or_kilograms(mg: int, text: str):
    assert answer("yearly", mg=mg, language="en") == text


def test_the_picture_says_what_the_footprint_is_and_that_nothing_is_netted():
    body = footprint()
    drawn = answer("picture", footprint=body, language="en")
    text = " ".join(drawn["texts"])
    display = body["total"]["display"]
    assert f"{display['value']} {display['unit']} CO₂e" in text
    assert f"Likely range {display['low']} to {display['high']} {display['unit']}" in text
    assert "illustrative values" in text
    assert "1 / 25" in text
    assert body["never_netted"]["en"] in text
    assert body["methodology"] in text
    assert not drawn["overflows"]
    # The ground, four sections, the footprint and each published value.
    assert len(drawn["bars"]) == 1 + 4 + 1 + len(body["benchmarks"])
