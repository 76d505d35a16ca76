"""The sample month: the same every time, as many events as promised, every case among them."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from infra.seed.oracle import REFUSALS
from infra.seed.partners import PARTNERS
from infra.seed.people import PEOPLE
from infra.seed.plan import EVENTS_PER_REQUEST_MAX, Case, EventKey, Plan, Signing
from infra.seed.sample_month import sample_month
from shared.domain.instants import ledger_day

LAST_DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_month(LAST_DAY)


def test_the_same_seed_and_day_give_the_same_month(plan: Plan):
    assert sample_month(LAST_DAY) == plan
    assert sample_month(LAST_DAY, seed=1) != plan


def test_there_are_about_two_thousand_events_over_thirty_days(plan: Plan):
    assert 1_800 <= sum(1 for _ in plan.sends) <= 2_200
    assert (plan.first_day, plan.last_day) == (LAST_DAY - timedelta(days=29), LAST_DAY)


def test_every_case_and_every_outcome_is_among_them(plan: Plan):
    assert {send.case for send in plan.sends} == set(Case)
    assert {fate.reason for fate in plan.fates.values()} == {
        None,
        "not_consented",
        "outside_consent",
        "cap_reached",
        "excluded",
        "nothing_to_complete",
    }
    assert any(fate.conflicts for fate in plan.fates.values())
    signings = {delivery.signing for step in plan.steps for delivery in step.deliveries}
    assert signings == set(Signing)
    statuses = {delivery.status for step in plan.steps for delivery in step.deliveries}
    assert statuses == {202, 207, 401, 422}


@pytest.mark.parametrize("last_day", [date(2026, 1, 1), date(2026, 3, 15), date(2028, 2, 29)])
@pytest.mark.parametrize("days", [4, 7, 30])
def test_a_month_can_end_on_any_day_and_be_short(last_day: date, days: int):
    plan = sample_month(last_day, days=days)

    assert {fate.outcome for fate in plan.fates.values()} == {"credited", "rejected"}
    assert all(ledger_day(step.at) <= last_day for step in plan.steps)


def test_steps_come_in_order_and_each_day_is_closed_after_it_ended(plan: Plan):
    instants = [step.at for step in plan.steps]
    assert instants == sorted(set(instants))
    closings = [ledger_day(step.at) for step in plan.steps if step.closes_day]
    assert closings == [plan.first_day + timedelta(days=number) for number in range(1, 30)]


def test_an_event_has_its_fate_where_it_is_first_accepted_and_only_there(plan: Plan):
    first = Counter(send.key for send in plan.sends if send.refusal is None and not send.is_repeat)
    assert set(first) == set(plan.fates)
    assert set(first.values()) == {1}


def test_what_is_refused_at_the_door_says_why(plan: Plan):
    for send in plan.sends:
        assert send.refusal == (
            "event_conflict" if send.case is Case.TWO_PAYLOADS else REFUSALS.get(send.case)
        )


def test_requests_are_as_large_as_a_partner_may_send_them(plan: Plan):
    for step in plan.steps:
        for delivery in step.deliveries:
            assert 1 <= len(delivery.sends) <= EVENTS_PER_REQUEST_MAX
            assert delivery.is_batch == (len(delivery.sends) > 1)
            assert {send.key.partner for send in delivery.sends} == {delivery.partner}


def test_a_ride_is_worth_what_the_methodology_of_2025_says(plan: Plan):
    credited = {
        send.key: send.event
        for send in plan.sends
        if send.case is Case.ON_TIME and send.event["type"] == "carbon.metro.v1"
    }
    checked = 0
    for key, event in credited.items():
        amount = plan.fates[key].reduction_mg
        if amount is not None:
            # 0.23 x (0.1952 - 0.0840) kg/km is 25.576 mg for every metre, rounded down.
            metres = round(event["data"]["distance_km"] * 1000)
            assert amount == metres * 25_576 // 1000
            checked += 1
    assert checked > 100


def test_a_ride_of_unknown_length_is_the_shortest_until_its_completion_adds_the_rest(plan: Plan):
    events = {send.key: send.event for send in plan.sends if send.refusal is None}
    checked = 0
    for key, event in events.items():
        added = plan.fates[key].reduction_mg
        completed = event["data"].get("completes")
        if completed is None or added is None or event["type"] != "carbon.metro.v1":
            continue
        # A hundred metres are 2,557 mg; the rest is topped up.
        first = plan.fates[EventKey(key.partner, completed)].reduction_mg
        metres = round(event["data"]["distance_km"] * 1000)
        assert (first, added) == (2_557, metres * 25_576 // 1000 - 2_557)
        checked += 1
    assert checked > 0


def test_balances_are_the_sums_of_the_fates_of_accounts_that_never_closed(plan: Plan):
    closed = {
        person.subject
        for person in PEOPLE
        if any(change.kind == "close" for change in person.changes)
    }
    for subject in set(plan.balances_mg) - closed:
        amounts = [
            fate.reduction_mg
            for fate in plan.fates.values()
            if fate.subject == subject and fate.reduction_mg is not None
        ]
        assert (plan.balances_mg[subject], plan.entries[subject]) == (sum(amounts), len(amounts))


def test_nobody_is_credited_after_closing_the_account(plan: Plan):
    [closing] = [
        step.at
        for step in plan.steps
        for action in step.actions
        if action.kind == "close" and action.person.name == "Zheng"
    ]
    later = [
        plan.fates[send.key].reason
        for step in plan.steps
        if step.at > closing
        for send in step.sends
        if send.key in plan.fates
        and not send.is_repeat
        and plan.fates[send.key].subject == "demo-zheng"
    ]
    assert later
    assert set(later) == {"not_consented"}


def test_late_events_occurred_on_earlier_days_and_within_the_window(plan: Plan):
    late = [
        (step.at, datetime.fromisoformat(send.event["time"]), send)
        for step in plan.steps
        for send in step.sends
        if send.case is Case.LATE
    ]
    assert len(late) > 20
    for sent_at, occurred_at, send in late:
        window = timedelta(days=PARTNERS[send.key.partner].acceptance_window_days)
        assert timedelta() < sent_at - occurred_at < window
