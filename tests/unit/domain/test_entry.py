import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.entry import Behaviour, Cause, Entry
from tests.support.builders import BOOKED_AT, OCCURRED_AT

ENTRY = Entry(
    cause=Cause("metro-demo", "ride-1"),
    account_id="a1",
    seq=7,
    behaviour=Behaviour("metro", OCCURRED_AT, {"distance_km": Decimal("8.2")}),
    booked_at=BOOKED_AT,
    reduction_mg=209_723,
    methodology="metro-distance@2025.1",
    consent_number=3,
    payload_digest="d" * 64,
    salt="5a" * 16,
    previous_hash="0" * 64,
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


def test_an_entry_belongs_to_the_ledger_day_of_its_booking_and_not_of_its_behaviour():
    assert ENTRY.ledger_day == date(2026, 11, 10)


def test_a_cause_is_found_again_in_its_key():
    assert Cause("metro-demo", "ride-1").key == "event#metro-demo#ride-1"
    assert Cause.parse("event#metro-demo#ride-1") == Cause("metro-demo", "ride-1")


@pytest.mark.parametrize("key", ["", "event#metro-demo", "reversal#a#b", "event#a#b#c"])
def test_anything_else_is_not_the_key_of_a_cause(key):
    with pytest.raises(ValueError):  # noqa: PT011 - by unpacking or by name
        Cause.parse(key)
