import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.canonical import canonical_json
from shared.domain.entry import AmendmentKind, Cause, Entry
from shared.domain.errors import ReceiptMismatchError
from shared.domain.measurement import NO_SPREAD, EvidenceGrade, Label, Spread
from shared.domain.receipt import build_receipt, plain
from tests.support.builders import an_entry
from tests.support.rules import a_rule

RULE = a_rule()
# 8 km, worked out by hand: 8 x 0.23 x (0.1952 - 0.084) kg, and so on.
CENTRAL_MG, LEAST_MG, GREATEST_MG = 204_608, 52_896, 488_560
SPREAD_OF_8_KM = Spread(151_712, 283_952, 104_673_361)
# The distance is missing: 1 km.
SPREAD_OF_1_KM = Spread(18_964, 35_494, 0)


def a_ride(**changes: Any) -> Entry:
    """A metered ride of 8 km, as the rule measures it."""
    return replace(an_entry("ride-1", spread=SPREAD_OF_8_KM), **changes)


def a_ride_of_unknown_length() -> Entry:
    ride = a_ride(
        reduction_mg=25_576,
        spread=SPREAD_OF_1_KM,
        grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        missing=("distance_km",),
        label=Label.ILLUSTRATIVE,
    )
    return replace(ride, behaviour=replace(ride.behaviour, inputs={}))


def amended(entry: Entry, kind: AmendmentKind, **changes: Any) -> Entry:
    """The ride of 8 km that comes after an entry of the same event."""
    facts = {
        "cause": entry.cause.next_amendment,
        "seq": entry.seq + 1,
        "original": entry.amended(kind),
        "previous_hash": entry.hash,
        "reduction_mg": CENTRAL_MG - entry.standing_mg,
    }
    return a_ride(**(facts | changes))


def receipt_of(entry: Entry, rule: Any = RULE) -> dict[str, Any]:
    """Return the receipt as its reader has it."""
    read: dict[str, Any] = json.loads(canonical_json(build_receipt(entry, rule, "e_1")))
    return read


def test_a_receipt_shows_every_case_with_every_step():
    measurement = receipt_of(a_ride())["measurement"]
    assert {case["case"]: case["reduction_mg"] for case in measurement["cases"]} == {
        "central": CENTRAL_MG,
        "low": LEAST_MG,
        "high": GREATEST_MG,
        "distance_km low": 194_377,
        "distance_km high": 214_838,
    }
    [central, low, *_, further] = measurement["cases"]
    assert central["steps"] == [
        {
            "name": "baseline",
            "unit": "g",
            "expression": "distance_km * displacement_rate * ef_car * g_per_kg",
            "value": "359.168",
        },
        {
            "name": "project",
            "unit": "g",
            "expression": "distance_km * displacement_rate * ef_metro * g_per_kg",
            "value": "154.56",
        },
        {"name": "reduction", "unit": "g", "expression": "baseline - project", "value": "204.608"},
    ]
    used = {"displacement_rate": "0.1", "ef_car": "0.16272", "ef_metro": "0.0966"}
    assert low["values"] == {"distance_km": "8", "g_per_kg": "1000", **used}
    assert further["values"]["distance_km"] == "8.4"
    assert further["steps"][-1]["value"] == "214.8384"


def test_a_receipt_says_what_the_cases_come_to():
    receipt = receipt_of(a_ride())
    measurement = receipt["measurement"]
    del measurement["cases"]
    assert measurement == {
        "reduction_mg": 204_608,
        "down_mg": 151_712,
        "up_mg": 283_952,
        "activity_mg2": 104_673_361,
        "low_mg": 42_665,
        "high_mg": 498_791,
        "evidence_grade": 1,
        "missing": [],
    }
    assert (receipt["entry"]["low_mg"], receipt["entry"]["high_mg"]) == (42_665, 498_791)
    assert (receipt["version"], receipt["label"]) == (2, "derived")


def test_the_hashes_can_be_worked_out_from_the_receipt_alone():
    receipt = receipt_of(a_ride())
    entry = receipt["entry"]

    def sha256(value: object, before: bytes = b"") -> str:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(before + text.encode()).hexdigest()

    detail = ("cause", "inputs", "occurred_at", "payload_digest", "scenario")
    salt = bytes.fromhex(entry["salt"])
    assert sha256({name: entry[name] for name in detail}, salt) == entry["detail_digest"]
    covered = (
        "account_id", "booked_at", "consent_number", "detail_digest",
        "methodology", "previous_hash", "reduction_mg", "seq",
    )  # fmt: skip
    assert sha256({name: entry[name] for name in covered}) == entry["hash"] == a_ride().hash
    assert sha256(receipt["methodology"]) == receipt["methodology_digest"] == RULE.digest


def test_that_a_methodology_ended_later_is_shown_but_changes_no_digest():
    ended = a_rule(effective_until="2027-01-01")
    receipt = receipt_of(a_ride(), ended)
    assert receipt["methodology"]["effective_until"] == "2027-01-01"
    assert receipt["methodology_digest"] == RULE.digest


def test_an_entry_is_named_whole():
    entry = receipt_of(a_ride())["entry"]
    assert {name: entry[name] for name in ("entry_id", "cause", "event_id", "amendment")} == {
        "entry_id": "e_1",
        "cause": "event#metro-demo#ride-1",
        "event_id": "ride-1",
        "amendment": 0,
    }
    assert (entry["occurred_at"], entry["booked_at"]) == (
        "2026-11-09T00:12:33.000Z",
        "2026-11-10T04:00:00.000Z",
    )
    assert (entry["inputs"], entry["missing"], entry["original"]) == (
        {"distance_km": "8"},
        [],
        None,
    )


def test_inputs_stand_as_they_are_hashed_and_in_the_cases_without_zeros_at_the_end():
    ride = a_ride()
    ride = replace(ride, behaviour=replace(ride.behaviour, inputs={"distance_km": Decimal("8.00")}))
    receipt = receipt_of(ride)
    assert receipt["entry"]["inputs"] == {"distance_km": "8.00"}
    assert receipt["measurement"]["cases"][0]["values"]["distance_km"] == "8"


def test_a_credit_books_what_was_measured():
    assert receipt_of(a_ride())["booking"] == {
        "kind": "credit",
        "before_mg": 0,
        "measured_mg": 204_608,
        "booked_mg": 204_608,
    }


def test_what_was_missing_is_named_and_has_no_case_of_its_own():
    receipt = receipt_of(a_ride_of_unknown_length())
    assert (receipt["entry"]["inputs"], receipt["entry"]["missing"]) == ({}, ["distance_km"])
    assert receipt["label"] == "illustrative"
    measurement = receipt["measurement"]
    assert [case["case"] for case in measurement["cases"]] == ["central", "low", "high"]
    assert measurement["cases"][0]["values"]["distance_km"] == "1"
    assert (measurement["reduction_mg"], measurement["evidence_grade"]) == (25_576, 3)


def test_a_completion_books_what_is_above_the_provisional_credit():
    completion = amended(a_ride_of_unknown_length(), AmendmentKind.COMPLETION)
    receipt = receipt_of(completion)
    assert receipt["booking"] == {
        "kind": "completion",
        "before_mg": 25_576,
        "measured_mg": 204_608,
        "booked_mg": 179_032,
    }
    assert receipt["entry"]["reduction_mg"] == 179_032
    assert receipt["entry"]["cause"] == "event#metro-demo#ride-1~1"
    assert receipt["entry"]["original"] == {
        "kind": "completion",
        "methodology": "metro-distance@2025.1",
        "reduction_mg": 25_576,
        "down_mg": 18_964,
        "up_mg": 35_494,
        "activity_mg2": 0,
        "evidence_grade": 3,
        "provisional": True,
        "points": 0,
    }


def test_a_completion_that_measures_less_books_nothing():
    before = replace(a_ride_of_unknown_length(), reduction_mg=250_000)
    spread = Spread(151_712 + 45_392, 283_952 - 45_392, 104_673_361)
    completion = amended(before, AmendmentKind.COMPLETION, reduction_mg=0, spread=spread)
    assert receipt_of(completion)["booking"] == {
        "kind": "completion",
        "before_mg": 250_000,
        "measured_mg": 204_608,
        "booked_mg": 0,
    }


def test_a_correction_may_take_back():
    before = a_ride(reduction_mg=250_000, methodology="metro-distance@2024.1")
    receipt = receipt_of(amended(before, AmendmentKind.CORRECTION))
    assert receipt["booking"] == {
        "kind": "correction",
        "before_mg": 250_000,
        "measured_mg": 204_608,
        "booked_mg": -45_392,
    }
    assert receipt["entry"]["reduction_mg"] == -45_392
    assert receipt["entry"]["original"]["methodology"] == "metro-distance@2024.1"


def reversal(**changes: Any) -> Entry:
    """What takes back a ride of 8 km that had earned 4 points."""
    ride = a_ride(points=4, spend_by=date(2027, 12, 31))
    facts = {
        "original": ride.amended(AmendmentKind.REVERSAL),
        "reduction_mg": -CENTRAL_MG,
        "spread": NO_SPREAD,
        "points": -4,
        "spend_by": date(2027, 12, 31),
        "reason": "fraud",
    }
    return amended(ride, AmendmentKind.REVERSAL, **(facts | changes))


def test_a_reversal_shows_what_was_measured_and_that_it_was_taken_back():
    receipt = receipt_of(reversal())
    assert receipt["booking"] == {
        "kind": "reversal",
        "before_mg": 204_608,
        "measured_mg": 204_608,
        "booked_mg": -204_608,
    }
    entry = receipt["entry"]
    assert (entry["reduction_mg"], entry["low_mg"], entry["high_mg"]) == (-204_608, 0, 0)
    assert (entry["points"], entry["spend_by"], entry["reason"]) == (-4, "2027-12-31", "fraud")
    assert entry["original"]["points"] == 4
    assert receipt["measurement"]["reduction_mg"] == 204_608


@pytest.mark.parametrize(
    "changes",
    [{"reduction_mg": -204_607}, {"spread": SPREAD_OF_8_KM}, {"missing": ("distance_km",)}],
)
def test_a_reversal_that_leaves_something_has_no_receipt(changes):
    with pytest.raises(ReceiptMismatchError):
        receipt_of(reversal(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"reduction_mg": 204_609},
        {"spread": Spread(0, 0, 0)},
        {"grade": EvidenceGrade.RECORDED},
        {"missing": ("distance_km",)},
        {"label": Label.PUBLISHED},
        {"behaviour": replace(a_ride().behaviour, inputs={"distance_km": Decimal(9)})},
        {"original": a_ride().amended(AmendmentKind.CORRECTION)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_entry_that_does_not_follow_from_its_inputs_has_no_receipt(changes):
    with pytest.raises(ReceiptMismatchError):
        build_receipt(a_ride(**changes), RULE, "e_1")


def test_a_receipt_has_no_number_that_a_reader_could_round():
    def refuse(text: str) -> None:
        raise AssertionError(text)

    text = canonical_json(build_receipt(a_ride(cause=Cause("metro-demo", "r")), RULE, "e_1"))
    json.loads(text, parse_float=refuse, parse_constant=refuse)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("8.00", "8"), ("0.0840", "0.084"), ("-0.0", "0"), ("0E-7", "0"), ("1E+3", "1000"),
        ("100", "100"), ("1E-7", "0.0000001"), ("-2.50", "-2.5"),
    ],
)  # fmt: skip
def test_a_number_is_written_plainly(value, text):
    assert plain(Decimal(value)) == text
