from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.account import AccountState, close, withdraw
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import RefusalReason, decide_credits, refuse_all
from shared.domain.measurement import Spread, Sum
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OPENED_AT,
    STATEMENT_KEY,
    a_posting,
    a_provisional_posting,
    an_account,
    at,
)

FIVE_A_DAY = (Cap(CapPeriod.DAY, 5),)
ONE_MS = timedelta(milliseconds=1)


def refused(decision):
    return [(refusal.cause.event_id, refusal.reason) for refusal in decision.refusals]


def test_a_consented_ride_is_credited_with_its_reduction():
    decision = decide_credits(an_account(), [a_posting(reduction_mg=204_608)], BOOKED_AT)
    [entry] = decision.entries
    assert (entry.seq, entry.reduction_mg, entry.account_id) == (1, 204_608, "a1")
    assert (entry.booked_at, entry.consent_number) == (BOOKED_AT, 1)
    assert entry.previous_hash == "0" * 64
    assert decision.account.reduction_mg == 204_608
    assert decision.account.chain_head == entry.hash
    assert decision.refusals == ()


def test_entries_booked_together_follow_one_another_in_one_change():
    before = an_account()
    decision = decide_credits(
        before, [a_posting(f"ride-{n}", reduction_mg=n) for n in (1, 2, 3)], BOOKED_AT
    )
    first, second, third = decision.entries
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert decision.account.reduction_mg == 1 + 2 + 3
    assert (decision.account.seq, decision.account.version) == (3, before.version + 1)


def test_without_consent_for_this_scenario_nothing_is_credited():
    decision = decide_credits(an_account(consents=[BUS_KEY]), [a_posting()], BOOKED_AT)
    assert decision.entries == ()
    assert refused(decision) == [("ride-1", RefusalReason.NOT_CONSENTED)]


def test_consent_for_one_partner_is_none_for_another():
    decision = decide_credits(an_account(), [a_posting(partner="metro-two")], BOOKED_AT)
    assert refused(decision) == [("ride-1", RefusalReason.NOT_CONSENTED)]


def test_a_refusal_alone_changes_nothing_of_the_account():
    before = an_account(consents=[STATEMENT_KEY])
    assert decide_credits(before, [a_posting()], BOOKED_AT).account == before


def test_a_withdrawn_consent_and_a_closed_account_give_the_same_reason():
    withdrawn, _ = withdraw(an_account(), METRO_KEY, BOOKED_AT)
    closed, _ = close(an_account(), BOOKED_AT)
    assert refused(decide_credits(withdrawn, [a_posting()], BOOKED_AT)) == [
        ("ride-1", RefusalReason.NOT_CONSENTED)
    ]
    assert refused(decide_credits(closed, [a_posting()], BOOKED_AT)) == [
        ("ride-1", RefusalReason.NOT_CONSENTED)
    ]


def test_a_closed_account_is_credited_nothing_whatever_else_it_says():
    closed = replace(an_account(), state=AccountState.CLOSED)
    assert refused(decide_credits(closed, [a_posting()], BOOKED_AT)) == [
        ("ride-1", RefusalReason.NOT_CONSENTED)
    ]


@pytest.mark.parametrize(
    ("occurred_at", "credited"),
    [(OPENED_AT - ONE_MS, 0), (OPENED_AT, 1), (OPENED_AT + ONE_MS, 1)],
    ids=["a millisecond before the consent", "as it began", "a millisecond after"],
)
def test_a_consent_covers_what_occurred_since_it_began(occurred_at, credited):
    decision = decide_credits(an_account(), [a_posting(occurred_at=occurred_at)], BOOKED_AT)
    assert len(decision.entries) == credited
    assert refused(decision) == [("ride-1", RefusalReason.OUTSIDE_CONSENT)] * (1 - credited)


def test_the_sixth_ride_of_a_day_is_refused_and_the_next_day_begins_anew():
    rides = [a_posting(f"ride-{n}", caps=FIVE_A_DAY) for n in range(6)]
    next_day = a_posting("ride-7", caps=FIVE_A_DAY, occurred_at=at("2026-11-10T00:00:00.000+08:00"))
    decision = decide_credits(an_account(), [*rides, next_day], BOOKED_AT)
    assert [entry.cause.event_id for entry in decision.entries] == [
        "ride-0", "ride-1", "ride-2", "ride-3", "ride-4", "ride-7",
    ]  # fmt: skip
    assert refused(decision) == [("ride-5", RefusalReason.CAP_REACHED)]


def test_a_cap_holds_across_batches():
    rides = [a_posting(f"ride-{n}", caps=FIVE_A_DAY) for n in range(6)]
    account = decide_credits(an_account(), rides[:4], BOOKED_AT).account
    decision = decide_credits(account, rides[4:], BOOKED_AT)
    assert [entry.seq for entry in decision.entries] == [5]
    assert refused(decision) == [("ride-5", RefusalReason.CAP_REACHED)]


def test_a_refused_ride_does_not_use_up_the_cap():
    early = a_posting("early", caps=FIVE_A_DAY, occurred_at=OPENED_AT - ONE_MS)
    on_the_day = at("2026-11-01T20:00:00+08:00")
    rides = [a_posting(f"ride-{n}", caps=FIVE_A_DAY, occurred_at=on_the_day) for n in range(5)]
    assert len(decide_credits(an_account(), [early, *rides], BOOKED_AT).entries) == 5


def test_when_the_clock_runs_back_bookings_do_not():
    account = decide_credits(an_account(), [a_posting("ride-1")], BOOKED_AT).account
    earlier = BOOKED_AT - timedelta(minutes=10)
    [entry] = decide_credits(account, [a_posting("ride-2")], earlier).entries
    assert entry.booked_at == BOOKED_AT


# What excludes one another on a day

HOME_OFFICE: dict[str, Any] = {
    "scenario": "bus",
    "caps": (Cap(CapPeriod.DAY, 1),),
    "exclusive_with": ("metro",),
}
COMMUTE: dict[str, Any] = {"caps": FIVE_A_DAY, "exclusive_with": ("bus",)}


def exclusive(*postings):
    decision = decide_credits(an_account(consents=[METRO_KEY, BUS_KEY]), postings, BOOKED_AT)
    return [entry.cause.event_id for entry in decision.entries], refused(decision)


def test_of_two_scenarios_that_exclude_one_another_the_first_of_a_day_is_credited():
    home, ride = a_posting("home-1", **HOME_OFFICE), a_posting("ride-1", **COMMUTE)
    assert exclusive(home, ride) == (["home-1"], [("ride-1", RefusalReason.EXCLUDED)])
    assert exclusive(ride, home) == (["ride-1"], [("home-1", RefusalReason.EXCLUDED)])


def test_exclusion_holds_across_batches():
    account = an_account(consents=[METRO_KEY, BUS_KEY])
    account = decide_credits(account, [a_posting("home-1", **HOME_OFFICE)], BOOKED_AT).account
    assert refused(decide_credits(account, [a_posting("ride-1", **COMMUTE)], BOOKED_AT)) == [
        ("ride-1", RefusalReason.EXCLUDED)
    ]


@pytest.mark.parametrize(
    ("occurred_at", "credited"),
    [
        ("2026-11-08T23:59:59.999+08:00", True),
        ("2026-11-09T00:00:00.000+08:00", False),
        ("2026-11-09T23:59:59.999+08:00", False),
        ("2026-11-10T00:00:00.000+08:00", True),
    ],
)
def test_scenarios_exclude_one_another_on_the_day_in_utc_plus_8(occurred_at, credited):
    home = a_posting("home-1", **HOME_OFFICE)
    ride = a_posting("ride-1", **COMMUTE, occurred_at=at(occurred_at))
    assert ("ride-1" in exclusive(home, ride)[0]) is credited


def test_a_scenario_does_not_exclude_itself():
    rides = [a_posting(f"ride-{n}", **COMMUTE) for n in (1, 2)]
    assert exclusive(*rides) == (["ride-1", "ride-2"], [])


def test_what_was_refused_excludes_nothing():
    home = a_posting("home-1", **HOME_OFFICE, occurred_at=OPENED_AT - ONE_MS)
    ride = a_posting("ride-1", **COMMUTE, occurred_at=at("2026-11-01T20:00:00+08:00"))
    assert exclusive(home, ride)[0] == ["ride-1"]


def test_a_cap_that_is_reached_is_told_before_an_exclusion():
    rides = [a_posting(f"ride-{n}", **COMMUTE) for n in range(5)]
    last = a_posting("ride-5", caps=FIVE_A_DAY, exclusive_with=("metro",))
    assert exclusive(*rides, last)[1] == [("ride-5", RefusalReason.CAP_REACHED)]


# What is known of a credit


def test_an_accounts_total_says_how_sure_it_is():
    rides = [a_posting("ride-1"), a_provisional_posting("ride-2")]
    account = decide_credits(an_account(), rides, BOOKED_AT).account
    assert account.total == Sum(
        count=2,
        reduction_mg=230_184,
        spread=Spread(22_964, 41_494, 9_000_000),
        grades_mg=(204_608, 0, 25_576, 0, 0),
        provisional_mg=25_576,
        weakness=1,
    )
    # 230,184 - 22,964 - 3,000 and 230,184 + 41,494 + 3,000
    assert (account.total.low_mg, account.total.high_mg) == (204_220, 274_678)


def test_an_entry_keeps_what_was_measured():
    posting = a_provisional_posting()
    [entry] = decide_credits(an_account(), [posting], BOOKED_AT).entries
    assert (entry.spread, entry.grade, entry.missing, entry.label) == (
        *posting.measurement[1:],
        posting.label,
    )
    assert entry.original is None


def test_an_entry_names_the_consent_that_allowed_it():
    account = an_account(consents=[BUS_KEY, METRO_KEY])
    [entry] = decide_credits(account, [a_posting()], BOOKED_AT).entries
    assert entry.consent_number == 2


def test_an_event_of_nobody_is_refused_like_one_without_consent():
    [refusal] = refuse_all([a_posting()], BOOKED_AT)
    assert (refusal.reason, refusal.decided_at) == (RefusalReason.NOT_CONSENTED, BOOKED_AT)


def test_a_refusal_holds_nothing_about_a_person():
    [refusal] = refuse_all([a_posting()], BOOKED_AT)
    assert set(refusal.__slots__) == {"cause", "payload_digest", "reason", "decided_at"}


def test_a_retry_books_the_same_bytes():
    account = an_account()
    posting = a_posting()
    once = decide_credits(account, [posting], BOOKED_AT)
    again = decide_credits(replace(account), [posting], BOOKED_AT)
    assert once.entries[0].hash == again.entries[0].hash
