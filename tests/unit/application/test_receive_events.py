from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.adapters.catalogue import catalogue
from shared.application.receive_events import IncomingEvent, Receipt, receive_events
from shared.domain.entry import Cause
from shared.domain.errors import (
    BusyError,
    EventConflictError,
    EventInFutureError,
    EventTooOldError,
    InvalidRequestError,
    SignatureRefusedError,
    UnknownEventTypeError,
)
from tests.support.builders import BOOKED_AT, OCCURRED_AT, a_partner
from tests.support.fakes import FakeEventQueue, FakePseudonyms

RIDE = IncomingEvent(
    event_id="ride-1",
    source="urn:partner:metro-demo",
    type="carbon.metro.v1",
    occurred_at=OCCURRED_AT,
    reference="rider-1",
    data={"distance_km": 8},
)


def receive(queue, *events, partner=None):
    return receive_events(
        catalogue(),
        FakePseudonyms(),
        queue,
        partner=partner or a_partner(),
        events=events,
        now=BOOKED_AT,
    )


def problems(receipts):
    return [type(receipt.problem) if receipt.problem else None for receipt in receipts]


def test_an_accepted_event_is_in_the_queue_with_nothing_that_was_not_asked_for():
    queue = FakeEventQueue()
    data = {"distance_km": 8, "stations": ["A", "B"], "phone": "13800000000"}
    assert receive(queue, replace(RIDE, data=data)) == (Receipt("ride-1"),)
    [event] = queue.sent
    assert event.behaviour.inputs == {"distance_km": Decimal(8)}
    assert event.received_at == BOOKED_AT
    assert "rider-1" not in repr(event)
    assert "13800000000" not in repr(event)


def test_receipts_come_in_the_order_of_the_events():
    queue = FakeEventQueue()
    receipts = receive(
        queue,
        Receipt(None, InvalidRequestError()),
        RIDE,
        replace(RIDE, event_id="ride-2", type="carbon.rocket.v1"),
        replace(RIDE, event_id="ride-3"),
    )
    assert [receipt.event_id for receipt in receipts] == [None, "ride-1", "ride-2", "ride-3"]
    assert problems(receipts) == [InvalidRequestError, None, UnknownEventTypeError, None]
    assert [event.cause.event_id for event in queue.sent] == ["ride-1", "ride-3"]


def test_what_the_queue_did_not_take_is_not_acknowledged():
    queue = FakeEventQueue(refused=frozenset({1}))
    unknown = replace(RIDE, event_id="ride-0", type="carbon.rocket.v1")
    events = [unknown, RIDE, *(replace(RIDE, event_id=f"ride-{number}") for number in (2, 3))]
    receipts = receive(queue, *events)
    # The second of those that were sent is the third event.
    assert problems(receipts) == [UnknownEventTypeError, None, BusyError, None]


def test_another_partners_source_refuses_the_whole_request():
    queue = FakeEventQueue()
    with pytest.raises(SignatureRefusedError):
        receive(queue, RIDE, replace(RIDE, event_id="ride-2", source="urn:partner:bank-core"))
    assert queue.sent == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "carbon.shared-bike.v1"}, UnknownEventTypeError),
        ({"occurred_at": BOOKED_AT + timedelta(minutes=6)}, EventInFutureError),
        ({"occurred_at": BOOKED_AT - timedelta(days=31)}, EventTooOldError),
        ({"data": {"completes": "ride-0"}}, InvalidRequestError),
        ({"data": {"distance_km": -8}}, InvalidRequestError),
        ({"data": {"distance_km": "8"}}, InvalidRequestError),
    ],
    ids=str,
)
def test_a_refused_event_says_why_and_is_not_queued(change, problem):
    queue = FakeEventQueue()
    assert problems(receive(queue, replace(RIDE, **change))) == [problem]
    assert queue.sent == []


# Inputs that come later


@pytest.mark.parametrize("data", [{}, {"distance_km": None}, {"distance_mi": 5}], ids=str)
def test_a_ride_may_come_without_its_distance(data):
    queue = FakeEventQueue()
    assert problems(receive(queue, replace(RIDE, data=data))) == [None]
    [event] = queue.sent
    assert (event.behaviour.inputs, event.completes) == ({}, None)


def test_an_input_that_a_methodology_cannot_do_without_is_required():
    walk = replace(RIDE, type="carbon.walking.v1", data={})
    partner = a_partner(scenarios=("walking",))
    [receipt] = receive(FakeEventQueue(), walk, partner=partner)
    assert isinstance(receipt.problem, InvalidRequestError)
    assert receipt.problem.pointers == (("/data/steps", "is required"),)


def test_a_completing_event_names_the_event_whose_distance_it_brings():
    queue = FakeEventQueue()
    rest = replace(RIDE, event_id="rest-1", data={"completes": "ride-1", "distance_km": 8})
    assert problems(receive(queue, rest)) == [None]
    [event] = queue.sent
    assert event.completes == Cause("metro-demo", "ride-1")
    assert event.behaviour.inputs == {"distance_km": Decimal(8)}


def test_completes_may_be_null_like_any_field_that_is_not_there():
    queue = FakeEventQueue()
    receive(queue, replace(RIDE, data={"completes": None, "distance_km": 8}))
    assert queue.sent[0].completes is None


@pytest.mark.parametrize(
    "completes",
    [
        "", "ride 1", "ride#1", "ride-0~1", "-ride", "r" * 65, 7, True, ["ride-0"],
        {"id": "ride-0"}, "ride-0\n", "ridé", "ride-1",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_the_id_of_another_event_can_not_be_completed(completes):
    queue = FakeEventQueue()
    data = {"completes": completes, "distance_km": 8}
    [receipt] = receive(queue, replace(RIDE, data=data))
    assert isinstance(receipt.problem, InvalidRequestError)
    assert receipt.problem.pointers == (("/data/completes", "must be the id of an earlier event"),)
    assert queue.sent == []


def test_a_completing_event_brings_all_that_was_missing():
    [receipt] = receive(FakeEventQueue(), replace(RIDE, data={"completes": 7}))
    assert isinstance(receipt.problem, InvalidRequestError)
    assert receipt.problem.pointers == (
        ("/data/distance_km", "is required of an event that completes another"),
        ("/data/completes", "must be the id of an earlier event"),
    )


def test_the_same_event_twice_in_a_request_is_accepted_twice():
    assert problems(receive(FakeEventQueue(), RIDE, RIDE)) == [None, None]


def test_an_id_that_a_users_claim_is_booked_under_is_no_partners():
    queue = FakeEventQueue()
    claim = replace(RIDE, event_id="dispute-d" + "0" * 26)
    assert problems(receive(queue, claim, replace(RIDE, event_id="dispute-1"))) == [
        InvalidRequestError,
        None,
    ]


def test_of_two_payloads_under_one_id_the_second_is_a_conflict():
    queue = FakeEventQueue()
    assert problems(receive(queue, RIDE, replace(RIDE, data={"distance_km": 9}))) == [
        None,
        EventConflictError,
    ]
    assert len(queue.sent) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"data": {"distance_km": 8}}, {"data": {"distance_km": Decimal("8.000")}}),
        ({"data": {"distance_km": 8}}, {"data": {"distance_km": 8, "stations": ["A"]}}),
        ({"data": {"distance_km": 20}}, {"data": {"distance_km": Decimal("20.0")}}),
        ({"data": {}}, {"data": {"distance_km": None, "completes": None}}),
    ],
    ids=["zeros", "what was not asked for", "tens", "null"],
)
def test_a_payload_is_the_same_if_it_says_the_same(first, second):
    receipts = receive(FakeEventQueue(), replace(RIDE, **first), replace(RIDE, **second))
    assert problems(receipts) == [None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"distance_km": 9}},
        {"reference": "rider-2"},
        {"occurred_at": OCCURRED_AT + timedelta(milliseconds=1)},
        {"type": "carbon.bus.v1"},
        {"data": {}},
        {"data": {"distance_km": 8, "completes": "ride-0"}},
    ],
    ids=str,
)
def test_a_payload_is_another_if_anything_that_counts_differs(change):
    receipts = receive(FakeEventQueue(), RIDE, replace(RIDE, **change))
    assert problems(receipts) == [None, EventConflictError]


def test_the_same_reference_of_two_partners_is_not_the_same_person():
    metro, other = FakeEventQueue(), FakeEventQueue()
    receive(metro, RIDE)
    partner = a_partner("metro-two")
    receive(other, replace(RIDE, source="urn:partner:metro-two"), partner=partner)
    assert metro.sent[0].reference_hash != other.sent[0].reference_hash
