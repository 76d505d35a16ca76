"""What users and partners are promised, over the whole pipeline."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.adapters.entries import EntryRow
from tests.support.builders import at
from tests.support.cloud import QUEUE_URL, Cloud, context, load
from tests.support.partners import (
    BANK_SECRET,
    METRO_SECRET,
    bank_event,
    dump,
    link_token,
    metro_event,
    signed,
)
from tests.support.town import OPENED_AT, Time, open_and_grant, send


@pytest.fixture
def rider(cloud: Cloud, time: Time) -> Time:
    """user-1 consented at noon on 2026-11-08; it is noon on 2026-11-10."""
    noon, time.now = time.now, OPENED_AT
    open_and_grant(cloud, time.now, "user-1", "rider-1")
    time.now = noon
    return time


def account(cloud: Cloud, subject: str = "user-1") -> tuple[int, int]:
    """Return the account's milligrams and its number of entries."""
    status, body, _ = cloud.request("get_account", subject=subject)
    assert status == 200, body
    return body["reduction_mg"], body["entries"]


def outcome(
    cloud: Cloud,
    time: Time,
    event_id: str,
    partner: str = "metro-demo",
    secret: str = METRO_SECRET,
) -> Any:
    path = f"GET /v1/partners/{partner}/events/{event_id}"
    _, body, _ = cloud.request(
        "get_outcome",
        path={"partner": partner, "event_id": event_id},
        headers=signed(path, secret, time.now),
        subject=None,
    )
    return body


def consent(
    cloud: Cloud, time: Time, scenario: str, partner: str = "metro-demo", secret: str = METRO_SECRET
) -> None:
    token = link_token(partner, "rider-1", secret, time.now)
    status, body, _ = cloud.request(
        "grant_consent",
        path={"scenario": scenario, "partner": partner},
        body=dump({"notice_version": "2025-01", "partner_link_token": token}),
    )
    assert status == 200, body


def withdraw(cloud: Cloud, scenario: str = "metro", partner: str = "metro-demo") -> None:
    path = {"scenario": scenario, "partner": partner}
    assert cloud.request("withdraw_consent", path=path)[0] == 200


def entries(cloud: Cloud) -> list[Any]:
    rows = [EntryRow.from_raw_data(row) for row in cloud.rows("EntriesTable")]
    booked = [row.entry() for row in rows if row.outcome == "credited"]
    return sorted(booked, key=lambda entry: entry.seq)


def test_an_event_that_comes_three_times_is_credited_once(cloud, rider):
    for _ in range(3):
        assert send(cloud, rider.now, metro_event("ride-1"), metro_event("ride-1")) == 202
        cloud.drain()
    assert account(cloud) == (204_608, 1)
    assert outcome(cloud, rider, "ride-1")["conflicts"] == []


def test_the_same_id_with_another_payload_adds_nothing_and_is_told_to_its_partner(cloud, rider):
    send(cloud, rider.now, metro_event("ride-1"))
    cloud.drain()
    rider.now += timedelta(minutes=1)
    send(cloud, rider.now, metro_event("ride-1", data={"distance_km": 80}))
    cloud.drain()
    assert account(cloud) == (204_608, 1)
    told = outcome(cloud, rider, "ride-1")
    assert (told["outcome"], told["reduction_mg"]) == ("credited", 204_608)
    assert told["conflicts"] == ["2026-11-10T04:01:00.000Z"]


def test_the_chain_of_entries_verifies_and_its_sum_is_the_balance(cloud, rider):
    rides = [metro_event(f"ride-{n}", data={"distance_km": n}) for n in (1, 2, 3)]
    send(cloud, rider.now, *rides)
    cloud.drain()
    send(cloud, rider.now, metro_event("ride-4", data={"distance_km": 4}))
    cloud.drain()
    booked = entries(cloud)
    assert [entry.seq for entry in booked] == [1, 2, 3, 4]
    assert booked[0].previous_hash == "0" * 64
    for earlier, later in pairwise(booked):
        assert later.previous_hash == earlier.hash
    # (1 + 2 + 3 + 4) km x 25,576 mg
    assert account(cloud) == (255_760, 4)
    assert {row["hash"]["S"] for row in cloud.rows("EntriesTable")} == {e.hash for e in booked}


def test_a_withdrawn_consent_stops_what_is_already_on_its_way(cloud, rider):
    send(cloud, rider.now, metro_event("ride-1"))
    cloud.deliver("EventsQueue", "calculate_reductions")
    withdraw(cloud)
    cloud.drain()
    assert account(cloud) == (0, 0)
    assert outcome(cloud, rider, "ride-1")["reason"] == "not_consented"


def test_a_new_consent_does_not_reach_back_over_the_gap(cloud, rider):
    withdraw(cloud)
    rider.now += timedelta(hours=1)
    consent(cloud, rider, "metro")
    send(cloud, rider.now, metro_event("ride-1"))
    send(cloud, rider.now, metro_event("ride-2", time="2026-11-10T13:00:00+08:00"))
    cloud.drain()
    assert outcome(cloud, rider, "ride-1")["reason"] == "outside_consent"
    assert outcome(cloud, rider, "ride-2")["outcome"] == "credited"


def test_consents_are_separate_for_each_scenario_and_partner(cloud, rider):
    rider.now, noon = OPENED_AT, rider.now
    consent(cloud, rider, "e-statement", "bank-core", BANK_SECRET)
    rider.now = noon
    send(cloud, rider.now, metro_event("trip-1", type="carbon.bus.v1"))
    body = dump([bank_event("bill-1"), bank_event("card-1", "digital-card")])
    status, _, _ = cloud.request(
        "receive_events",
        path={"partner": "bank-core"},
        headers=signed(body, BANK_SECRET, rider.now),
        body=body,
        subject=None,
    )
    assert status == 202
    cloud.drain()
    assert outcome(cloud, rider, "trip-1")["reason"] == "not_consented"
    assert outcome(cloud, rider, "bill-1", "bank-core", BANK_SECRET)["reduction_mg"] == 24_000
    assert outcome(cloud, rider, "card-1", "bank-core", BANK_SECRET)["reason"] == "not_consented"
    withdraw(cloud)
    _, listed, _ = cloud.request("list_consents")
    assert [(each["scenario"], each["partner"]) for each in listed["active"]] == [
        ("e-statement", "bank-core")
    ]


def test_a_stranger_and_a_user_without_consent_are_the_same_to_a_partner(cloud, rider):
    withdraw(cloud)
    events = [metro_event("ride-1"), metro_event("ride-2", subject="nobody")]
    assert send(cloud, rider.now, *events) == 202
    cloud.drain()
    first, second = (outcome(cloud, rider, each) for each in ("ride-1", "ride-2"))
    assert {**first, "event_id": ""} == {**second, "event_id": ""}
    known, unknown = (
        row for row in cloud.rows("EntriesTable") if row["cause"]["S"].startswith("event#")
    )
    assert set(known) == set(unknown)


def test_a_closed_account_opens_again_as_a_new_one_with_nothing_of_the_old(cloud, rider):
    send(cloud, rider.now, metro_event("ride-1"))
    cloud.drain()
    _, old, _ = cloud.request("get_account")
    assert cloud.request("close_account")[0] == 200
    assert cloud.request("get_account")[0] == 404
    send(cloud, rider.now, metro_event("ride-2"))
    cloud.drain()
    rider.now += timedelta(hours=1)
    open_and_grant(cloud, rider.now, "user-1", "rider-1")
    _, new, _ = cloud.request("get_account")
    assert new["account_id"] != old["account_id"]
    assert (new["reduction_mg"], new["entries"]) == (0, 0)
    assert cloud.request("list_entries")[1]["entries"] == []
    _, listed, _ = cloud.request("list_consents")
    assert [receipt["number"] for receipt in listed["receipts"]] == [1]
    assert outcome(cloud, rider, "ride-2")["reason"] == "not_consented"


def test_one_user_cannot_take_anothers_reference(cloud, rider):
    assert cloud.request("open_account", subject="thief")[0] == 201
    token = link_token("metro-demo", "rider-1", METRO_SECRET, rider.now)
    status, problem, _ = cloud.request(
        "grant_consent",
        subject="thief",
        path={"scenario": "metro", "partner": "metro-demo"},
        body=dump({"notice_version": "2025-01", "partner_link_token": token}),
    )
    assert (status, problem["code"]) == (409, "reference_linked")


@pytest.mark.parametrize(
    ("queue", "function", "dead_letters"),
    [
        ("EventsQueue", "calculate_reductions", "EventsDeadLetterQueue"),
        ("PostingsQueue", "update_accounts", "PostingsDeadLetterQueue"),
    ],
)
def test_poison_does_not_hold_up_its_neighbours_and_ends_after_five_receives(
    cloud, rider, queue, function, dead_letters
):
    send(cloud, rider.now, metro_event("ride-1"))
    if queue == "PostingsQueue":
        cloud.deliver("EventsQueue", "calculate_reductions")
    cloud.sqs.send_message(QueueUrl=QUEUE_URL + queue, MessageBody='{"v": 1}')
    assert cloud.deliver(queue, function) == 2
    for _ in range(4):
        assert cloud.deliver(queue, function) == 1
        assert cloud.waiting(dead_letters) == 0
    assert cloud.deliver(queue, function) == 0
    assert cloud.waiting(dead_letters) == 1
    cloud.drain()
    assert account(cloud) == (204_608, 1)


def test_a_sealed_day_never_changes_and_a_late_entry_is_in_the_next_one(cloud, rider):
    send(cloud, rider.now, metro_event("ride-1"))
    cloud.deliver("EventsQueue", "calculate_reductions")
    cloud.deliver("PostingsQueue", "update_accounts")
    cloud.stream()
    # Booked on the 10th like the first one, but the stream brings it after the day is sealed.
    send(cloud, rider.now, metro_event("ride-2"))
    cloud.deliver("EventsQueue", "calculate_reductions")
    cloud.deliver("PostingsQueue", "update_accounts")
    rider.now = at("2026-11-11T00:15:00+08:00")
    load("close_day").handler({}, context())
    before = cloud.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None)
    cloud.stream()

    rider.now = at("2026-11-12T00:15:00+08:00")
    load("close_day").handler({}, context())
    assert cloud.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None) == before
    assert (before[1]["total"]["count"], before[1]["total"]["reduction_mg"]) == (1, 204_608)
    _, late, _ = cloud.request("get_sealed_day", path={"day": "2026-11-11"}, subject=None)
    assert (late["total"]["count"], late["total"]["reduction_mg"]) == (1, 204_608)
    assert late["previous_seal"] == before[1]["seal"]


def test_every_acknowledged_event_has_exactly_one_outcome(cloud, rider):
    events = [
        metro_event("ride-1"),
        metro_event("ride-2", subject="nobody"),
        metro_event("ride-3", time="2026-11-08T11:59:59+08:00"),
        metro_event("ride-4", type="carbon.bus.v1"),
        *(metro_event(f"ride-{number}") for number in range(5, 10)),
    ]
    assert send(cloud, rider.now, *events) == 202
    cloud.drain()
    told = [outcome(cloud, rider, event["id"]) for event in events]
    assert Counter(each.get("reason", each["outcome"]) for each in told) == {
        "credited": 5,  # the cap of five metro rides on that day
        "cap_reached": 1,
        "not_consented": 2,
        "outside_consent": 1,
    }


def test_nothing_that_a_partner_calls_its_user_is_stored_or_queued(cloud, rider):
    event = metro_event("ride-1", data={"distance_km": 8, "phone": "13800000000"})
    send(cloud, rider.now, event)
    queued = cloud.sqs.receive_message(QueueUrl=QUEUE_URL + "EventsQueue")["Messages"][0]["Body"]
    cloud.drain()
    everything = queued + str(cloud.store())
    assert "ride-1" in everything
    for secret in ("rider-1", "13800000000", "user-1", "issuer.test"):
        assert secret not in everything
