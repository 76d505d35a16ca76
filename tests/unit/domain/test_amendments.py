"""What is learnt later: completions top up what was provisional, corrections apply other rules.

A ride without its distance is credited 25,576 mg, the shortest one; with it, 8 km are 204,608 mg.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import close, grant, withdraw
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import Completion, RefusalReason, decide_credits, refuse_all
from shared.domain.entry import AMENDMENTS_MAX, AmendmentKind, Cause, Original
from shared.domain.measurement import EvidenceGrade, Spread, Sum
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OCCURRED_AT,
    SPREAD,
    a_correction,
    a_notice,
    a_posting,
    a_provisional_posting,
    an_account,
    at,
)

LATER = BOOKED_AT + timedelta(days=1)
RIDE = Cause("metro-demo", "ride-1")
ONE_A_DAY = (Cap(CapPeriod.DAY, 1),)
OLD, NEW = "metro-distance@2025.1", "metro-distance@2026.1"


def booked(*postings, account=None):
    """Return an account after these credits, and what stands of each event."""
    decision = decide_credits(account or an_account(), postings, BOOKED_AT)
    assert decision.refusals == ()
    return decision.account, {entry.cause.event: entry for entry in decision.entries}


def completing(event_id="rest-1", completes="ride-1", **changes):
    return a_posting(event_id, completes=completes, **changes)


def refused(decision):
    return [(refusal.cause.event_id, refusal.reason) for refusal in decision.refusals]


# Completions


def test_a_completion_tops_a_provisional_credit_up():
    account, standing = booked(a_provisional_posting())
    decision = decide_credits(account, [completing()], LATER, standing)
    [entry] = decision.entries
    assert entry.cause == Cause("metro-demo", "ride-1", 1)
    assert (entry.reduction_mg, entry.standing_mg, entry.seq) == (179_032, 204_608, 2)
    assert (entry.spread, entry.grade, entry.missing) == (SPREAD, EvidenceGrade.METERED, ())
    assert entry.original == Original(
        kind=AmendmentKind.COMPLETION,
        methodology=OLD,
        reduction_mg=25_576,
        spread=Spread(18_964, 35_494, 0),
        grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        is_provisional=True,
    )
    assert entry.previous_hash == standing[RIDE].hash == account.chain_head


def test_the_completing_event_has_the_amendment_for_its_outcome():
    account, standing = booked(a_provisional_posting())
    posting = completing()
    decision = decide_credits(account, [posting], LATER, standing)
    assert decision.completions == (
        Completion(posting.cause, posting.payload_digest, RIDE.next_amendment, LATER),
    )
    assert decision.entries[0].payload_digest == posting.payload_digest
    assert (decision.refusals, decision.superseded) == ((), 0)


def test_after_a_completion_an_account_stands_as_if_all_had_been_known_at_first():
    account, standing = booked(a_provisional_posting())
    after = decide_credits(account, [completing()], LATER, standing).account
    known, _ = booked(a_posting())
    assert account.total.provisional_mg == 25_576
    assert after.total == replace(known.total, count=2)
    assert after.total == Sum(2, 204_608, SPREAD, (204_608, 0, 0, 0, 0), 0, 1)
    assert (after.seq, after.version) == (2, account.version + 1)


@pytest.mark.parametrize(
    ("measured_mg", "added_mg", "spread"),
    [
        (25_577, 1, Spread(4_000, 6_000, 9_000_000)),
        (25_576, 0, Spread(4_000, 6_000, 9_000_000)),
        # Measured 4,576 mg less, which is not taken back: the range is that of the measurement.
        (21_000, 0, Spread(8_576, 1_424, 9_000_000)),
        (0, 0, Spread(29_576, 0, 9_000_000)),
    ],
)
def test_a_completion_never_takes_back(measured_mg, added_mg, spread):
    account, standing = booked(a_provisional_posting())
    decision = decide_credits(account, [completing(reduction_mg=measured_mg)], LATER, standing)
    [entry] = decision.entries
    assert (entry.reduction_mg, entry.standing_mg) == (added_mg, 25_576 + added_mg)
    assert (entry.spread, entry.is_provisional) == (spread, False)
    assert decision.account.total.grades_mg == (25_576 + added_mg, 0, 0, 0, 0)
    assert decision.account.total.provisional_mg == 0


def test_an_amendment_is_of_the_behaviour_that_was_reported_first():
    account, standing = booked(a_provisional_posting())
    in_the_evening = at("2026-11-09T19:00:00+08:00")
    posting = completing(occurred_at=in_the_evening)
    [entry] = decide_credits(account, [posting], LATER, standing).entries
    assert entry.behaviour == replace(posting.behaviour, occurred_at=OCCURRED_AT)
    assert (entry.consent_number, entry.booked_at) == (1, LATER)


@pytest.mark.parametrize(
    "occurred_at", ["2026-11-08T23:59:59.999+08:00", "2026-11-10T00:00:00.000+08:00"]
)
def test_what_was_measured_by_another_days_methodology_completes_nothing(occurred_at):
    account, standing = booked(a_provisional_posting())
    decision = decide_credits(account, [completing(occurred_at=at(occurred_at))], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOTHING_TO_COMPLETE)]


def test_an_event_and_its_completion_may_come_together():
    decision = decide_credits(an_account(), [a_provisional_posting(), completing()], BOOKED_AT)
    assert [entry.cause.amendment for entry in decision.entries] == [0, 1]
    assert [entry.standing_mg for entry in decision.entries] == [25_576, 204_608]
    assert decision.account.reduction_mg == 204_608
    assert decision.account.version == an_account().version + 1


def test_a_credit_is_completed_once():
    account, standing = booked(a_provisional_posting())
    both = [completing("rest-1"), completing("rest-2", reduction_mg=900_000)]
    together = decide_credits(account, both, LATER, standing)
    assert refused(together) == [("rest-2", RefusalReason.NOTHING_TO_COMPLETE)]
    assert together.account.reduction_mg == 204_608

    standing = {RIDE: together.entries[0]}
    later = decide_credits(together.account, both[1:], LATER, standing)
    assert refused(later) == [("rest-2", RefusalReason.NOTHING_TO_COMPLETE)]
    assert later.account == together.account


def test_what_is_still_missing_after_a_completion_may_be_completed():
    account, standing = booked(a_provisional_posting(missing=("distance_km", "people")))
    half = completing("rest-1", reduction_mg=100_000, missing=("people",))
    decision = decide_credits(account, [half, completing("rest-2")], LATER, standing)
    assert [entry.reduction_mg for entry in decision.entries] == [74_424, 104_608]
    assert [each.amendment.amendment for each in decision.completions] == [1, 2]
    assert decision.account.total.provisional_mg == 0


def test_only_what_is_provisional_can_be_completed():
    account, standing = booked(a_posting())
    decision = decide_credits(account, [completing(reduction_mg=900_000)], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOTHING_TO_COMPLETE)]
    assert decision.account == account


def test_an_event_that_is_not_known_has_nothing_to_complete():
    account, _ = booked(a_provisional_posting())
    decision = decide_credits(account, [completing(completes="ride-9")], LATER)
    assert refused(decision) == [("rest-1", RefusalReason.NOTHING_TO_COMPLETE)]


def test_a_completing_event_has_no_credit_of_its_own_to_complete():
    account, standing = booked(a_provisional_posting())
    chain = [completing("rest-1"), completing("rest-2", completes="rest-1")]
    decision = decide_credits(account, chain, LATER, standing)
    assert refused(decision) == [("rest-2", RefusalReason.NOTHING_TO_COMPLETE)]


def test_a_ride_of_another_account_is_not_completed():
    _, standing = booked(a_provisional_posting())
    other = an_account("a2")
    decision = decide_credits(other, [completing()], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOTHING_TO_COMPLETE)]
    assert decision.account == other


def test_a_trip_of_another_scenario_is_not_completed():
    both = an_account(consents=[METRO_KEY, BUS_KEY])
    account, standing = booked(a_provisional_posting(), account=both)
    decision = decide_credits(account, [completing(scenario="bus")], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOTHING_TO_COMPLETE)]


def test_after_the_withdrawal_nothing_is_completed():
    account, standing = booked(a_provisional_posting())
    withdrawn, _ = withdraw(account, METRO_KEY, LATER)
    decision = decide_credits(withdrawn, [completing()], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOT_CONSENTED)]


@pytest.mark.parametrize("way", ["given again", "given under a newer notice"])
def test_a_consent_that_was_given_later_does_not_cover_the_completion(way):
    account, standing = booked(a_provisional_posting())
    if way == "given again":
        account, _ = withdraw(account, METRO_KEY, LATER)
    account, _ = grant(account, METRO_KEY, a_notice(version="2026-01"), LATER)
    decision = decide_credits(account, [completing()], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.OUTSIDE_CONSENT)]


def test_a_consent_has_to_cover_when_the_behaviour_was_reported_to_have_occurred():
    booked_at, noon, evening = (at(f"2026-11-09T{hour:02d}:00:00+08:00") for hour in (9, 12, 19))
    before = an_account()
    credited = decide_credits(before, [a_provisional_posting()], booked_at)
    account, _ = grant(credited.account, METRO_KEY, a_notice(version="2026-01"), noon)
    standing = {RIDE: credited.entries[0]}
    # The completing event says that it was in the evening of that day.
    decision = decide_credits(account, [completing(occurred_at=evening)], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.OUTSIDE_CONSENT)]


def test_a_closed_account_is_not_topped_up():
    account, standing = booked(a_provisional_posting())
    closed, _ = close(account, LATER)
    decision = decide_credits(closed, [completing()], LATER, standing)
    assert refused(decision) == [("rest-1", RefusalReason.NOT_CONSENTED)]


def test_a_completion_neither_needs_room_under_a_cap_nor_uses_it():
    account, standing = booked(a_provisional_posting(caps=ONE_A_DAY))
    posting = completing(caps=ONE_A_DAY, exclusive_with=("metro",))
    decision = decide_credits(account, [posting], LATER, standing)
    assert decision.account.reduction_mg == 204_608
    assert decision.account.caps == account.caps


@pytest.mark.parametrize(
    ("amendments", "completed"), [(AMENDMENTS_MAX - 1, 1), (AMENDMENTS_MAX, 0)]
)
def test_a_behaviour_is_amended_nine_times_at_most(amendments, completed):
    account, standing = booked(a_provisional_posting())
    cause = Cause("metro-demo", "ride-1", amendments)
    standing = {RIDE: replace(standing[RIDE], cause=cause)}
    decision = decide_credits(account, [completing()], LATER, standing)
    assert AMENDMENTS_MAX == 9
    assert len(decision.entries) == completed
    assert len(decision.refusals) == 1 - completed


# Corrections


@pytest.mark.parametrize(
    ("reduction_mg", "difference_mg"), [(250_000, 45_392), (190_000, -14_608), (0, -204_608)]
)
def test_a_correction_books_the_difference_up_or_down(reduction_mg, difference_mg):
    account, standing = booked(a_posting())
    posting = a_correction(standing[RIDE], reduction_mg, spread=Spread(1, 2, 3))
    decision = decide_credits(account, [posting], LATER, standing)
    [entry] = decision.entries
    assert (entry.reduction_mg, entry.standing_mg) == (difference_mg, reduction_mg)
    assert (entry.cause, entry.methodology) == (RIDE.next_amendment, NEW)
    assert (entry.spread, entry.booked_at) == (Spread(1, 2, 3), LATER)
    assert entry.original == standing[RIDE].amended(AmendmentKind.CORRECTION)
    assert entry.behaviour == standing[RIDE].behaviour
    assert decision.account.total == Sum(
        2, reduction_mg, Spread(1, 2, 3), (reduction_mg, 0, 0, 0, 0), 0, 1
    )


def test_a_correction_is_no_outcome_of_an_event():
    account, standing = booked(a_posting())
    decision = decide_credits(account, [a_correction(standing[RIDE], 1)], LATER, standing)
    assert (decision.completions, decision.refusals, decision.superseded) == ((), (), 0)


def test_a_correction_may_book_nothing_where_only_the_range_is_another():
    account, standing = booked(a_posting())
    posting = a_correction(standing[RIDE], 204_608, spread=Spread(1, 2, 3))
    [entry] = decide_credits(account, [posting], LATER, standing).entries
    assert (entry.reduction_mg, entry.standing_mg, entry.spread) == (0, 204_608, Spread(1, 2, 3))


def test_a_correction_needs_no_consent_because_nothing_is_collected_for_it():
    account, standing = booked(a_posting())
    withdrawn, _ = withdraw(account, METRO_KEY, LATER)
    decision = decide_credits(withdrawn, [a_correction(standing[RIDE], 190_000)], LATER, standing)
    assert decision.account.reduction_mg == 190_000
    assert decision.entries[0].consent_number == 1


def test_a_provisional_credit_stays_provisional_under_another_rule():
    account, standing = booked(a_provisional_posting())
    measured = a_provisional_posting().measurement
    posting = replace(
        a_correction(standing[RIDE], 0), measurement=measured._replace(reduction_mg=30_000)
    )
    decision = decide_credits(account, [posting], LATER, standing)
    assert decision.account.total.provisional_mg == 30_000

    standing = {RIDE: decision.entries[0]}
    completed = decide_credits(decision.account, [completing()], LATER, standing)
    [entry] = completed.entries
    assert (entry.cause.amendment, entry.reduction_mg) == (2, 174_608)
    assert entry.original is not None
    assert entry.original.methodology == NEW
    assert completed.account.reduction_mg == 204_608


def test_a_correction_of_a_correction_starts_from_what_that_left():
    account, standing = booked(a_posting())
    once = decide_credits(account, [a_correction(standing[RIDE], 190_000)], LATER, standing)
    standing = {RIDE: once.entries[0]}
    again = a_correction(once.entries[0], 200_000, "metro-distance@2026.2")
    twice = decide_credits(once.account, [again], LATER, standing)
    [entry] = twice.entries
    assert (entry.cause.amendment, entry.reduction_mg, entry.standing_mg) == (2, 10_000, 200_000)
    assert entry.original is not None
    assert (entry.original.methodology, entry.original.reduction_mg) == (NEW, 190_000)
    assert twice.account.reduction_mg == 200_000


def test_several_corrections_of_an_account_are_one_change():
    account, standing = booked(*(a_posting(f"ride-{n}") for n in range(3)))
    postings = [a_correction(entry, 200_000) for entry in standing.values()]
    decision = decide_credits(account, postings, LATER, standing)
    assert decision.account.reduction_mg == 600_000
    assert (decision.account.seq, decision.account.version) == (6, account.version + 1)


def superseded(account, posting, standing):
    decision = decide_credits(account, [posting], LATER, standing)
    assert (decision.account, decision.entries, decision.refusals) == (account, (), ())
    return decision.superseded == 1


def test_the_same_correction_twice_changes_nothing_the_second_time():
    account, standing = booked(a_posting())
    posting = a_correction(standing[RIDE], 190_000)
    decision = decide_credits(account, [posting, posting], LATER, standing)
    assert (len(decision.entries), decision.superseded) == (1, 1)
    assert superseded(decision.account, posting, {RIDE: decision.entries[0]})


def test_of_two_restatements_of_one_methodology_the_first_counts():
    account, standing = booked(a_posting())
    first = a_correction(standing[RIDE], 190_000)
    second = a_correction(standing[RIDE], 300_000, "metro-distance@2026.2")
    decision = decide_credits(account, [first, second], LATER, standing)
    assert decision.account.reduction_mg == 190_000
    assert decision.superseded == 1


def test_a_correction_of_what_was_completed_meanwhile_changes_nothing():
    account, standing = booked(a_provisional_posting())
    correction = a_correction(standing[RIDE], 30_000)
    completed = decide_credits(account, [completing()], LATER, standing)
    assert superseded(completed.account, correction, {RIDE: completed.entries[0]})


def test_a_correction_of_what_another_methodology_measured_changes_nothing():
    account, standing = booked(a_posting())
    posting = replace(a_correction(standing[RIDE], 190_000), corrects="metro-distance@2024.1")
    assert superseded(account, posting, standing)


def test_a_correction_of_what_is_not_known_changes_nothing():
    account, standing = booked(a_posting())
    assert superseded(account, a_correction(standing[RIDE], 190_000), {})


def test_a_correction_never_reaches_another_account():
    _, standing = booked(a_posting())
    assert superseded(an_account("a2"), a_correction(standing[RIDE], 190_000), standing)


def test_a_closed_account_is_not_corrected():
    account, standing = booked(a_posting())
    closed, _ = close(account, LATER)
    assert superseded(closed, a_correction(standing[RIDE], 190_000), standing)


def test_a_correction_cannot_stand_for_the_event_itself():
    account, standing = booked(a_posting())
    posting = replace(a_correction(standing[RIDE], 190_000), cause=RIDE)
    assert superseded(account, posting, standing)


def test_a_tenth_correction_changes_nothing():
    account, standing = booked(a_posting())
    ninth = replace(standing[RIDE], cause=Cause("metro-demo", "ride-1", 9))
    assert superseded(account, a_correction(ninth, 190_000), {RIDE: ninth})


def test_a_correction_of_nobody_has_no_outcome():
    _, standing = booked(a_posting())
    correction = a_correction(standing[RIDE], 1)
    [refusal] = refuse_all([correction, completing()], LATER)
    assert (refusal.cause.event_id, refusal.reason) == ("rest-1", RefusalReason.NOT_CONSENTED)
