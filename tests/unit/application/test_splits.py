"""A saving reaches all members in one commit, once, whatever gets lost or comes between."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.adapters.catalogue import catalogue
from shared.adapters.points import points_policies
from shared.application.disputing import Court, end_dispute
from shared.application.ports import Write
from shared.application.reverse_event import reverse_event
from shared.application.splitting import splits_of
from shared.application.update_accounts import SHARED_PER_COMMIT_MAX, update_accounts
from shared.domain.account import close, withdraw
from shared.domain.consent import ConsentKey
from shared.domain.dispute import Dispute, DisputeKind, DisputeState
from shared.domain.entry import Cause
from shared.domain.household import CONSENT, Household, Member
from shared.domain.measurement import Spread
from shared.domain.movement import MovementKind
from shared.domain.reversing import ReversalReason
from shared.domain.ruling import Ruling
from tests.support.builders import (
    BOOKED_AT,
    OCCURRED_AT,
    OPENED_AT,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
    postings_for,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, busy, no_pause

GRID = ConsentKey("saved-electricity", "grid-demo")
METRO = ConsentKey("metro", "metro-demo")
SAVING = Cause("grid-demo", "saving-1")
LATER = BOOKED_AT + timedelta(days=1)


@pytest.fixture
def store():
    """a1, a2 and a3 share 5:3:2; a4 saves alone."""
    store = Store()
    for account_id in ("a1", "a2", "a3"):
        account = an_account(account_id, (GRID, METRO, CONSENT))
        store.add(replace(account, household="h1"), account_id)
    store.add(an_account("a4", (GRID,)), "a4")
    members = (Member(1, "a1", 5_000), Member(2, "a2", 3_000), Member(3, "a3", 2_000))
    household = Household("h1", OPENED_AT, members, next_member=4)
    store.documents["household", "h1", "household"] = household
    return store


def saving(event_id="saving-1", reduction_mg=1_000, **changes):
    facts = {
        "partner": "grid-demo",
        "scenario": "saved-electricity",
        "reduction_mg": reduction_mg,
        "spread": Spread(100, 200, 10_000),
    }
    return a_posting(event_id, **{**facts, **changes})


def book(store, *postings, account_id="a1", pause=no_pause):
    store.calls.clear()
    return update_accounts(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        batches={"m0": postings_for(account_id, *postings)},
        now=BOOKED_AT,
        pause=pause,
    )


def reverse(store, event=SAVING):
    return reverse_event(
        FakeAccounts(store),
        FakeEntries(store),
        event=event,
        reason=ReversalReason.WRONG_DATA,
        is_dry_run=False,
        new_salt=lambda: "0" * 32,
        now=LATER,
        pause=no_pause,
    )


def balances(store):
    return [store.accounts[each].available_mg for each in ("a1", "a2", "a3")]


def test_a_saving_reaches_three_accounts_in_one_commit(store):
    tally = book(store, saving())
    assert (tally.credited, balances(store)) == (1, [500, 300, 200])
    assert store.calls.count("commit") == 1
    assert [store.accounts[each].reduction_mg for each in ("a1", "a2", "a3")] == [1_000, 0, 0]


def test_an_account_without_household_is_credited_as_before(store):
    book(store, saving(), account_id="a4")
    assert store.calls == ["load", "commit"]


def test_a_ride_of_a_member_is_credited_as_before(store):
    book(store, a_posting())
    assert store.calls == ["load", "commit"]
    assert balances(store) == [204_608, 0, 0]


def test_the_same_message_twice_splits_once(store):
    book(store, saving())
    before = dict(store.accounts)
    tally = book(store, saving(), saving())
    assert (tally.credited, tally.duplicates) == (0, 2)
    assert store.accounts == before
    assert len(store.movements) == 3


def test_a_lost_reply_splits_once(store):
    store.lost_replies = 1
    tally = book(store, saving())
    assert (tally.failed, balances(store)) == (set(), [500, 300, 200])
    assert len(store.movements) == 3


def test_a_busy_store_changes_nobody(store):
    store.trouble.extend([busy] * 8)
    tally = book(store, saving())
    assert (tally.failed, balances(store)) == ({"m0"}, [0, 0, 0])


def test_a_members_account_that_changes_meanwhile_is_read_again(store):
    def ride():
        account = store.accounts["a2"]
        store.accounts["a2"] = replace(account, moved_mg=7, version=account.version + 1)

    store.trouble.append(ride)
    book(store, saving())
    assert balances(store) == [500, 307, 200]


def leaves(store, account_id):
    account = store.accounts[account_id]
    household = store.documents["household", "h1", "household"]
    store.documents["household", "h1", "household"] = household.leave(account_id)
    store.accounts[account_id] = replace(account, household=None, version=account.version + 1)


def closes(store, account_id):
    store.accounts[account_id] = close(store.accounts[account_id], BOOKED_AT)[0]


def withdraws(store, account_id):
    store.accounts[account_id] = withdraw(store.accounts[account_id], CONSENT, BOOKED_AT)[0]


@pytest.mark.parametrize(
    ("change", "after"),
    [(leaves, [714, 0, 286]), (closes, [800, 0, 200]), (withdraws, [800, 0, 200])],
)
@pytest.mark.parametrize("is_meanwhile", [True, False])
def test_who_left_closed_or_withdrew_gets_nothing_also_at_the_last_moment(
    store, change, after, is_meanwhile
):
    if is_meanwhile:
        store.trouble.append(lambda: change(store, "a2"))
    else:
        change(store, "a2")
    book(store, saving())
    assert balances(store) == after


def test_an_owner_who_withdrew_keeps_all(store):
    withdraws(store, "a1")
    book(store, saving())
    assert balances(store) == [1_000, 0, 0]


def test_an_owner_that_joined_a_moment_ago_is_read_again(store):
    store.lagging["a1"] = replace(store.accounts["a1"], household=None, version=1)
    book(store, saving())
    assert balances(store) == [500, 300, 200]


def test_many_savings_share_as_many_commits_as_they_need(store):
    savings = [saving(f"saving-{number}") for number in range(SHARED_PER_COMMIT_MAX * 2 + 1)]
    tally = book(store, *savings)
    assert (tally.credited, store.calls.count("commit")) == (17, 3)
    assert balances(store) == [17 * 500, 17 * 300, 17 * 200]


def test_eight_shared_savings_of_eight_members_fit_into_a_transaction():
    # Eight accounts; of each saving an entry, what completed another, and eight lines.
    assert 8 + SHARED_PER_COMMIT_MAX * (1 + 1 + 8) <= 100


def test_a_completion_splits_what_it_adds(store):
    first = a_provisional_posting(
        "saving-1", partner="grid-demo", scenario="saved-electricity", reduction_mg=1_000,
        spread=Spread(100, 200, 0),
    )  # fmt: skip
    rest = saving("saving-rest", 1_600, completes="saving-1")
    tally = book(store, first, rest)
    assert (tally.credited, balances(store)) == (2, [800, 480, 320])
    # The second one had to find the first one's split.
    assert store.calls.count("commit") == 2
    assert len(store.movements) == 6


@pytest.mark.parametrize(
    ("reduction_mg", "after"), [(1_500, [750, 450, 300]), (900, [450, 270, 180])]
)
def test_a_correction_gives_more_or_takes_back_in_proportion(store, reduction_mg, after):
    book(store, saving())
    correction = a_correction(store.entries[SAVING.key], reduction_mg)
    tally = book(store, correction)
    assert (tally.credited, balances(store)) == (1, after)
    assert sum(balances(store)) == reduction_mg
    # Again, and with a lost reply before: once.
    assert book(store, correction).failed == set()
    assert balances(store) == after


def test_a_correction_with_a_lost_reply_takes_back_once(store):
    book(store, saving())
    store.lost_replies = 1
    book(store, a_correction(store.entries[SAVING.key], 900))
    assert balances(store) == [450, 270, 180]


def test_a_correction_takes_back_also_where_the_owner_has_left_since(store):
    book(store, saving())
    leaves(store, "a1")
    book(store, a_correction(store.entries[SAVING.key], 900))
    assert balances(store) == [450, 270, 180]


def test_a_correction_among_other_savings_has_a_commit_of_its_own(store):
    book(store, saving())
    correction = a_correction(store.entries[SAVING.key], 900)
    tally = book(store, saving("saving-2"), correction, saving("saving-3"))
    assert (tally.credited, store.calls.count("commit")) == (3, 3)
    assert balances(store) == [1_450, 870, 580]


def test_a_reversal_takes_everybodys_share_back(store):
    book(store, saving())
    reverse(store)
    assert balances(store) == [0, 0, 0]
    kinds = [line.kind for line in store.lines_of("a1") if line.seq > 1 and line.seq < 4]
    # What came back stands before the reversal, which takes it.
    assert kinds == [MovementKind.SPLIT_SENT, MovementKind.SPLIT_RECOVERED]


def test_a_reversal_after_corrections_takes_back_what_is_left(store):
    book(store, saving())
    book(store, a_correction(store.entries[SAVING.key], 900))
    raised = a_correction(store.entries[f"{SAVING.key}~1"], 1_100, "saved-electricity-day@2027.1")
    book(store, raised)
    assert balances(store) == [550, 330, 220]
    reverse(store)
    assert balances(store) == [0, 0, 0]


def test_a_reversal_with_a_lost_reply_takes_back_once_and_has_the_same_answer(store):
    book(store, saving())
    store.lost_replies = 1
    first = reverse(store)
    assert reverse(store) == first
    assert balances(store) == [0, 0, 0]


def test_a_reversal_leaves_a_closed_account_alone_and_the_owner_owes(store):
    book(store, saving())
    closes(store, "a2")
    reverse(store)
    assert balances(store) == [-300, 300, 0]


def test_a_member_that_changes_during_a_reversal_is_read_again(store):
    book(store, saving())
    store.trouble.append(lambda: closes(store, "a2"))
    reverse(store)
    assert balances(store) == [-300, 300, 0]


def test_the_reversal_of_a_ride_does_not_look_for_shares(store):
    book(store, a_posting())
    store.calls.clear()
    reverse(store, Cause("metro-demo", "ride-1"))
    assert store.calls == ["standing", "load consistently", "commit"]


def test_the_splits_of_a_behaviour_are_found_by_its_entries(store):
    book(store, saving())
    book(store, a_correction(store.entries[SAVING.key], 900))
    found = splits_of(FakeEntries(store), replace(SAVING, amendment=2))
    assert [(line.account_id, line.reduction_mg) for line in found] == [
        ("a2", 300),
        ("a3", 200),
        ("a2", -30),
        ("a3", -20),
    ]
    assert splits_of(FakeEntries(store), Cause("grid-demo", "unknown", 1)) == []


# Disputes


def end(store, kind, *, lost_replies=0, **facts):
    """Open a dispute of a1's about its savings, and end it in the user's favour."""
    known = {
        "dispute_id": "d" + "1" * 26,
        "account_id": "a1",
        "kind": kind,
        "scenario": "saved-electricity",
        "partner": "grid-demo",
        "event_id": "saving-1",
        "occurred_at": OCCURRED_AT,
        "opened_at": BOOKED_AT,
        "inputs": {},
    }
    dispute = Dispute(**{**known, **facts})
    FakeDocuments(store).put(Write(dispute))
    store.lost_replies = lost_replies
    court = Court(
        accounts=FakeAccounts(store),
        outcomes=FakeEntries(store),
        statement=FakeEntries(store),
        documents=FakeDocuments(store),
        catalogue=catalogue(),
        policies=points_policies(),
        new_salt=lambda: "0" * 32,
        pause=no_pause,
    )
    return end_dispute(court, "a1", dispute.dispute_id, Ruling(DisputeState.ACCEPTED), LATER)


@pytest.mark.parametrize("lost_replies", [0, 1])
def test_a_saving_that_was_not_the_users_comes_back_from_everybody(store, lost_replies):
    book(store, saving())
    ended = end(store, DisputeKind.NOT_MINE, lost_replies=lost_replies)
    assert ended.state is DisputeState.ACCEPTED
    assert balances(store) == [0, 0, 0]
    assert len(ended.lines) == 1


def test_a_missing_saving_that_is_accepted_is_split(store):
    inputs = {"baseline_kwh": Decimal(12), "actual_kwh": Decimal(8)}
    ended = end(store, DisputeKind.MISSING, event_id="dispute-1", inputs=inputs)
    assert (ended.state, ended.reason) == (DisputeState.ACCEPTED, "")
    # 50, 30 and 20 % of 4 x 530.6 g.
    assert balances(store) == [1_061_200, 636_720, 424_480]


def test_a_saving_that_was_less_takes_the_difference_back_in_proportion(store):
    methodology = catalogue().named("saved-electricity-day@2026.1")
    inputs = {"baseline_kwh": Decimal(12), "actual_kwh": Decimal(8)}
    posting = saving(inputs=inputs, methodology=methodology.reference)
    book(store, replace(posting, measurement=methodology.measure(inputs)))
    end(store, DisputeKind.WRONG_DISTANCE, inputs={"actual_kwh": Decimal(10)})
    # 2 x 530.6 g are left.
    assert balances(store) == [530_600, 318_360, 212_240]
