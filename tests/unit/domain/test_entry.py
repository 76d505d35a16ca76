import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.entry import AmendmentKind, Behaviour, Cause, Entry, Original
from shared.domain.measurement import EvidenceGrade, Label, Spread, Sum
from tests.support.builders import BOOKED_AT, OCCURRED_AT

ENTRY = Entry(
    cause=Cause("metro-demo", "ride-1"),
    account_id="a1",
    seq=7,
    behaviour=Behaviour("metro", OCCURRED_AT, {"distance_km": Decimal("8.2")}),
    booked_at=BOOKED_AT,
    reduction_mg=209_723,
    spread=Spread(155_504, 291_051, 109_956_196),
    grade=EvidenceGrade.METERED,
    methodology="metro-distance@2025.1",
    label=Label.DERIVED,
    consent_number=3,
    payload_digest="d" * 64,
    salt="5a" * 16,
    previous_hash="0" * 64,
)
# 1 km was credited while the distance was not known; then it came: 8.2 km.
PROVISIONAL = replace(
    ENTRY,
    behaviour=replace(ENTRY.behaviour, inputs={}),
    reduction_mg=25_576,
    spread=Spread(18_964, 35_494, 0),
    grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
    label=Label.ILLUSTRATIVE,
    missing=("distance_km",),
)
COMPLETION = replace(
    ENTRY,
    cause=Cause("metro-demo", "ride-1", 1),
    seq=8,
    reduction_mg=184_147,
    original=PROVISIONAL.amended(AmendmentKind.COMPLETION),
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def written(facts: dict[str, object]) -> bytes:
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def test_the_hash_can_be_recomputed_from_the_published_recipe():
    detail = written(
        {
            "cause": "event#metro-demo#ride-1",
            "inputs": {"distance_km": "8.2"},
            "occurred_at": "2026-11-09T00:12:33.000Z",
            "payload_digest": "d" * 64,
            "scenario": "metro",
        }
    )
    head = written(
        {
            "account_id": "a1",
            "booked_at": "2026-11-10T04:00:00.000Z",
            "consent_number": 3,
            "detail_digest": sha256(b"\x5a" * 16 + detail),
            "methodology": "metro-distance@2025.1",
            "previous_hash": "0" * 64,
            "reduction_mg": 209_723,
            "seq": 7,
        }
    )
    assert ENTRY.hash == sha256(head)


def test_the_hash_of_an_amendment_covers_what_it_replaces_and_what_stands_after_it():
    detail = written(
        {
            "cause": "event#metro-demo#ride-1~1",
            "inputs": {"distance_km": "8.2"},
            "occurred_at": "2026-11-09T00:12:33.000Z",
            "payload_digest": "d" * 64,
            "scenario": "metro",
        }
    )
    head = written(
        {
            "account_id": "a1",
            "amends": "completion",
            "booked_at": "2026-11-10T04:00:00.000Z",
            "consent_number": 3,
            "detail_digest": sha256(b"\x5a" * 16 + detail),
            "methodology": "metro-distance@2025.1",
            "previous_hash": "0" * 64,
            "reduction_mg": 184_147,
            "replaces": "metro-distance@2025.1",
            "seq": 8,
            "standing_mg": 209_723,
        }
    )
    assert COMPLETION.hash == sha256(head)


@pytest.mark.parametrize(
    "change",
    [
        {"cause": Cause("metro-demo", "ride-2")},
        {"cause": Cause("bank-core", "ride-1")},
        {"account_id": "a2"},
        {"seq": 8},
        {"behaviour": replace(ENTRY.behaviour, scenario="bus")},
        {"behaviour": replace(ENTRY.behaviour, occurred_at=OCCURRED_AT + timedelta(seconds=1))},
        {"behaviour": replace(ENTRY.behaviour, inputs={"distance_km": Decimal("8.3")})},
        {"behaviour": replace(ENTRY.behaviour, inputs={})},
        {"booked_at": BOOKED_AT + timedelta(milliseconds=1)},
        {"reduction_mg": 209_724},
        {"methodology": "metro-distance@2025.2"},
        {"consent_number": 4},
        {"payload_digest": "e" * 64},
        {"salt": "5b" * 16},
        {"previous_hash": "1" * 64},
    ],
    ids=str,
)
def test_whatever_is_changed_in_an_entry_changes_its_hash(change):
    assert replace(ENTRY, **change).hash != ENTRY.hash


@pytest.mark.parametrize(
    "change",
    [{"kind": AmendmentKind.CORRECTION}, {"methodology": "other@1"}, {"reduction_mg": 25_577}],
    ids=str,
)
def test_whatever_is_changed_in_what_stood_before_changes_the_hash(change):
    before = COMPLETION.original
    assert before is not None
    assert replace(COMPLETION, original=replace(before, **change)).hash != COMPLETION.hash
    assert replace(COMPLETION, original=None).hash != COMPLETION.hash


def test_an_entry_belongs_to_the_ledger_day_of_its_booking_and_not_of_its_behaviour():
    assert ENTRY.ledger_day == date(2026, 11, 10)


# What stands


def test_an_amendment_remembers_what_stood_before_it():
    assert COMPLETION.original == Original(
        kind=AmendmentKind.COMPLETION,
        methodology="metro-distance@2025.1",
        reduction_mg=25_576,
        spread=Spread(18_964, 35_494, 0),
        grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        is_provisional=True,
    )


def test_the_next_amendment_finds_standing_what_the_last_one_left():
    found = COMPLETION.amended(AmendmentKind.CORRECTION)
    assert (found.reduction_mg, found.spread, found.grade, found.is_provisional) == (
        209_723,
        COMPLETION.spread,
        EvidenceGrade.METERED,
        False,
    )


def test_the_range_of_an_amendment_is_around_all_that_is_credited():
    assert (COMPLETION.reduction_mg, COMPLETION.standing_mg) == (184_147, 209_723)
    # 209,723 - 155,504 - 10,486, and 209,723 + 291,051 + 10,486.
    assert (COMPLETION.low_mg, COMPLETION.high_mg) == (43_733, 511_260)
    assert (COMPLETION.low_mg, COMPLETION.high_mg) == (ENTRY.low_mg, ENTRY.high_mg)


def test_a_credit_is_provisional_as_long_as_an_input_is_missing():
    assert PROVISIONAL.is_provisional
    assert not COMPLETION.is_provisional


def test_an_entry_adds_itself_to_every_sum():
    assert PROVISIONAL.contribution == Sum(
        count=1,
        reduction_mg=25_576,
        spread=Spread(18_964, 35_494, 0),
        grades_mg=(0, 0, 25_576, 0, 0),
        provisional_mg=25_576,
        weakness=2,
    )


def test_an_amendment_adds_the_difference_and_moves_the_rest():
    assert COMPLETION.contribution == Sum(
        count=1,
        reduction_mg=184_147,
        spread=Spread(136_540, 255_557, 109_956_196),
        grades_mg=(209_723, 0, -25_576, 0, 0),
        provisional_mg=-25_576,
        weakness=1,
    )


def test_a_credit_and_its_amendment_add_up_to_what_stands():
    # Two entries, and what was illustrative once leaves its trace; all else is as if it had been
    # known at first.
    known = ENTRY.contribution
    assert PROVISIONAL.contribution + COMPLETION.contribution == replace(known, count=2, weakness=2)


# Causes


@pytest.mark.parametrize(
    ("cause", "key"),
    [
        (Cause("metro-demo", "ride-1"), "event#metro-demo#ride-1"),
        (Cause("metro-demo", "ride-1", 1), "event#metro-demo#ride-1~1"),
        (Cause("metro-demo", "ride-1", 12), "event#metro-demo#ride-1~12"),
    ],
)
def test_a_cause_is_found_again_in_its_key(cause, key):
    assert cause.key == key
    assert Cause.parse(key) == cause


def test_amendments_of_an_event_are_counted_from_one():
    event = Cause("metro-demo", "ride-1")
    assert event.next_amendment == Cause("metro-demo", "ride-1", 1)
    assert event.next_amendment.next_amendment == Cause("metro-demo", "ride-1", 2)
    assert event.next_amendment.event == event.event == event


@pytest.mark.parametrize(
    "key",
    [
        "", "event#metro-demo", "reversal#a#b", "event#a#b#c", "event#a#b~", "event#a#b~0",
        "event#a#b~01", "event#a#b~-1", "event#a#b~+1", "event#a#b~ 1", "event#a#b~1~1",
        "event#a#b~one", "event#a#b~\uff11", "event#a#b~1_0",
    ],
)  # fmt: skip
def test_anything_else_is_not_the_key_of_a_cause(key):
    with pytest.raises(ValueError):  # noqa: PT011 - by unpacking or by name
        Cause.parse(key)
