from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from shared.application.calculate_reductions import calculate_reductions
from shared.domain.caps import Cap, CapPeriod
from shared.domain.catalogue import Catalogue
from shared.domain.entry import Cause
from shared.domain.errors import BusyError
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread
from shared.domain.points import PointsTerms
from shared.domain.points_policy import PointsPolicies, PointsPolicy, PointsRate
from tests.support.builders import a_link, a_reported_event, at
from tests.support.fakes import FakeConsents, FakePostingQueue, Store
from tests.support.rules import DISTANCE, a_rule, a_rule_per_trip

FIVE_A_DAY = {"period": "day", "count": 5, "label": "published", "note": "Five rides."}
# From December on, a ride without its distance is not taken.
CATALOGUE = Catalogue.of(
    [
        a_rule(caps=[FIVE_A_DAY], exclusive_with=["home-office"], effective_until="2026-12-01"),
        a_rule(
            version="2026.1",
            effective_from="2026-12-01",
            inputs=[{name: each for name, each in DISTANCE.items() if name != "if_missing"}],
        ),
        a_rule_per_trip("bus-award", scenario="bus"),
    ]
)
# From 2026-11-10 on, two points for a ride and ten for a kilogram.
POLICIES = PointsPolicies.of(
    [
        PointsPolicy(
            policy_id="test",
            version="1",
            effective_from=date(2026, 11, 10),
            spend_through_years=1,
            day_cap=60,
            month_cap=600,
            otherwise=PointsRate(0, 10),
            scenarios={"metro": PointsRate(2, 10)},
            title={"en": "Test", "zh-Hans": "测试"},
        )
    ]
)


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
        CATALOGUE,
        POLICIES,
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
    assert posting.methodology == "metro-distance@2025.1"
    assert posting.caps == (Cap(CapPeriod.DAY, 5),)
    assert store.calls == ["look up"]
    # 8 km: 8 x 0.23 x (195.2 - 84) g; from 52.896 to 488.56 g, and 10.231 g for the distance.
    assert posting.measurement == Measurement(
        204_608, Spread(151_712, 283_952, 10_231**2), EvidenceGrade.METERED
    )
    assert posting.label is Label.DERIVED


def test_an_event_without_its_distance_is_posted_provisionally(store):
    queue = FakePostingQueue()
    assert calculate(store, queue, a_reported_event(inputs={})) == frozenset()
    [posting] = queue.sent[0].postings
    assert posting.measurement == Measurement(
        25_576,
        Spread(18_964, 35_494, 0),
        EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        ("distance_km",),
    )
    assert posting.label is Label.ILLUSTRATIVE


def test_a_completing_event_is_posted_with_what_it_completes(store):
    queue = FakePostingQueue()
    calculate(store, queue, a_reported_event("rest-1", completes="ride-1"))
    [posting] = queue.sent[0].postings
    assert posting.completes == posting.amends == Cause("metro-demo", "ride-1")
    assert (posting.cause.event_id, posting.corrects) == ("rest-1", "")


def test_a_posting_names_the_scenarios_that_exclude_it(store):
    queue = FakePostingQueue()
    calculate(store, queue, a_reported_event())
    assert queue.sent[0].postings[0].exclusive_with == ("home-office",)


def test_an_event_is_measured_by_the_rule_of_the_day_on_which_it_occurred(store):
    queue = FakePostingQueue()
    midnight = ("2026-11-30T23:59:59.999+08:00", "2026-12-01T00:00:00.000+08:00")
    calculate(store, queue, *(a_reported_event(each, occurred_at=at(each)) for each in midnight))
    assert [posting.methodology for posting in queue.sent[0].postings] == [
        "metro-distance@2025.1",
        "metro-distance@2026.1",
    ]


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
        a_reported_event("bad", inputs={}, occurred_at=at("2026-12-01T08:00:00+08:00")),
        a_reported_event("bad", scenario="bus", inputs={}),
        a_reported_event("bad", inputs={"distance_km": Decimal("NaN")}),
        a_reported_event("bad", inputs={"distance_km": Decimal(-8)}),
    ],
    ids=[
        "unknown scenario",
        "before every methodology",
        "required input",
        "only compared",
        "not a number",
        "negative",
    ],
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


def test_a_posting_carries_what_the_policy_of_its_day_offers(store):
    queue = FakePostingQueue()
    calculate(
        store,
        queue,
        a_reported_event("before", occurred_at=at("2026-11-09T23:59:59+08:00")),
        a_reported_event("after", occurred_at=at("2026-11-10T00:00:00+08:00")),
    )
    [batch] = queue.sent
    before, after = (posting.points for posting in batch.postings)
    assert before is None
    assert after == PointsTerms("test@1", 2, 10, 60, 600, date(2027, 12, 31))
