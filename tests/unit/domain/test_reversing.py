"""A credit is taken back once, in all, whatever was spent of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.account import close
from shared.domain.crediting import decide_credits
from shared.domain.entry import AMENDMENTS_MAX, AmendmentKind, Cause, Entry, Original
from shared.domain.errors import AlreadyReversedError, TooManyAmendmentsError
from shared.domain.measurement import NO_SPREAD, EvidenceGrade, Sum
from shared.domain.points import PointsBalance, PointsTerms
from shared.domain.reversing import ReversalReason, decide_reversal, reversal_digest
from tests.support.builders import (
    BOOKED_AT,
    SPREAD,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
)

LATER = BOOKED_AT + timedelta(days=1)
RIDE = Cause("metro-demo", "ride-1")
NEXT = date(2027, 12, 31)
TERMS = PointsTerms("test@1", 2, 10, 60, 600, NEXT)


def credited(*postings):
    """Return an account after these credits, and what stands of the ride."""
    account = an_account()
    standing: dict[Cause, Entry] = {}
    for posting in postings or [a_posting(points=TERMS)]:
        decision = decide_credits(account, [posting], BOOKED_AT, standing)
        account = decision.account
        standing |= {entry.cause.event: entry for entry in decision.entries}
    return account, standing[RIDE]


def reverse(account, standing, reason=ReversalReason.DUPLICATE, by="metro-demo", now=LATER):
    return decide_reversal(
        account, standing, reason=reason, requested_by=by, salt="5a" * 16, now=now
    )


def test_a_reversal_is_the_next_amendment_and_takes_all_back():
    account, ride = credited()
    reversal = reverse(account, ride)
    entry = reversal.entry
    assert (entry.cause, entry.seq, entry.booked_at) == (RIDE.next_amendment, 2, LATER)
    assert (entry.reduction_mg, entry.standing_mg) == (-204_608, 0)
    assert (entry.points, entry.standing_points, entry.spend_by) == (-4, 0, NEXT)
    assert (entry.reason, entry.is_reversal, entry.spread) == ("duplicate", True, NO_SPREAD)
    assert (entry.previous_hash, entry.salt) == (ride.hash, "5a" * 16)
    assert entry.original == Original(
        kind=AmendmentKind.REVERSAL,
        methodology=ride.methodology,
        reduction_mg=204_608,
        spread=SPREAD,
        grade=EvidenceGrade.METERED,
        is_provisional=False,
        points=4,
    )


def test_after_a_reversal_an_account_holds_nothing_of_it():
    account, ride = credited()
    after = reverse(account, ride).account
    assert after is not None
    assert after.total == Sum(2, 0, NO_SPREAD, (0,) * 5, 0, 1)
    assert (after.points, after.available_mg) == (PointsBalance(), 0)
    assert (after.version, after.seq) == (account.version + 1, 2)


def test_what_was_earned_still_counts_towards_the_caps():
    """A ride that is taken back makes no room for another one."""
    account, ride = credited()
    after = reverse(account, ride).account
    assert after is not None
    assert after.points_earned == account.points_earned


def test_a_reversal_takes_back_what_the_amendments_added_too():
    account, stands = credited(
        a_provisional_posting(points=TERMS), a_posting("rest-1", completes="ride-1", points=TERMS)
    )
    assert (stands.cause.amendment, stands.standing_mg, stands.standing_points) == (1, 204_608, 4)
    reversal = reverse(account, stands)
    assert (reversal.entry.cause.amendment, reversal.entry.reduction_mg) == (2, -204_608)
    assert (reversal.entry.points, reversal.entry.is_provisional) == (-4, False)
    assert reversal.account is not None
    assert (reversal.account.available_mg, reversal.account.points.amount) == (0, 0)


def test_a_provisional_credit_that_is_reversed_is_not_provisional_any_more():
    account, ride = credited(a_provisional_posting())
    reversal = reverse(account, ride)
    assert (reversal.entry.missing, reversal.entry.reduction_mg) == ((), -25_576)
    assert reversal.account is not None
    assert reversal.account.total.provisional_mg == 0


def test_what_was_spent_already_is_owed():
    account, ride = credited()
    spent = replace(account, moved_mg=-150_000, points=PointsBalance({NEXT: 1}, held=1))
    after = reverse(spent, ride).account
    assert after is not None
    assert (after.available_mg, after.debt_mg) == (-150_000, 150_000)
    assert after.points == PointsBalance({}, held=1, debt=3)


def test_asked_again_for_the_same_reason_it_answers_with_what_stands():
    account, ride = credited()
    first = reverse(account, ride)
    assert first.account is not None
    again = reverse(first.account, first.entry, now=LATER + timedelta(days=1))
    assert (again.account, again.entry) == (None, first.entry)


@pytest.mark.parametrize(
    ("reason", "by"),
    [(ReversalReason.FRAUD, "metro-demo"), (ReversalReason.DUPLICATE, "operator")],
)
def test_what_is_taken_back_is_not_taken_back_again(reason, by):
    account, ride = credited()
    first = reverse(account, ride)
    assert first.account is not None
    with pytest.raises(AlreadyReversedError):
        reverse(first.account, first.entry, reason, by)


def test_nothing_amends_a_reversal():
    account, ride = credited(a_provisional_posting())
    first = reverse(account, ride)
    assert first.account is not None
    completing = a_posting("rest-1", completes="ride-1")
    correcting = a_correction(first.entry, 1_000)
    decision = decide_credits(first.account, [completing, correcting], LATER, {RIDE: first.entry})
    assert decision.entries == ()
    assert [each.reason for each in decision.refusals] == ["nothing_to_complete"]
    assert decision.superseded == 1


def test_a_behaviour_that_was_amended_as_often_as_may_be_is_refused():
    account, ride = credited()
    nearly = replace(ride, cause=replace(RIDE, amendment=AMENDMENTS_MAX - 1))
    assert reverse(account, nearly).entry.cause.amendment == AMENDMENTS_MAX
    with pytest.raises(TooManyAmendmentsError):
        reverse(account, replace(ride, cause=replace(RIDE, amendment=AMENDMENTS_MAX)))


def test_a_reversal_is_never_booked_before_what_the_account_knows():
    account, ride = credited()
    assert reverse(account, ride, now=BOOKED_AT - timedelta(hours=1)).entry.booked_at == BOOKED_AT


def test_what_was_wrong_is_taken_back_from_a_closed_account_as_well():
    account, ride = credited()
    closed, _ = close(account, BOOKED_AT)
    after = reverse(closed, ride).account
    assert after is not None
    assert (after.available_mg, after.is_open) == (0, False)


def test_a_request_is_known_again_by_its_event_reason_and_party():
    known = reversal_digest(RIDE, ReversalReason.FRAUD, "metro-demo")
    assert known == reversal_digest(
        Cause("metro-demo", "ride-1"), ReversalReason("fraud"), "metro-demo"
    )
    others = [
        reversal_digest(Cause("metro-demo", "ride-2"), ReversalReason.FRAUD, "metro-demo"),
        reversal_digest(RIDE, ReversalReason.DUPLICATE, "metro-demo"),
        reversal_digest(RIDE, ReversalReason.FRAUD, "operator"),
    ]
    assert known not in others
