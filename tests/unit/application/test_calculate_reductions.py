from decimal import Decimal
from itertools import count

import pytest

from shared.adapters.catalogue import catalogue
from shared.application.calculate_reductions import calculate_reductions
from shared.domain.caps import Cap, CapPeriod
from shared.domain.errors import BusyError
from tests.support.builders import a_link, a_reported_event, at
from tests.support.fakes import FakeConsents, FakePostingQueue, Store


@pytest.fixture
def store():
    store = Store()
    store.links[a_link("rider-hash-1")] = "a1"
    store.links[a_link("rider-hash-2")] = "a2"
    return store


def calculate(store, queue, *events):
    """Deliver one message for each event, named m0, m1, ..."""
    numbers = count()
    return calculate_reductions(
        FakeConsents(store),
        catalogue(),
        queue,
        events={f"m{number}": event for number, event in enumerate(events)},
        new_salt=lambda: f"{next(numbers):032x}",
    )


def test_an_event_is_measured_and_posted_to_its_account(store):
    queue = FakePostingQueue()
    assert calculate(store, queue, a_reported_event()) == frozenset()
    [batch] = queue.sent
    [posting] = batch.postings
    assert batch.account_id == "a1"
    assert (posting.reduction_mg, posting.methodology) == (204_608, "metro-distance@2025.1")
    assert posting.caps == (Cap(CapPeriod.DAY, 5),)
    assert store.calls == ["look up"]


def test_events_of_one_account_travel_together_and_those_of_others_apart(store):
    queue = FakePostingQueue()
    events = [
        a_reported_event("ride-1"),
        a_reported_event("ride-2", reference_hash="rider-hash-2"),
        a_reported_event("ride-3"),
    ]
    calculate(store, queue, *events)
    assert [
        (batch.account_id, [posting.cause.event_id for posting in batch.postings])
        for batch in queue.sent
    ] == [("a1", ["ride-1", "ride-3"]), ("a2", ["ride-2"])]
    assert store.calls == ["look up", "look up"]


def test_a_message_carries_at_most_25_events(store):
    queue = FakePostingQueue()
    calculate(store, queue, *(a_reported_event(f"ride-{number}") for number in range(26)))
    assert [len(batch.postings) for batch in queue.sent] == [25, 1]


def test_each_event_has_a_salt_of_its_own(store):
    queue = FakePostingQueue()
    calculate(store, queue, a_reported_event("ride-1"), a_reported_event("ride-2"))
    [batch] = queue.sent
    assert len({posting.salt for posting in batch.postings}) == 2


def test_that_nobody_is_linked_is_only_believed_on_a_certain_read(store):
    queue = FakePostingQueue()
    store.lagging_links.add(a_link())
    calculate(store, queue, a_reported_event())
    assert store.calls == ["look up", "look up consistently"]
    assert queue.sent[0].account_id == "a1"


def test_an_event_of_nobody_is_posted_to_nobody(store):
    queue = FakePostingQueue()
    calculate(store, queue, a_reported_event(reference_hash="stranger"))
    assert [batch.account_id for batch in queue.sent] == [None]


def test_a_reference_is_one_partners_own(store):
    queue = FakePostingQueue()
    calculate(store, queue, a_reported_event(partner="metro-two"))
    assert queue.sent[0].account_id is None


def test_the_messages_of_a_batch_that_was_not_queued_come_again(store):
    queue = FakePostingQueue(refused=frozenset({0}))
    events = [
        a_reported_event("ride-1"),
        a_reported_event("ride-2", reference_hash="rider-hash-2"),
        a_reported_event("ride-3"),
    ]
    assert calculate(store, queue, *events) == {"m0", "m2"}
    assert [batch.account_id for batch in queue.sent] == ["a2"]


@pytest.mark.parametrize(
    "poison",
    [
        a_reported_event("bad", scenario="rocket"),
        a_reported_event("bad", occurred_at=at("2020-01-01T00:00:00+08:00")),
        a_reported_event("bad", inputs={"distance_mi": Decimal(5)}),
        a_reported_event("bad", inputs={"distance_km": Decimal("NaN")}),
        a_reported_event("bad", inputs={"distance_km": Decimal(-8)}),
    ],
    ids=["unknown scenario", "before every methodology", "other input", "not a number", "negative"],
)
def test_an_event_that_cannot_be_measured_comes_again_without_its_neighbours(store, poison):
    queue = FakePostingQueue()
    assert calculate(store, queue, a_reported_event("ride-1"), poison) == {"m1"}
    [batch] = queue.sent
    assert [posting.cause.event_id for posting in batch.postings] == ["ride-1"]


def test_a_look_up_that_is_busy_sends_only_its_own_messages_again(store, monkeypatch):
    look_up = FakeConsents.linked_account

    def sometimes(self, link, *, consistent):
        if link.reference_hash == "rider-hash-2":
            raise BusyError
        return look_up(self, link, consistent=consistent)

    monkeypatch.setattr(FakeConsents, "linked_account", sometimes)
    queue = FakePostingQueue()
    events = [a_reported_event("ride-1"), a_reported_event("ride-2", reference_hash="rider-hash-2")]
    assert calculate(store, queue, *events) == {"m1"}
    assert [batch.account_id for batch in queue.sent] == ["a1"]
