"""A credit is taken back once, whoever asks, whatever was spent, and whatever gets lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.application.get_outcome import get_outcome
from shared.application.ports import AccountChange, AccountPostings
from shared.application.reverse_entry import reverse_entry
from shared.application.reverse_event import reverse_event
from shared.application.update_accounts import update_accounts
from shared.domain.account import close
from shared.domain.crediting import RefusalReason, decide_credits
from shared.domain.entry import AMENDMENTS_MAX, Cause
from shared.domain.errors import (
    AlreadyReversedError,
    BusyError,
    OutcomeNotFoundError,
    StaleAccountError,
    TooManyAmendmentsError,
)
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsTerms
from shared.domain.reversing import ReversalReason
from tests.support.builders import (
    BOOKED_AT,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, busy, no_pause

TERMS = PointsTerms("test@1", 2, 10, 60, 600, date(2027, 12, 31))
LATER = BOOKED_AT + timedelta(days=1)
RIDE = Cause("metro-demo", "ride-1")


@pytest.fixture
def store():
    """a1 of `me` rode once: 204.608 g and 4 points."""
    store = Store()
    store.add(an_account("a1"), "me")
    credit(store, a_posting("ride-1", points=TERMS))
    return store


def credit(store, *postings):
    account = store.accounts["a1"]
    events = [posting.amends for posting in postings if posting.amends]
    found = {event: FakeEntries(store).standing(event) for event in events}
    standing = {event: entry for event, entry in found.items() if entry is not None}
    decision = decide_credits(account, postings, BOOKED_AT, standing)
    if decision.entries:
        change = AccountChange(
            account, decision.account, decision.entries, completions=decision.completions
        )
        FakeAccounts(store).commit(change)
    return decision


def spend(store, reduction_mg, points=0):
    account = store.accounts["a1"]
    moving = Moving.begin(account, BOOKED_AT)
    moving.move(
        MovementKind.RETIREMENT,
        key="retirement#r1",
        about="r1",
        payload_digest="d",
        reduction_mg=-reduction_mg,
        points=moving.account.points.spending(points, date(2026, 11, 10)),
    )
    change = AccountChange(account, moving.after, movements=tuple(moving.movements))
    FakeAccounts(store).commit(change)


def by_partner(store, event=RIDE, reason=ReversalReason.CANCELLED):
    return reverse_event(
        FakeAccounts(store),
        FakeEntries(store),
        event=event,
        reason=reason,
        is_dry_run=False,
        new_salt=lambda: "0" * 32,
        now=LATER,
        pause=no_pause,
    )


def by_operator(store, event=RIDE, reason=ReversalReason.FRAUD, operator="li", is_dry_run=False):
    return reverse_entry(
        FakeAccounts(store),
        FakeEntries(store),
        event=event,
        reason=reason,
        operator=operator,
        is_dry_run=is_dry_run,
        new_salt=lambda: "0" * 32,
        now=LATER,
        pause=no_pause,
    )


def test_what_was_credited_and_earned_is_taken_back_by_an_entry_of_today(store):
    entry = by_partner(store)
    assert entry.cause.key == "event#metro-demo#ride-1~1"
    assert (entry.reduction_mg, entry.points) == (-204_608, -4)
    assert (entry.booked_at, entry.seq, entry.reason) == (LATER, 2, "cancelled")
    account = store.accounts["a1"]
    assert (account.reduction_mg, account.available_mg, account.points.amount) == (0, 0, 0)
    assert account.total.grades_mg == (0, 0, 0, 0, 0)
    assert (account.total.spread.down_mg, account.total.spread.activity_mg2) == (0, 0)
    assert store.entries["event#metro-demo#ride-1"].reduction_mg == 204_608


def test_asked_again_for_the_same_reason_it_is_the_same(store):
    first = by_partner(store)
    version = store.accounts["a1"].version
    assert by_partner(store) == first
    assert store.accounts["a1"].version == version


@pytest.mark.parametrize(
    "again",
    [
        lambda store: by_partner(store, reason=ReversalReason.FRAUD),
        lambda store: by_operator(store, reason=ReversalReason.CANCELLED),
    ],
    ids=["for another reason", "by somebody else"],
)
def test_what_was_taken_back_is_not_taken_back_again(store, again):
    by_partner(store)
    with pytest.raises(AlreadyReversedError):
        again(store)
    assert store.accounts["a1"].reduction_mg == 0


def test_two_operators_are_not_one(store):
    by_operator(store)
    assert by_operator(store).reason == "fraud"
    with pytest.raises(AlreadyReversedError):
        by_operator(store, operator="wang")


def test_a_dry_run_says_what_would_be_and_changes_nothing(store):
    before = store.accounts["a1"]
    entry = by_operator(store, is_dry_run=True)
    assert (entry.reduction_mg, store.accounts["a1"], len(store.entries)) == (-204_608, before, 1)


@pytest.mark.parametrize("event_id", ["ride-2", "ride-1~0", "ride-1#", ""])
def test_what_was_not_credited_cannot_be_taken_back(store, event_id):
    with pytest.raises(OutcomeNotFoundError):
        by_partner(store, Cause("metro-demo", event_id))


def test_another_partner_has_no_such_event(store):
    with pytest.raises(OutcomeNotFoundError):
        by_partner(store, Cause("bank-core", "ride-1"))


def test_a_closed_accounts_ledger_is_put_right_too(store):
    closed, _ = close(store.accounts["a1"], BOOKED_AT)
    store.add(closed)
    by_partner(store)
    assert (store.accounts["a1"].reduction_mg, store.accounts["a1"].is_open) == (0, False)


def test_what_was_spent_already_is_owed_and_new_credit_pays_it_first(store):
    spend(store, 150_000, points=3)
    by_partner(store)
    account = store.accounts["a1"]
    assert (account.available_mg, account.debt_mg) == (-150_000, 150_000)
    assert (account.points.amount, account.points.debt) == (0, 3)
    credit(store, a_posting("ride-2", points=TERMS))
    account = store.accounts["a1"]
    assert (account.available_mg, account.debt_mg) == (54_608, 0)
    assert (account.points.amount, account.points.debt) == (1, 0)


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_answer_takes_back_once(store, lost):
    store.lost_replies = lost
    assert by_partner(store).reduction_mg == -204_608
    assert (store.accounts["a1"].seq, store.accounts["a1"].reduction_mg) == (2, 0)


def test_a_reversal_that_races_with_a_credit_is_decided_again(store):
    def race():
        credit(store, a_posting("ride-2", points=TERMS))
        raise StaleAccountError

    store.trouble.append(race)
    entry = by_partner(store)
    assert (entry.seq, store.accounts["a1"].reduction_mg) == (3, 204_608)


def test_a_reversal_that_races_with_a_completion_takes_back_what_that_added_too(store):
    credit(store, a_provisional_posting("ride-open", points=TERMS))

    def race():
        credit(store, a_posting("rest", completes="ride-open", points=TERMS))
        raise StaleAccountError

    store.trouble.append(race)
    entry = by_partner(store, Cause("metro-demo", "ride-open"))
    assert (entry.cause.amendment, entry.reduction_mg) == (2, -204_608)
    assert store.accounts["a1"].reduction_mg == 204_608


def test_a_completion_that_loses_the_race_is_refused_by_name(store):
    """It was decided on what no longer stands, so that its key is taken; the message comes again.

    `a1` has another ride, of 204.608 g.
    """
    credit(store, a_provisional_posting("ride-open"))
    rest = a_posting("rest", completes="ride-open")

    def race():
        by_partner(store, Cause("metro-demo", "ride-open"))
        raise StaleAccountError

    store.trouble.append(race)
    update_accounts(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        batches={"m1": AccountPostings("a1", (rest,))},
        now=LATER,
        pause=no_pause,
    )
    outcome = FakeEntries(store).find(rest.cause)
    assert outcome is not None
    assert outcome.reason is RefusalReason.NOTHING_TO_COMPLETE
    assert store.accounts["a1"].reduction_mg == 204_608


@pytest.mark.parametrize("first", [by_partner, by_operator])
def test_of_a_partner_and_an_operator_at_once_one_takes_back_and_the_other_is_refused(store, first):
    second = by_operator if first is by_partner else by_partner

    def race():
        first(store)
        raise StaleAccountError

    store.trouble.append(race)
    with pytest.raises(AlreadyReversedError):
        second(store)
    assert (store.accounts["a1"].seq, store.accounts["a1"].reduction_mg) == (2, 0)


def test_of_one_partners_two_requests_at_once_both_are_told_the_same(store):
    answers = []

    def race():
        answers.append(by_partner(store))
        raise StaleAccountError

    store.trouble.append(race)
    answers.append(by_partner(store))
    assert answers[0] == answers[1]
    assert (store.accounts["a1"].seq, store.accounts["a1"].reduction_mg) == (2, 0)


def test_a_store_that_stays_busy_says_so_and_nothing_is_changed(store):
    store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        by_partner(store)
    assert store.accounts["a1"].reduction_mg == 204_608


def test_a_ride_that_was_completed_is_taken_back_with_what_completed_it(store):
    credit(store, a_provisional_posting("ride-open", points=TERMS))
    credit(store, a_posting("rest", completes="ride-open", points=TERMS))
    entry = by_partner(store, Cause("metro-demo", "ride-open"))
    # 25.576 g earned 2 points, and all 204.608 g together 2 more.
    assert (entry.cause.amendment, entry.reduction_mg, entry.points) == (2, -204_608, -4)
    assert store.accounts["a1"].total.provisional_mg == 0


def test_what_was_taken_back_is_neither_completed_nor_corrected(store):
    credit(store, a_provisional_posting("ride-open"))
    reversal = by_partner(store, Cause("metro-demo", "ride-open"))
    completion = credit(store, a_posting("rest", completes="ride-open"))
    assert [each.reason for each in completion.refusals] == [RefusalReason.NOTHING_TO_COMPLETE]
    correction = credit(store, a_correction(reversal, 190_000))
    assert (correction.entries, correction.superseded) == ((), 1)


def test_a_credit_that_was_amended_as_often_as_may_be_cannot_be_taken_back(store):
    entry = store.entries.pop("event#metro-demo#ride-1")
    last = replace(entry, cause=replace(entry.cause, amendment=AMENDMENTS_MAX))
    store.entries[last.cause.key] = last
    with pytest.raises(TooManyAmendmentsError):
        by_partner(store)


def test_the_partner_is_told_that_its_event_was_taken_back(store):
    by_operator(store)
    outcome, reversal = get_outcome(FakeEntries(store), cause=RIDE)
    assert outcome.entry is not None
    assert reversal is not None
    assert (reversal.reason, reversal.booked_at) == ("fraud", LATER)
