import json
from dataclasses import replace
from typing import Any

import pytest

from shared.adapters.entries import EntryRow
from shared.adapters.messages import (
    read_event,
    read_postings,
    read_stream_record,
    write_event,
    write_postings,
)
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import decide_credits
from shared.domain.measurement import EvidenceGrade, Spread
from tests.support.builders import (
    BOOKED_AT,
    a_correction,
    a_posting,
    a_provisional_posting,
    a_reported_event,
    an_account,
    an_entry,
    postings_for,
)

EVENT = json.loads(write_event(a_reported_event()))
POSTINGS = json.loads(write_postings(postings_for("a1", a_posting())))


def changed(message: dict[str, Any], path: str, value: Any) -> str:
    """Return the message with one value replaced, or left out for `...`."""
    copy = json.loads(json.dumps(message))
    *way, last = path.split("/")
    place = copy
    for part in way:
        place = place[int(part) if part.isdigit() else part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(copy)


@pytest.mark.parametrize(
    "event",
    [
        a_reported_event(),
        a_reported_event(inputs={}),
        a_reported_event("rest-1", completes="ride-1"),
    ],
    ids=["a ride", "without its distance", "completing"],
)
def test_an_event_is_read_as_it_was_written(event):
    assert read_event(write_event(event)) == event


@pytest.mark.parametrize("account_id", ["a1", None])
def test_postings_are_read_as_they_were_written(account_id):
    caps = (Cap(CapPeriod.DAY, 5), Cap(CapPeriod.MONTH, 10))
    batch = postings_for(account_id, a_posting("ride-1", caps=caps), a_posting("ride-2"))
    assert read_postings(write_postings(batch)) == batch


@pytest.mark.parametrize(
    "posting",
    [
        a_provisional_posting(),
        a_posting("rest-1", completes="ride-1"),
        a_posting(exclusive_with=("bus", "home-office")),
        a_correction(an_entry(), 190_000),
        a_correction(an_entry(), 0, spread=Spread(), grade=EvidenceGrade.REPORTED),
        replace(a_correction(an_entry(), 190_000), reason="claimed"),
    ],
    ids=["provisional", "completing", "exclusive", "correcting", "down to nothing", "claimed"],
)
def test_whatever_a_posting_is_about_it_is_read_as_it_was_written(posting):
    [read] = read_postings(write_postings(postings_for("a1", posting))).postings
    assert read == posting
    assert read.amends == posting.amends


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "7", "{}", '{"v":2}', "[" * 100_000])
@pytest.mark.parametrize("read", [read_event, read_postings])
def test_what_is_not_a_message_is_poison(read, text):
    with pytest.raises(ValueError, match="message"):
        read(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("v", 1), ("v", 3), ("v", "2"), ("v", ...),
        ("cause", ...), ("cause", 7), ("cause", "event#a"),
        ("cause", "reversal#a#b"), ("reference_hash", ...), ("behaviour", ...),
        ("behaviour", []), ("behaviour/scenario", ...), ("behaviour/occurred_at", "yesterday"),
        ("behaviour/occurred_at", 7), ("behaviour/inputs", "8"),
        ("behaviour/inputs/distance_km", "eight"), ("behaviour/inputs/distance_km", [8]),
        ("payload_digest", ...), ("received_at", None), ("completes", ...), ("completes", 7),
        ("completes", "ride-1"), ("completes", ["event#a#b"]), ("completes", "event#a#b~0"),
    ],
)  # fmt: skip
def test_an_altered_event_is_poison(path, value):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_event(changed(EVENT, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("v", 1), ("account_id", ...), ("account_id", 7), ("account_id", ["a1"]),
        ("postings", None),
        ("postings", {"a": 1}), ("postings/0/cause", 7), ("postings/0/reduction_mg", -1),
        ("postings/0/reduction_mg", 1.0), ("postings/0/reduction_mg", True),
        ("postings/0/reduction_mg", "1"), ("postings/0/methodology", ...),
        ("postings/0/caps", [["week", 1]]), ("postings/0/caps", [["day", 0]]),
        ("postings/0/caps", [["day", "5"]]), ("postings/0/caps", [["day"]]),
        ("postings/0/spread", ...), ("postings/0/spread", None), ("postings/0/spread", [1, 2]),
        ("postings/0/spread", [1, 2, 3, 4]), ("postings/0/spread", [1, 2, -3]),
        ("postings/0/spread", [1.0, 2, 3]), ("postings/0/spread", ["1", 2, 3]),
        ("postings/0/spread", [True, 2, 3]), ("postings/0/spread", {"down_mg": 1}),
        ("postings/0/grade", ...), ("postings/0/grade", 0), ("postings/0/grade", 6),
        ("postings/0/grade", "1"), ("postings/0/grade", 1.0), ("postings/0/grade", True),
        ("postings/0/label", ...), ("postings/0/label", "sure"), ("postings/0/label", None),
        ("postings/0/missing", ...), ("postings/0/missing", None),
        ("postings/0/missing", "distance_km"), ("postings/0/missing", {"distance_km": 1}),
        ("postings/0/exclusive_with", ...), ("postings/0/exclusive_with", "bus"),
        ("postings/0/completes", ...), ("postings/0/completes", 7),
        ("postings/0/completes", "ride-1"), ("postings/0/corrects", ...),
        ("postings/0/salt", "not hex"), ("postings/0/salt", 7), ("postings/0/salt", ...),
    ],
)  # fmt: skip
def test_altered_postings_are_poison(path, value):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_postings(changed(POSTINGS, path, value))


def image(**changes: dict[str, str] | None) -> dict[str, Any]:
    """Return the stored entry with some attributes replaced, or left out for None."""
    stored = {**EntryRow.of(an_entry()).to_dynamodb_dict(), **changes}
    return {name: value for name, value in stored.items() if value is not None}


def record(**changes: Any) -> dict[str, Any]:
    sequence = "100000000000000000001"
    return {"dynamodb": {"NewImage": image(), "SequenceNumber": sequence, **changes}}


def test_a_new_entry_is_read_from_the_stream():
    counted = read_stream_record(record())
    entry = an_entry()
    assert counted.sequence == "0000000000000000000100000000000000000001"
    assert counted.leaf == (entry.hash, 204_608, "metro", "metro-demo")
    assert (counted.ledger_day, counted.booked_at) == (entry.ledger_day, entry.booked_at)
    assert counted.contribution == entry.contribution


def test_an_amendment_counts_what_it_adds_or_takes_away():
    before = an_entry()
    decision = decide_credits(
        an_account(), [a_correction(before, 190_000)], BOOKED_AT, {before.cause: before}
    )
    [entry] = decision.entries
    counted = read_stream_record(record(NewImage=EntryRow.of(entry).to_dynamodb_dict()))
    assert counted.leaf == (entry.hash, -14_608, "metro", "metro-demo")
    assert counted.contribution == entry.contribution
    assert counted.contribution.reduction_mg == -14_608


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"dynamodb": {}},
        {"dynamodb": {"NewImage": {}, "SequenceNumber": "1"}},
        {"dynamodb": {"NewImage": {"cause": {"S": "event#a#b"}}, "SequenceNumber": "1"}},
        {"dynamodb": {"NewImage": {"cause": {"N": "7"}}, "SequenceNumber": "1"}},
        record(SequenceNumber=""),
        record(SequenceNumber="-1"),
        record(SequenceNumber="1" * 41),
        record(NewImage=image(seq={"S": "one"})),
        record(NewImage=image(inputs={"S": "{"})),
        record(NewImage=image(spread={"S": "1,2"})),
        record(NewImage=image(spread={"S": "1,2,x"})),
        record(NewImage=image(spread=None)),
        record(NewImage=image(grade={"N": "6"})),
        record(NewImage=image(grade=None)),
        record(NewImage=image(label={"S": "sure"})),
        record(NewImage=image(original={"S": "correction,metro-distance@2025.1,1,2,3,4,1"})),
        record(NewImage=image(original={"S": "gift,metro-distance@2025.1,1,2,3,4,1,0"})),
        record(NewImage=image(cause={"S": "event#metro-demo#ride-1~0"})),
    ],
)
def test_anything_else_in_the_stream_is_named_unreadable(broken):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_stream_record(broken)
