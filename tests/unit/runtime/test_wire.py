"""What several functions answer with, as a caller reads it."""

import json
from dataclasses import replace
from datetime import date

import pytest

from shared.domain.crediting import decide_credits
from shared.domain.measurement import NOTHING, Spread, Sum
from shared.domain.points import PointsBalance
from shared.runtime.wire import (
    AccountBody,
    EntryBody,
    LapsingBody,
    PointsBody,
    ReductionsBody,
    SumBody,
)
from tests.support.builders import (
    BOOKED_AT,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
    an_entry,
)


def test_a_sum_says_how_sure_it_is_and_how_to_show_it():
    total = Sum(
        2, 230_184, Spread(22_964, 41_494, 9_000_000), (204_608, 0, 25_576, 0, 0), 25_576, 1
    )
    assert SumBody.of(total).model_dump() == {
        "count": 2,
        "reduction_mg": 230_184,
        "low_mg": 204_220,
        "high_mg": 274_678,
        "evidence_mg": {"1": 204_608, "3": 25_576},
        "provisional_mg": 25_576,
        "label": "derived",
        # The half-width is 44,494 mg: whole grams are known.
        "display": {"value": "230", "low": "204", "high": "275", "unit": "g"},
    }


def test_nothing_is_shown_as_nothing():
    body = SumBody.of(NOTHING)
    assert (body.evidence_mg, body.label) == ({}, "published")
    assert body.display.model_dump() == {"value": "0", "low": "0", "high": "0", "unit": "g"}


@pytest.mark.parametrize(
    ("total", "low_mg", "high_mg"),
    [
        # What corrections took away, and what a completion moved from one grade to another.
        (Sum(1, -14_608, Spread(1_000, 2_000, 0), (-14_608, 0, 0, 0, 0)), -15_608, -12_608),
        (Sum(1, 4_424, Spread(-9_000, -5_000, 0), (30_000, 0, -25_576, 0, 0)), 0, 13_424),
    ],
    ids=["lowered", "raised and more certain"],
)
def test_the_range_of_a_difference_holds_it(total, low_mg, high_mg):
    body = SumBody.of(total)
    assert (body.low_mg, body.high_mg) == (low_mg, high_mg)
    assert float(body.display.low) <= float(body.display.value) <= float(body.display.high)


def test_an_account_tells_its_balance_and_its_total():
    account = decide_credits(an_account(), [a_posting()], BOOKED_AT).account
    body = AccountBody.of(account, BOOKED_AT)
    assert (body.reduction_mg, body.entries, body.active_consents) == (204_608, 1, 1)
    assert body.total == SumBody.of(account.total)
    assert body.reductions == ReductionsBody(available_mg=204_608, on_hold_mg=0, debt_mg=0)
    assert body.points == PointsBody(available=0, on_hold=0, debt=0, lapsing=[])


def test_an_account_tells_what_is_on_hold_what_is_owed_and_when_points_lapse():
    account = replace(
        an_account(),
        moved_mg=-5,
        held_mg=7,
        points=PointsBalance({date(2026, 11, 9): 1, date(2027, 12, 31): 30}, held=4),
    )
    # BOOKED_AT is on 2026-11-10: the first point could be spent until the day before.
    body = AccountBody.of(account, BOOKED_AT)
    assert body.reductions == ReductionsBody(available_mg=0, on_hold_mg=7, debt_mg=5)
    assert body.points.available == 30
    assert body.points.lapsing == [LapsingBody(spend_by="2027-12-31", points=30)]
    assert (body.points.on_hold, body.points.debt) == (4, 0)


def test_a_provisional_entry_says_what_is_missing():
    posting = a_provisional_posting()
    [entry] = decide_credits(an_account(), [posting], BOOKED_AT).entries
    body = EntryBody.of(entry)
    assert (body.provisional, body.missing, body.inputs) == (True, ["distance_km"], {})
    assert (body.evidence_grade, body.label, body.amends) == (3, "derived", None)
    assert (body.reduction_mg, body.standing_mg, body.low_mg, body.high_mg) == (
        25_576, 25_576, 6_612, 61_070,
    )  # fmt: skip


def test_an_amendment_says_why_it_is_and_what_stands_after_it():
    before = an_entry()
    posting = a_correction(before, 190_000)
    decision = decide_credits(an_account(), [posting], BOOKED_AT, {before.cause: before})
    body = EntryBody.of(decision.entries[0])
    assert (body.event_id, body.amends) == ("ride-1", "correction")
    assert body.entry_id != EntryBody.of(before).entry_id
    assert (body.reduction_mg, body.standing_mg) == (-14_608, 190_000)
    # 190,000 - 4,000 - 3,000 and 190,000 + 6,000 + 3,000
    assert (body.low_mg, body.high_mg) == (183_000, 199_000)
    assert (body.methodology, body.hash) == (posting.methodology, decision.entries[0].hash)


def test_no_answer_holds_a_salt_or_a_payload_digest():
    entry = replace(an_entry(), salt="5a" * 16)
    text = json.dumps(EntryBody.of(entry).model_dump())
    assert entry.salt not in text
    assert entry.payload_digest not in text
