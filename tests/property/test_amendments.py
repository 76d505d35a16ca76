"""Whatever is credited, completed and corrected in whatever order: the account is its entries."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from shared.application.ports import AccountPostings
from shared.application.restate_entries import restate_entries
from shared.application.update_accounts import update_accounts
from shared.domain.account import Account
from shared.domain.bridge import build_bridge
from shared.domain.catalogue import Catalogue
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import AmendmentKind, Cause, Entry
from shared.domain.errors import BusyError, StaleAccountError
from shared.domain.measurement import NOTHING, EvidenceGrade, Spread
from tests.support.builders import BOOKED_AT, a_correction, a_posting, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeDocuments,
    FakeEntries,
    FakePostingQueue,
    Store,
    no_pause,
)
from tests.support.rules import a_rule, parameter

EVENTS = 4
ROUNDS_MAX = 200
spreads = st.builds(Spread, *[st.integers(0, 10**6)] * 2, st.integers(0, 10**12))


class Step(NamedTuple):
    """What happens next; `number` chooses the event or the entry that it happens to."""

    kind: str
    number: int
    reduction_mg: int
    spread: Spread
    grade: EvidenceGrade
    is_provisional: bool
    days: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["credit", "complete", "correct"]),
        st.integers(0, 30),
        st.integers(0, 10**6),
        spreads,
        st.sampled_from(EvidenceGrade),
        st.booleans(),
        st.integers(0, 2),
    ),
    max_size=25,
)


def posting_of(number: int, step: Step, entries: Sequence[Entry]) -> Posting | None:
    """Return what is posted, if the step makes sense: an event is credited only once."""
    measured: dict[str, Any] = {
        "reduction_mg": step.reduction_mg,
        "spread": step.spread,
        "grade": step.grade,
        "missing": ("distance_km",) if step.is_provisional else (),
    }
    event = f"ride-{step.number % EVENTS}"
    match step.kind:
        case "credit":
            known = any(entry.cause.event_id == event for entry in entries)
            return None if known else a_posting(event, **measured)
        case "complete":
            return a_posting(f"rest-{number}", completes=event, **measured)
        case _:
            # Worked out from any entry, which may have been amended since.
            found = entries[step.number % len(entries)] if entries else None
            rule = f"metro-distance@{number}"
            return a_correction(found, methodology=rule, **measured) if found else None


def follow(wanted: Sequence[Step]) -> tuple[Account, list[Entry], list[Posting]]:
    """Take the steps one by one; the account adds up after each of them."""
    account, now = an_account(), BOOKED_AT
    entries: list[Entry] = []
    postings: list[Posting] = []
    for number, step in enumerate(wanted):
        posting = posting_of(number, step, entries)
        if posting is None:
            continue
        now += timedelta(days=step.days)
        decision = decide_credits(account, [posting], now, standing_of(entries))
        account = decision.account
        entries += decision.entries
        postings.append(posting)
        add_up(account, entries)
    return account, entries, postings


def standing_of(entries: Sequence[Entry]) -> dict[Cause, Entry]:
    return {entry.cause.event: entry for entry in entries}


def add_up(account: Account, entries: Sequence[Entry]) -> None:
    total, standing = account.total, standing_of(entries).values()
    assert total == sum((entry.contribution for entry in entries), NOTHING)
    assert total.reduction_mg == sum(entry.standing_mg for entry in standing) >= 0
    assert total.reduction_mg == sum(total.grades_mg)
    assert min(*total.grades_mg, *total.spread) >= 0
    provisional = (entry.standing_mg for entry in standing if entry.is_provisional)
    assert total.provisional_mg == sum(provisional)
    assert total.low_mg <= total.reduction_mg <= total.high_mg
    assert total.count == account.seq == len(entries)


@given(steps)
def test_an_account_is_the_sum_of_its_entries_after_every_step(wanted):
    follow(wanted)


@given(steps)
def test_a_behaviours_amendments_follow_one_another_without_a_gap(wanted):
    _, entries, _ = follow(wanted)
    newest: dict[Cause, Entry] = {}
    for entry in entries:
        before = newest.get(entry.cause.event)
        if before is None:
            assert (entry.cause.amendment, entry.original) == (0, None)
        else:
            assert entry.cause == before.cause.next_amendment
            assert entry.original is not None
            assert entry.original == before.amended(entry.original.kind)
            if entry.original.kind is AmendmentKind.COMPLETION:
                assert entry.reduction_mg >= 0
                assert before.is_provisional
        newest[entry.cause.event] = entry


@given(steps, st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_the_total_does_not_depend_on_how_postings_are_cut_into_batches(wanted, sizes):
    same_day = [step._replace(days=0) for step in wanted]
    one_by_one, entries, postings = follow(same_day)
    account, booked = an_account(), list[Entry]()
    for turn in count():
        size = sizes[turn % len(sizes)]
        batch, postings = postings[:size], postings[size:]
        if not batch:
            break
        decision = decide_credits(account, batch, BOOKED_AT, standing_of(booked))
        account = decision.account
        booked += decision.entries
    assert booked == entries
    assert (account.total, account.chain_head) == (one_by_one.total, one_by_one.chain_head)


@given(steps, st.integers(-2, 60), st.integers(0, 60))
def test_opening_rules_and_behaviour_are_closing(wanted, start, length):
    account, entries, _ = follow(wanted)
    first = date(2026, 11, 10) + timedelta(days=start)
    last = first + timedelta(days=length)
    bridge = build_bridge(entries, first, last)
    until_then = [entry.contribution for entry in entries if entry.ledger_day <= last]
    assert bridge.closing == sum(until_then, NOTHING)
    assert bridge.closing + bridge.later == account.total
    effects = bridge.by_rule.values()
    assert bridge.rules.count == sum(effect.entries for effect in effects)
    assert bridge.rules.reduction_mg == sum(
        effect.raised_mg - effect.lowered_mg for effect in effects
    )
    assert all(min(effect.raised_mg, effect.lowered_mg) >= 0 for effect in effects)


# Restatements

OLD = a_rule()
NEW = a_rule(
    version="2026.1",
    parameters=[
        parameter("per_km", "g/km", "30", "10", "60"),
        parameter("least", "g", "9", "1", "9"),
    ],
    steps=[{"name": "reduction", "unit": "g", "expression": "max(distance_km * per_km, least)"}],
)
CATALOGUE = Catalogue.of([OLD, NEW])
kilometres = st.none() | st.decimals(Decimal("0.1"), 120, places=3)


def stale() -> None:
    raise StaleAccountError


def busy() -> None:
    raise BusyError


def fine() -> None:
    """No trouble this time."""


def ride(event_id: str, distance_km: Decimal | None) -> Posting:
    inputs = {} if distance_km is None else {"distance_km": distance_km}
    measured = OLD.measure(inputs)
    return a_posting(
        event_id,
        inputs=inputs,
        reduction_mg=measured.reduction_mg,
        spread=measured.spread,
        grade=measured.grade,
        missing=measured.missing,
    )


def restate(store: Store) -> list[AccountPostings]:
    queue, numbers = FakePostingQueue(), count()
    restate_entries(
        FakeEntries(store),
        CATALOGUE,
        queue,
        replaced=OLD.reference,
        replacement=NEW.reference,
        is_dry_run=False,
        after=None,
        new_salt=lambda: f"{next(numbers):032x}",
    )
    return queue.sent


def deliver(store: Store, messages: Sequence[AccountPostings]) -> None:
    waiting = dict(enumerate(messages))
    for _ in range(ROUNDS_MAX):
        if not waiting:
            return
        tally = update_accounts(
            FakeAccounts(store),
            FakeEntries(store),
            FakeDocuments(store),
            batches={str(number): message for number, message in waiting.items()},
            now=BOOKED_AT,
            pause=no_pause,
        )
        waiting = {number: each for number, each in waiting.items() if str(number) in tally.failed}
    raise AssertionError("The messages never come to rest.")


@given(
    st.lists(st.tuples(st.sampled_from(["a1", "a2"]), kilometres), max_size=8),
    st.lists(st.sampled_from([fine, stale, busy]), max_size=12),
    st.integers(0, 3),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_however_often_a_restatement_runs_every_ride_ends_as_the_new_rule_has_it(
    rides, trouble, lost_replies, runs, random
):
    store = Store()
    for account_id in ("a1", "a2"):
        own = [ride(f"ride-{n}", km) for n, (owner, km) in enumerate(rides) if owner == account_id]
        decision = decide_credits(an_account(account_id), own, BOOKED_AT)
        store.add(decision.account)
        store.entries |= {entry.cause.key: entry for entry in decision.entries}
    # Several runs are begun before the first one's corrections are booked.
    messages = [message for _ in range(runs) for message in restate(store)]
    random.shuffle(messages)
    store.trouble.extend(trouble)
    store.lost_replies = lost_replies
    deliver(store, messages)
    for account_id in ("a1", "a2"):
        entries = store.entries_of(account_id)
        add_up(store.accounts[account_id], entries)
        for entry in standing_of(entries).values():
            measured = NEW.measure(entry.behaviour.inputs)
            assert entry.standing_mg == measured.reduction_mg
            assert (entry.cause.amendment, entry.methodology) == (1, NEW.reference)
    assert restate(store) == []
