"""What the account page shows: days, amounts, bars, and a receipt worked out anew."""

import json
from typing import Any

import pytest

from tests.support.node import answers
from tests.support.receipts import SERVICE, a_receipt


def answer(do: str, **question: Any) -> Any:
    return answers([{"do": do, **question}])[0]


def rework(text: str) -> Any:
    return answer("rework", body=text, jwks=None, released={})


def test_an_untouched_receipt_is_the_same_at_every_step():
    found = rework(json.dumps(SERVICE.body(a_receipt())))
    assert found["isSame"] is True
    assert found["findings"] == []
    assert [step["differs"] for step in found["steps"]] == [False] * len(found["steps"])
    assert [step["here"] for step in found["steps"]] == [step["written"] for step in found["steps"]]


def test_a_changed_step_is_marked_and_no_other():
    changed = answer("tampered", body=json.dumps(SERVICE.body(a_receipt())))
    found = rework(changed)
    assert found["isSame"] is False
    assert [step["differs"] for step in found["steps"]][-1] is True
    assert not any(step["differs"] for step in found["steps"][:-1])
    assert found["steps"][-1]["here"] != found["steps"][-1]["written"]


def test_what_is_changed_outside_the_steps_marks_none_but_is_not_the_same():
    body = SERVICE.body(a_receipt())
    body["receipt"]["entry"]["points"] += 1
    found = rework(json.dumps(body))
    assert found["isSame"] is False
    assert not any(step["differs"] for step in found["steps"])


@pytest.mark.parametrize(
    ("instant", "day"),
    [("2026-11-09T15:59:59.999Z", "2026-11-09"), ("2026-11-09T16:00:00Z", "2026-11-10")],
)
def test_a_day_begins_at_midnight_in_utc_8(instant: str, day: str):
    assert answer("day", instant=instant) == day


def test_days_and_months_run_over_the_turn_of_a_year():
    assert answer("days", last="2027-01-02", count=3) == ["2026-12-31", "2027-01-01", "2027-01-02"]
    assert answer("months", last="2027-01-31", count=3) == ["2026-11", "2026-12", "2027-01"]


@pytest.mark.parametrize(
    ("mg", "shown"),
    [
        ((204_608, 150_000, 260_040), {"value": "204.6", "low": "150", "high": "260", "unit": "g"}),
        (
            (1_234_567, 999_000, 2_000_000),
            {"value": "1.23", "low": "1", "high": "2", "unit": "kg"},
        ),
        ((-500, -700, -300), {"value": "-0.5", "low": "-0.7", "high": "-0.3", "unit": "g"}),
    ],
)
def test_an_amount_and_its_range_are_in_one_unit(mg: tuple[int, int, int], shown: dict[str, str]):
    central, low, high = mg
    amount = {"reduction_mg": central, "low_mg": low, "high_mg": high}
    assert answer("shown", sum=amount, language="en") == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"), (8991, "2 hours"), (86_400, "1 day")],
)
def test_a_delay_is_said_in_its_largest_whole_unit(seconds: int, text: str):
    assert answer("duration", seconds=seconds, language="en") == text


def test_only_periods_with_a_reduction_are_offered_for_a_card():
    months = {"2025-12": 5, "2026-09": 7, "2026-10": -3, "2026-11": 0}
    assert answer("sharable", months=months, mg=9) == ["2026-09", "2025-12", "2026", "2025", "all"]
    assert answer("sharable", months={"2026-11": -3}, mg=-3) == []


def test_bars_stand_on_zero_and_what_was_taken_back_hangs_below_it():
    found = answer("bars", periods=["a", "b", "c"], mg={"a": 30, "c": -10}, width=30, height=40)
    assert found == ["30", "0+30", "30+0", "30+10"]


def test_a_chart_without_any_amount_has_no_bar():
    assert answer("bars", periods=["a"], mg={}, width=30, height=40) == ["0", "0+0"]


def test_each_text_is_there_in_both_languages():
    texts = answer("texts")
    assert texts
    assert [key for key, pair in texts.items() if len(pair) != 2 or not all(pair)] == []
