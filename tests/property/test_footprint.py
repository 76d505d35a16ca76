"""The footprint for all answers: it adds up, its range holds, and more is never less."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.catalogue import catalogue
from shared.domain.factors import Input
from shared.domain.footprint import CHANGES_SHOWN_MAX, Amount, FootprintModel

MODEL = FootprintModel.of(catalogue().get("personal-footprint", "2025.1"))
INPUTS = {each.name: each for each in MODEL.methodology.inputs}
# What makes the footprint smaller; everything else makes it larger.
LESSENING = {"household_size", "people_in_car", "phone_kept_years"}


def answer_to(asked: Input) -> st.SearchStrategy[object]:
    """Return everything that may be answered, bounds often among it."""
    if asked.choices:
        return st.sampled_from([each.key for each in asked.choices])
    bounds = st.sampled_from([asked.minimum, asked.maximum])
    return bounds | st.decimals(asked.minimum, asked.maximum, places=asked.decimals)


def some_answers() -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {}, optional={name: answer_to(each) for name, each in INPUTS.items()}
    )


def value_of(asked: Input, answer: object) -> Decimal:
    return asked.read_value(answer)


def total(amounts: list[Amount]) -> Amount:
    return Amount(
        sum(each.low_mg for each in amounts),
        sum(each.central_mg for each in amounts),
        sum(each.high_mg for each in amounts),
    )


@given(some_answers())
def test_a_breakdown_adds_up_and_every_range_holds_its_value(data):
    footprint = MODEL.calculate(MODEL.read_answers(data))
    for section in footprint.sections:
        assert section.amount == total([each.amount for each in section.items])
        for each in section.items:
            assert 0 <= each.amount.low_mg <= each.amount.central_mg <= each.amount.high_mg
    assert footprint.total == total([each.amount for each in footprint.sections])
    assert footprint.total.low_mg <= footprint.total.central_mg <= footprint.total.high_mg


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_moving_one_answer_moves_the_footprint_the_right_way(name):
    asked = INPUTS[name]

    @settings(max_examples=40)
    @given(some_answers(), answer_to(asked), answer_to(asked))
    def check(data: dict[str, object], one: object, other: object) -> None:
        less, more = sorted((one, other), key=lambda each: value_of(asked, each))
        if name in LESSENING:
            less, more = more, less
        small = MODEL.calculate(MODEL.read_answers({**data, name: less})).total
        large = MODEL.calculate(MODEL.read_answers({**data, name: more})).total
        assert small.low_mg <= large.low_mg
        assert small.central_mg <= large.central_mg
        assert small.high_mg <= large.high_mg

    check()


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_every_answer_counts_for_something(name):
    asked = INPUTS[name]
    # Cars that are driven, so that it matters how many are in them.
    data: dict[str, object] = {"petrol_car_km_per_week": 100}
    choices = sorted(asked.choices, key=lambda each: each.value)
    ends = (choices[0].key, choices[-1].key) if choices else (asked.minimum, asked.maximum)
    low, high = (
        MODEL.calculate(MODEL.read_answers({**data, name: end})).total.central_mg for end in ends
    )
    assert (high < low) if name in LESSENING else (low < high)


@given(some_answers())
def test_a_change_saves_what_is_said_and_its_answers_may_be_given(data):
    answers = MODEL.read_answers(data)
    footprint = MODEL.calculate(answers)
    savings = footprint.savings
    assert len(savings) <= CHANGES_SHOWN_MAX
    assert [each.saving_mg for each in savings] == sorted(
        (each.saving_mg for each in savings), reverse=True
    )
    for saving in savings:
        assert saving.saving_mg > 0
        assert saving.answers
        texts = footprint.given_texts | {
            after.input.name: after.text for _, after in saving.answers
        }
        again = MODEL.calculate(MODEL.read_texts(texts)).total.central_mg
        assert footprint.total.central_mg - again == saving.saving_mg


@given(some_answers())
def test_what_is_kept_makes_the_same_footprint_again(data):
    answers = MODEL.read_answers(data)
    texts = MODEL.calculate(answers).given_texts
    assert texts.keys() == data.keys()
    assert MODEL.read_texts(texts) == answers
