"""Whatever order, repetition and trouble: each event is booked once, and the ledger adds up."""

from collections import deque
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.application.ports import AccountPostings
from shared.application.update_accounts import update_accounts
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import decide_credits
from shared.domain.errors import BusyError, StaleAccountError
from shared.domain.measurement import NOTHING
from tests.support.builders import (
    BOOKED_AT,
    OPENED_AT,
    a_posting,
    a_provisional_posting,
    an_account,
    postings_for,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, no_pause

ROUNDS_MAX = 200
DAILY = (Cap(CapPeriod.DAY, 3),)


def stale() -> None:
    raise StaleAccountError


def busy() -> None:
    raise BusyError


def fine() -> None:
    """No trouble this time."""


def run(store: Store, messages: list[AccountPostings], sizes: list[int]) -> int:
    """Deliver the messages in batches until none comes back; return how many were credited."""
    waiting = deque(enumerate(messages))
    credited = 0
    for turn in range(ROUNDS_MAX):
        if not waiting:
            return credited
        size = sizes[turn % len(sizes)]
        batch = {str(n): m for n, m in (waiting.popleft() for _ in range(min(size, len(waiting))))}
        now = BOOKED_AT + timedelta(seconds=turn)
        tally = update_accounts(
            FakeAccounts(store),
            FakeEntries(store),
            FakeDocuments(store),
            batches=batch,
            now=now,
            pause=no_pause,
        )
        credited += tally.credited
        waiting.extend((int(n), batch[n]) for n in tally.failed)
    raise AssertionError("The messages never come to rest.")


def check(store: Store) -> None:
    for account_id, account in store.accounts.items():
        entries = store.entries_of(account_id)
        assert account.reduction_mg == sum(entry.reduction_mg for entry in entries)
        assert account.total == sum((entry.contribution for entry in entries), NOTHING)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        head = "0" * 64
        for entry in entries:
            assert entry.previous_hash == head
            head = entry.hash
        assert account.chain_head == head
    assert not set(store.entries) & set(store.refusals)
    assert not set(store.completions) & (set(store.entries) | set(store.refusals))


rides = st.lists(
    st.tuples(st.sampled_from(["a1", "a2", None]), st.integers(0, 8), st.integers(1, 3)),
    min_size=1,
    max_size=20,
)


@given(
    rides,
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.lists(st.sampled_from([fine, fine, stale, busy]), max_size=25),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_every_event_has_one_outcome_and_is_credited_at_most_once(
    facts, sizes, trouble, lost_replies, random
):
    store = Store()
    store.add(an_account("a1"))
    store.add(an_account("a2"))
    store.trouble.extend(trouble)
    store.lost_replies = lost_replies
    messages = [
        postings_for(account_id, a_posting(f"{account_id}-{number}", reduction_mg=10**number))
        for account_id, number, times in facts
        for _ in range(times)
    ]
    random.shuffle(messages)
    run(store, messages, sizes)
    check(store)
    sent = {posting.cause.key for message in messages for posting in message.postings}
    assert set(store.entries) | set(store.refusals) == sent
    # Nobody's events are refused and everybody else's credited, once: sums of distinct powers.
    for account_id in ("a1", "a2"):
        numbers = {number for owner, number, _ in facts if owner == account_id}
        assert store.accounts[account_id].reduction_mg == sum(10**number for number in numbers)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=20),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.lists(st.sampled_from([fine, stale, busy]), max_size=10),
)
def test_a_cap_is_never_passed_and_always_filled(days, sizes, trouble):
    store = Store()
    store.add(an_account("a1"))
    store.trouble.extend(trouble)
    messages = [
        postings_for(
            "a1",
            a_posting(f"ride-{n}", caps=DAILY, occurred_at=OPENED_AT + timedelta(days=day)),
        )
        for n, day in enumerate(days)
    ]
    # Everything comes twice.
    run(store, messages * 2, sizes)
    check(store)
    for day in set(days):
        booked = [
            entry
            for entry in store.entries.values()
            if entry.behaviour.occurred_at == OPENED_AT + timedelta(days=day)
        ]
        assert len(booked) == min(days.count(day), 3)


@given(st.permutations(range(6)), st.integers(0, 5))
def test_a_credit_of_somebody_else_in_between_is_never_lost(order, turn):
    store = Store()
    store.add(an_account("a1"))

    def another() -> None:
        other = a_posting("other", reduction_mg=7)
        winner = decide_credits(store.accounts["a1"], [other], BOOKED_AT)
        store.accounts["a1"] = winner.account
        store.entries |= {entry.cause.key: entry for entry in winner.entries}

    store.trouble.extend([fine] * turn + [another])
    messages = [postings_for("a1", a_posting(f"ride-{n}", reduction_mg=10 * 10**n)) for n in order]
    run(store, messages, [1])
    check(store)
    assert store.accounts["a1"].reduction_mg == 1_111_117


@given(
    st.lists(st.tuples(st.sampled_from(["a1", "a2"]), st.booleans()), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 2)), max_size=8),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.lists(st.sampled_from([fine, fine, stale, busy]), max_size=25),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_every_completing_event_has_one_outcome_and_tops_up_at_most_once(
    rides, rests, sizes, trouble, lost_replies, random
):
    """Rides of unknown length and the events that complete them, in any order and repeated."""
    store = Store()
    store.add(an_account("a1"))
    store.add(an_account("a2"))
    store.trouble.extend(trouble)
    store.lost_replies = lost_replies
    posting_of = {True: a_provisional_posting, False: a_posting}
    messages = [
        postings_for(account_id, posting_of[is_provisional](f"ride-{n}"))
        for n, (account_id, is_provisional) in enumerate(rides)
    ]
    messages += [
        # The ride may be complete, another account's, or never have been.
        postings_for("a1", a_posting(f"rest-{n}", completes=f"ride-{ride}"))
        for n, (ride, times) in enumerate(rests)
        for _ in range(times)
    ]
    random.shuffle(messages)
    run(store, messages, sizes)
    check(store)
    sent = {posting.cause.key for message in messages for posting in message.postings}
    own = {key for key, entry in store.entries.items() if not entry.cause.amendment}
    assert own | set(store.completions) | set(store.refusals) == sent
    amended = [each.amendment.key for each in store.completions.values()]
    assert sorted(amended) == sorted(set(store.entries) - own)
    assert len({store.entries[key].cause.event for key in amended}) == len(amended)
    for key in amended:
        entry = store.entries[key]
        assert (entry.account_id, entry.standing_mg) == ("a1", 204_608)
        account_id, is_provisional = rides[int(entry.cause.event_id.removeprefix("ride-"))]
        assert (account_id, is_provisional) == ("a1", True)
