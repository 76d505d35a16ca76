"""Measuring again what one methodology measured by another: counted first, then posted, safely.

By the distance, 8 km are 204,608 mg and 1 km is 25,576 mg; by the new rule every ride is 100,000.
"""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from shared.application import restate_entries as module
from shared.application.ports import AccountChange
from shared.application.restate_entries import restate_entries
from shared.application.update_accounts import update_accounts
from shared.domain.account import close
from shared.domain.catalogue import Catalogue
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import AMENDMENTS_MAX, Cause
from shared.domain.errors import BusyError, InvalidRequestError, MethodologyNotFoundError
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import BOOKED_AT, a_posting, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeDocuments,
    FakeEntries,
    FakePostingQueue,
    Store,
    no_pause,
)
from tests.support.rules import DISTANCE, a_rule, a_rule_per_trip, parameter

RULE = a_rule()
OLD, NEW = RULE.reference, "metro-distance@2026.1"
PER_RIDE: dict[str, Any] = {
    "parameters": [parameter("award", "g", "100", "50", "150")],
    "steps": [{"name": "reduction", "unit": "g", "expression": "award"}],
}
CATALOGUE = Catalogue.of(
    [
        RULE,
        a_rule(version="2026.1", **PER_RIDE),
        a_rule(version="2026.2"),
        a_rule(version="2026.3", inputs=[{**DISTANCE, "maximum": "5"}]),
        a_rule(version="2026.4", inputs=[{**DISTANCE, "uncertainty": "0.1"}]),
        a_rule("bus-distance", scenario="bus"),
        a_rule_per_trip(),
    ]
)


def ride(event_id: str, distance_km: str | None = "8", **changes: Any) -> Posting:
    """Return a ride as the old rule measures it."""
    inputs = {} if distance_km is None else {"distance_km": Decimal(distance_km)}
    measurement = RULE.measure(inputs)
    facts: dict[str, Any] = {
        "reduction_mg": measurement.reduction_mg,
        "spread": measurement.spread,
        "grade": measurement.grade,
        "missing": measurement.missing,
    }
    return a_posting(event_id, inputs=inputs, **(facts | changes))


def book(store: Store, account_id: str, *postings: Posting) -> None:
    account = store.accounts.get(account_id) or an_account(account_id)
    entries = FakeEntries(store)
    events = {posting.amends for posting in postings if posting.amends}
    found = ((event, entries.standing(event)) for event in events)
    standing = {event: entry for event, entry in found if entry}
    decision = decide_credits(account, postings, BOOKED_AT, standing)
    store.add(decision.account)
    store.entries |= {entry.cause.key: entry for entry in decision.entries}


@pytest.fixture
def store():
    """Two accounts with a long and a short ride each."""
    store = Store()
    for account_id in ("a1", "a2"):
        book(store, account_id, ride(f"{account_id}-far"), ride(f"{account_id}-near", "1"))
    return store


def restate(store, queue=None, *, replacement=NEW, apply=True, after=None, replaced=OLD):
    numbers = count()
    return restate_entries(
        FakeEntries(store),
        CATALOGUE,
        queue or FakePostingQueue(),
        replaced=replaced,
        replacement=replacement,
        is_dry_run=not apply,
        after=after,
        new_salt=lambda: f"{next(numbers):032x}",
    )


def counts(page):
    return page.corrected, page.unchanged, page.unmeasurable


def deliver(store, queue):
    """Book what was posted, one message for each batch."""
    batches = {f"m{number}": batch for number, batch in enumerate(queue.sent)}
    return update_accounts(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        batches=batches,
        now=BOOKED_AT,
        pause=no_pause,
    )


def test_a_dry_run_counts_what_would_change_and_posts_nothing(store):
    queue = FakePostingQueue()
    page = restate(store, queue, apply=False)
    assert counts(page) == (4, 0, 0)
    # Twice from 25,576 up and twice from 204,608 down to 100,000.
    assert (page.raised_mg, page.lowered_mg) == (2 * 74_424, 2 * 104_608)
    assert (page.accounts, page.next_key) == (("a1", "a2"), None)
    assert queue.sent == []


def test_what_is_applied_is_what_the_dry_run_counted(store):
    assert restate(store, apply=False) == restate(store, apply=True)


def test_corrections_are_posted_account_by_account(store):
    queue = FakePostingQueue()
    restate(store, queue)
    assert [
        (batch.account_id, [posting.cause.key for posting in batch.postings])
        for batch in queue.sent
    ] == [
        ("a1", ["event#metro-demo#a1-far~1", "event#metro-demo#a1-near~1"]),
        ("a2", ["event#metro-demo#a2-far~1", "event#metro-demo#a2-near~1"]),
    ]


def test_a_correction_says_what_it_found_and_what_it_measures(store):
    queue = FakePostingQueue()
    restate(store, queue)
    [far, near] = queue.sent[0].postings
    entry = store.entries["event#metro-demo#a1-far"]
    assert (far.cause, far.corrects, far.methodology) == (entry.cause.next_amendment, OLD, NEW)
    assert far.behaviour == entry.behaviour
    assert far.measurement == Measurement(100_000, Spread(50_000, 50_000, 0), EvidenceGrade.METERED)
    assert (far.label, far.caps, far.exclusive_with, far.completes) == (
        Label.PUBLISHED, (), (), None,
    )  # fmt: skip
    assert far.salt != near.salt


def test_booked_corrections_leave_what_the_new_rule_says(store):
    queue = FakePostingQueue()
    restate(store, queue)
    assert deliver(store, queue).credited == 4
    assert [store.accounts[each].reduction_mg for each in ("a1", "a2")] == [200_000, 200_000]


def test_a_message_carries_at_most_25_corrections(store):
    book(store, "a3", *(ride(f"a3-{number:02d}") for number in range(26)))
    queue = FakePostingQueue()
    restate(store, queue)
    assert [(each.account_id, len(each.postings)) for each in queue.sent] == [
        ("a1", 2), ("a2", 2), ("a3", 25), ("a3", 1),
    ]  # fmt: skip


def test_a_page_that_is_repeated_posts_the_same_and_adds_nothing(store):
    first, second = FakePostingQueue(), FakePostingQueue()
    assert restate(store, first) == restate(store, second)
    digests = [
        [posting.payload_digest for batch in queue.sent for posting in batch.postings]
        for queue in (first, second)
    ]
    assert digests[0] == digests[1]
    deliver(store, first)
    tally = deliver(store, second)
    assert (tally.credited, tally.superseded, tally.conflicts) == (0, 4, 0)
    assert store.accounts["a1"].reduction_mg == 200_000


def test_a_users_word_is_no_better_evidence_under_another_rule():
    store, queue = Store(), FakePostingQueue()
    claimed = replace(ride("far", grade=EvidenceGrade.REPORTED), reason="claimed")
    book(store, "a1", claimed)
    restate(store, queue)
    deliver(store, queue)
    entry = FakeEntries(store).standing(Cause("metro-demo", "far"))
    assert entry is not None
    assert (entry.methodology, entry.reason, entry.grade) == (NEW, "claimed", 5)
    assert counts(restate(store, FakePostingQueue())) == (0, 0, 0)


def test_a_second_run_finds_nothing_left_to_correct(store):
    queue = FakePostingQueue()
    restate(store, queue)
    deliver(store, queue)
    again = FakePostingQueue()
    assert counts(restate(store, again)) == (0, 0, 0)
    assert again.sent == []


def test_pages_follow_one_another_to_the_end(store, monkeypatch):
    monkeypatch.setattr(module, "ROWS_PER_PAGE", 3)
    queue = FakePostingQueue()
    first = restate(store, queue)
    assert (counts(first), first.next_key is None) == ((3, 0, 0), False)
    second = restate(store, queue, after=first.next_key)
    assert (counts(second), second.next_key) == ((1, 0, 0), None)
    assert sum(len(batch.postings) for batch in queue.sent) == 4


def test_a_restatement_can_be_taken_back_by_another_one(store):
    for replaced, replacement in ((OLD, NEW), (NEW, OLD)):
        queue = FakePostingQueue()
        assert counts(restate(store, queue, replaced=replaced, replacement=replacement))[0] == 4
        deliver(store, queue)
    assert store.accounts["a1"].reduction_mg == 204_608 + 25_576
    assert [entry.cause.amendment for entry in store.entries_of("a1")] == [0, 0, 1, 1, 2, 2]


def test_of_a_behaviour_that_was_amended_only_what_stands_is_corrected(store):
    store.entries.clear()
    book(store, "a3", ride("open", None), a_posting("rest", completes="open"))
    queue = FakePostingQueue()
    page = restate(store, queue)
    [batch] = queue.sent
    [posting] = batch.postings
    assert posting.cause == Cause("metro-demo", "open", 2)
    assert (counts(page), page.raised_mg, page.lowered_mg) == ((1, 0, 0), 0, 104_608)


def test_what_was_taken_back_is_not_measured_again(store):
    """Neither the ride, which no longer stands, nor its reversal, of which nothing stands."""
    account = store.accounts["a1"]
    reversal = decide_reversal(
        account,
        store.entries["event#metro-demo#a1-far"],
        reason=ReversalReason.FRAUD,
        requested_by="partner#metro-demo",
        salt="5a" * 16,
        now=BOOKED_AT,
    )
    assert reversal.account is not None
    FakeAccounts(store).commit(AccountChange(account, reversal.account, (reversal.entry,)))
    queue = FakePostingQueue()
    assert counts(restate(store, queue)) == (3, 0, 0)
    deliver(store, queue)
    assert store.entries["event#metro-demo#a1-far~1"] == reversal.entry
    assert "event#metro-demo#a1-far~2" not in store.entries
    # Only the short ride of 25.576 g is worth 100 g now.
    assert store.accounts["a1"].reduction_mg == 100_000


def test_what_is_not_known_stays_unknown(store):
    store.entries.clear()
    book(store, "a3", ride("open", None))
    queue = FakePostingQueue()
    restate(store, queue)
    [posting] = queue.sent[0].postings
    assert (posting.measurement.missing, posting.behaviour.inputs) == (("distance_km",), {})
    assert posting.label is Label.ILLUSTRATIVE


def test_an_entry_that_the_new_rule_measures_alike_is_left_as_it_is(store):
    queue = FakePostingQueue()
    page = restate(store, queue, replacement="metro-distance@2026.2")
    assert (counts(page), page.accounts, queue.sent) == ((0, 4, 0), (), [])


def test_another_range_is_a_correction_though_the_amount_is_the_same(store):
    page = restate(store, replacement="metro-distance@2026.4")
    assert (counts(page), page.raised_mg, page.lowered_mg) == ((4, 0, 0), 0, 0)


def test_what_the_new_rule_does_not_take_is_counted_and_left(store):
    queue = FakePostingQueue()
    page = restate(store, queue, replacement="metro-distance@2026.3")
    # 8 km are more than it takes; 1 km is measured alike.
    assert (counts(page), queue.sent) == ((0, 2, 2), [])


def test_what_was_amended_as_often_as_may_be_is_counted_and_left(store):
    last = Cause("metro-demo", "a1-far", AMENDMENTS_MAX)
    entry = store.entries.pop("event#metro-demo#a1-far")
    store.entries[last.key] = replace(entry, cause=last)
    assert counts(restate(store)) == (3, 0, 1)


def test_what_another_methodology_measured_is_none_of_it(store):
    book(store, "a1", ride("other", methodology="metro-distance@2026.2"))
    assert counts(restate(store)) == (4, 0, 0)


def test_the_entries_of_a_closed_account_are_posted_and_then_left(store):
    store.accounts["a1"], _ = close(store.accounts["a1"], BOOKED_AT)
    queue = FakePostingQueue()
    assert counts(restate(store, queue)) == (4, 0, 0)
    tally = deliver(store, queue)
    assert (tally.credited, tally.superseded) == (2, 2)


@pytest.mark.parametrize(
    ("replaced", "replacement"),
    [
        (OLD, OLD),
        (OLD, "bus-distance@2025.1"),
        (OLD, "metro-city@2025.1"),
        ("metro-city@2025.1", OLD),
    ],
    ids=["by itself", "by another scenario's", "by a comparison", "a comparison"],
)
def test_only_rules_that_credit_the_same_scenario_replace_one_another(store, replaced, replacement):
    queue = FakePostingQueue()
    with pytest.raises(InvalidRequestError):
        restate(store, queue, replaced=replaced, replacement=replacement)
    assert queue.sent == []


@pytest.mark.parametrize(
    ("replaced", "replacement"), [(OLD, "metro-distance@1999.1"), ("metro-distance@1999.1", NEW)]
)
def test_what_was_never_released_replaces_nothing(store, replaced, replacement):
    with pytest.raises(MethodologyNotFoundError):
        restate(store, replaced=replaced, replacement=replacement)


def test_a_page_that_was_not_posted_whole_must_come_again(store):
    queue = FakePostingQueue(refused=frozenset({1}))
    with pytest.raises(BusyError):
        restate(store, queue)
    assert [batch.account_id for batch in queue.sent] == ["a1"]
    again = FakePostingQueue()
    restate(store, again)
    deliver(store, queue)
    deliver(store, again)
    assert [store.accounts[each].reduction_mg for each in ("a1", "a2")] == [200_000, 200_000]


def test_a_dry_run_asks_nothing_of_the_queue(store):
    assert restate(store, FakePostingQueue(refused=frozenset({0, 1})), apply=False).corrected == 4
