import json
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
from tests.support.builders import a_posting, a_reported_event, an_entry, postings_for

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


def test_an_event_is_read_as_it_was_written():
    assert read_event(write_event(a_reported_event())) == a_reported_event()


@pytest.mark.parametrize("account_id", ["a1", None])
def test_postings_are_read_as_they_were_written(account_id):
    caps = (Cap(CapPeriod.DAY, 5), Cap(CapPeriod.MONTH, 10))
    batch = postings_for(account_id, a_posting("ride-1", caps=caps), a_posting("ride-2"))
    assert read_postings(write_postings(batch)) == batch


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "7", "{}", '{"v": 2}', "[" * 100_000])
@pytest.mark.parametrize("read", [read_event, read_postings])
def test_what_is_not_a_message_is_poison(read, text):
    with pytest.raises(ValueError, match="message"):
        read(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("v", 2), ("v", ...), ("cause", ...), ("cause", 7), ("cause", "event#a"),
        ("cause", "reversal#a#b"), ("reference_hash", ...), ("behaviour", ...),
        ("behaviour", []), ("behaviour/scenario", ...), ("behaviour/occurred_at", "yesterday"),
        ("behaviour/occurred_at", 7), ("behaviour/inputs", "8"),
        ("behaviour/inputs/distance_km", "eight"), ("behaviour/inputs/distance_km", [8]),
        ("payload_digest", ...), ("received_at", None),
    ],
)  # fmt: skip
def test_an_altered_event_is_poison(path, value):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_event(changed(EVENT, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("account_id", ...), ("account_id", 7), ("account_id", ["a1"]), ("postings", None),
        ("postings", {"a": 1}), ("postings/0/cause", 7), ("postings/0/reduction_mg", -1),
        ("postings/0/reduction_mg", 1.0), ("postings/0/reduction_mg", True),
        ("postings/0/reduction_mg", "1"), ("postings/0/methodology", ...),
        ("postings/0/caps", [["week", 1]]), ("postings/0/caps", [["day", 0]]),
        ("postings/0/caps", [["day", "5"]]), ("postings/0/caps", [["day"]]),
        ("postings/0/salt", "not hex"), ("postings/0/salt", 7), ("postings/0/salt", ...),
    ],
)  # fmt: skip
def test_altered_postings_are_poison(path, value):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_postings(changed(POSTINGS, path, value))


def record(**changes: Any) -> dict[str, Any]:
    image = EntryRow.of(an_entry()).to_dynamodb_dict()
    return {"dynamodb": {"NewImage": image, "SequenceNumber": "100000000000000000001", **changes}}


def test_a_new_entry_is_read_from_the_stream():
    counted = read_stream_record(record())
    entry = an_entry()
    assert counted.sequence == "0000000000000000000100000000000000000001"
    assert counted.leaf == (entry.hash, 204_608, "metro", "metro-demo")
    assert (counted.ledger_day, counted.booked_at) == (entry.ledger_day, entry.booked_at)


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
        record(NewImage={**EntryRow.of(an_entry()).to_dynamodb_dict(), "seq": {"S": "one"}}),
        record(NewImage={**EntryRow.of(an_entry()).to_dynamodb_dict(), "inputs": {"S": "{"}}),
    ],
)
def test_anything_else_in_the_stream_is_named_unreadable(broken):
    with pytest.raises(ValueError):  # noqa: PT011 - any of ours; nothing else may escape
        read_stream_record(broken)
