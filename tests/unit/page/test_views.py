"""What the account page shows: days, amounts, bars, and a receipt worked out anew."""

import json
from typing import Any

import pytest

from shared.domain.canonical import Json, canonical_json
from shared.domain.certificate import CERTIFICATE_TYPE, Certificate, certificate_facts
from shared.domain.movement import MovementKind
from shared.domain.redemption import RedemptionState
from tests.support.certificates import a_certificate, for_own_footprint
from tests.support.node import answers
from tests.support.receipts import SERVICE, Key, a_receipt


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


@pytest.mark.parametrize(
    ("text", "unit", "mg"),
    [
        ("1.5", "kg", 1_500_000),
        ("0.000001", "kg", 1),
        ("0.1", "g", 100),
        # As floating point these would be 1.1 g and 8.2 g and a little.
        ("1.1", "g", 1_100),
        ("0.0082", "kg", 8_200),
        (" 007.50 ", "g", 7_500),
        ("1.0000000", "kg", 1_000_000),
        ("１２．５", "g", 12_500),
        ("999999999.999999", "kg", 999_999_999_999_999),
    ],
)
def test_a_typed_amount_is_read_to_the_milligram(text: str, unit: str, mg: int):
    assert answer("typed", text=text, unit=unit) == mg


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "g"), ("0", "g"), ("0.000", "kg"), ("-1", "g"), ("+1", "g"), ("1e3", "g"), (".5", "g"),
        ("1.", "g"), ("1,5", "g"), ("1.0001", "g"), ("1.0000001", "kg"), ("1 000", "g"),
        ("1000000000", "kg"), ("1 g", "g"), ("Infinity", "g"), ("1²", "g"), ("①", "g"),
    ],
)  # fmt: skip
def test_what_is_no_amount_or_finer_than_a_milligram_is_not_read(text: str, unit: str):
    assert answer("typed", text=text, unit=unit) is None


@pytest.mark.parametrize(
    ("mg", "written"),
    [
        (123_456, "123.456 g"),
        (999_999, "999.999 g"),
        (1_000_000, "1 kg"),
        (-10_922_932, "-10.922932 kg"),
        (0, "0 g"),
    ],
)
def test_what_is_paid_is_written_to_the_milligram(mg: int, written: str):
    assert answer("exact", mg=mg, language="en") == written


def test_a_change_is_written_with_its_sign():
    signed = {"signDisplay": "exceptZero"}
    assert answer("exact", mg=1_500, language="en", options=signed) == "+1.5 g"


def test_one_intent_has_one_key_until_it_is_done():
    asked = [{"mg": 1}, {"mg": 1}, {"mg": 2}, {"mg": 2}, None, {"mg": 2}]
    assert answer("keys", asked=asked) == [0, 0, 2, 2, 4]


def test_what_may_have_been_done_keeps_its_key_while_something_else_is_asked_and_done():
    assert answer("keys", asked=[{"mg": 1}, {"mg": 2}, None, {"mg": 1}]) == [0, 1, 0]


def test_a_refused_attempt_is_told_and_an_ended_session_ends_the_view():
    assert answer("attempted", status=409, goesOn=False) == ["#/on", "busy", "409"]
    assert answer("attempted", status=401, goesOn=False) == ["#/on", "busy", "failed 401"]


@pytest.mark.parametrize("status", [401, 409])
def test_what_comes_late_of_an_earlier_view_changes_nothing(status: int):
    # Such as the refusal of a token that the app has replaced meanwhile: the new one must stay.
    assert answer("attempted", status=status, goesOn=True) == ["", "busy"]


@pytest.mark.parametrize("storage", ["keeping", "missing", "forbidden"])
def test_the_page_remembers_also_where_the_browser_keeps_nothing(storage: str):
    assert answer("stored", storage=storage) == [None, "1", "2", None]


def test_what_a_full_storage_does_not_take_is_remembered_instead_of_what_it_has():
    assert answer("stored", storage="full") == ["older", "1", "2", "older"]


def test_each_kind_of_movement_and_each_state_of_a_redemption_has_a_name():
    texts = answer("texts")
    names = [f"movement_{kind}" for kind in MovementKind]
    names += [f"redemption_{state}{note}" for state in RedemptionState for note in ("", "_note")]
    assert [name for name in names if name not in texts] == []


def signed_certificate(certificate: Certificate) -> dict[str, Any]:
    facts = certificate_facts(certificate)
    jws = SERVICE.sign(canonical_json(facts), typ=CERTIFICATE_TYPE)
    return {"certificate": json.loads(canonical_json(facts)), "jws": jws}


def found_in(body: dict[str, Any], jwks: dict[str, Any] = SERVICE.jwks) -> list[str]:
    findings = answer("certificate", body=json.dumps(body), jwks=jwks)
    return [each["pointer"] for each in findings]


def test_an_untouched_certificate_is_genuine_whatever_it_is_for():
    assert found_in(signed_certificate(a_certificate())) == []
    assert found_in(signed_certificate(for_own_footprint())) == []


def test_a_changed_certificate_is_not_genuine():
    body = signed_certificate(a_certificate())
    body["certificate"]["beneficiary"] = "Someone else"
    assert found_in(body) == ["/certificate/beneficiary"]


def test_a_certificate_of_a_key_that_is_not_published_is_not_genuine():
    assert found_in(signed_certificate(a_certificate()), Key(2).jwks) == ["/jws"]


def test_a_receipt_s_signature_does_not_make_a_certificate():
    body = signed_certificate(a_certificate())
    body["jws"] = SERVICE.sign(canonical_json(body["certificate"]))
    assert found_in(body) == ["/jws"]


def test_lots_have_to_add_up_even_where_they_are_signed():
    facts: dict[str, Json] = {
        **certificate_facts(a_certificate()),
        "lots": [{"lot": "a" * 64, "reduction_mg": 1}],
    }
    text = canonical_json(facts)
    body = {"certificate": facts, "jws": SERVICE.sign(text, typ=CERTIFICATE_TYPE)}
    assert found_in(body) == ["/certificate/lots"]


def test_each_text_is_there_in_both_languages():
    texts = answer("texts")
    assert texts
    assert [key for key, pair in texts.items() if len(pair) != 2 or not all(pair)] == []
