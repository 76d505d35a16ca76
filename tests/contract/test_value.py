"""What every store does with movements, and with commits of several accounts and documents."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.application.ports import (
    AccountChange,
    EntriesExistError,
    StatementFilter,
    Write,
)
from shared.domain.account import Account
from shared.domain.caps import CapWindow
from shared.domain.crediting import decide_credits
from shared.domain.errors import StaleAccountError
from shared.domain.measurement import NOTHING, Spread, Sum
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsBalance, PointsChange, PointsEarned, PointsTerms
from tests.contract.conftest import Ledger
from tests.contract.test_accounts import consented, opened
from tests.support.builders import BOOKED_AT, OPENED_AT, a_posting
from tests.support.notes import Note

YEAR_END, NEXT_END = date(2026, 12, 31), date(2027, 12, 31)
TERMS = PointsTerms("test@1", 2, 10, 60, 600, NEXT_END)
# What a part of 100 g of the ride of 204,608 mg may be made of.
BACKING = Sum(1, 100_000, Spread(1_955, 2_933, 2_149_844), (100_000, 0, 0, 0, 0), 0, 1)
MINUTE = timedelta(minutes=1)


def moved(
    before: Account, *keys: str, kind: MovementKind = MovementKind.RETIREMENT, **amounts: Any
) -> AccountChange:
    """Return a change of one movement for each key, a minute after one another."""
    changes: list[Movement] = []
    account = before
    for number, key in enumerate(keys):
        moving = Moving.begin(account, BOOKED_AT + number * MINUTE)
        moving.move(
            kind,
            key=key,
            about=key.split("#")[1],
            payload_digest=f"digest of {key}",
            **amounts,
        )
        changes += moving.movements
        account = moving.account
    after = replace(account, version=before.version + 1)
    return AccountChange(before, after, movements=tuple(changes))


def holding(ledger: Ledger, account_id: str, **facts: Any) -> Account:
    """Return an account that was committed with these balances."""
    before = opened(ledger, account_id, f"subject of {account_id}")
    after = replace(before, version=before.version + 1, **facts)
    ledger.accounts.commit(AccountChange(before, after))
    return after


def load(ledger: Ledger, account_id: str) -> Account | None:
    return ledger.accounts.load(account_id, consistent=True)


def lines(ledger: Ledger, account_id: str, limit: int = 50) -> list[Line]:
    return list(ledger.entries.lines(account_id, limit=limit))


# An account's holdings


@pytest.mark.parametrize(
    "facts",
    [
        {"moved_mg": -204_608},
        {"held_mg": 1},
        {"moved_mg": 10**15, "held_mg": 10**15},
        {"points": PointsBalance({YEAR_END: 3, NEXT_END: 12_345}, held=7)},
        {"points": PointsBalance({}, debt=9)},
        {"points_earned": PointsEarned(CapWindow(739_930, (5, 0, 60)), CapWindow(24_322, (65,)))},
        {"points": PointsBalance({date(2019, 12, 31): 1})},
        {"household": "h1"},
        {},
    ],
)
def test_what_an_account_holds_is_read_exactly_as_it_was_committed(ledger, facts):
    assert load(ledger, "a1") is None
    account = holding(ledger, "a1", **facts)
    assert load(ledger, "a1") == account


# Movements and lines


def test_movements_are_committed_with_their_account_and_read_back_as_they_were(ledger):
    before = opened(ledger)
    change = moved(
        before,
        "gift#g1#received",
        kind=MovementKind.GIFT_RECEIVED,
        reduction_mg=100_000,
        backing=BACKING,
        points=PointsChange({YEAR_END: 3, NEXT_END: 4}, debt=0),
    )
    ledger.accounts.commit(change)
    [movement] = change.movements
    assert load(ledger, "a1") == change.after
    assert lines(ledger, "a1") == [movement]
    assert movement.backing == BACKING


@pytest.mark.parametrize(
    ("points", "kind", "amounts"),
    [
        ({}, MovementKind.HOLD, {"reduction_mg": -5, "held_mg": 5}),
        ({NEXT_END: 9}, MovementKind.HOLD, {"points": PointsChange({NEXT_END: -5}, held=5)}),
        ({}, MovementKind.BUYBACK, {"points": PointsChange({NEXT_END: 2}, debt=-3)}),
        ({NEXT_END: 9}, MovementKind.EARNED, {"points": PointsChange({NEXT_END: 2})}),
        ({}, MovementKind.RETIREMENT, {}),
    ],
    ids=["reductions on hold", "points on hold", "a debt is paid", "points are earned", "nothing"],
)
def test_a_movement_of_any_amounts_is_read_back_as_it_was(ledger, points, kind, amounts):
    balance = PointsBalance(points, debt=0 if points else 3)
    change = moved(holding(ledger, "a1", points=balance), "something#s1", kind=kind, **amounts)
    ledger.accounts.commit(change)
    assert lines(ledger, "a1") == list(change.movements)
    assert load(ledger, "a1") == change.after


def test_entries_and_movements_are_one_row_of_lines(ledger):
    """Whatever the order of their occurrence."""
    before = consented(ledger)
    late = a_posting("ride-2", occurred_at=OPENED_AT + MINUTE, points=TERMS)
    decision = decide_credits(before, [a_posting("ride-1", points=TERMS), late], BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, decision.account, decision.entries))
    change = moved(decision.account, "retirement#r1", reduction_mg=-1)
    ledger.accounts.commit(change)
    last = decide_credits(change.after, [a_posting("ride-3")], BOOKED_AT + MINUTE)
    ledger.accounts.commit(AccountChange(change.after, last.account, last.entries))
    assert lines(ledger, "a1") == [*decision.entries, *change.movements, *last.entries]
    assert [line.seq for line in lines(ledger, "a1")] == [1, 2, 3, 4]
    assert lines(ledger, "a2") == []


def test_an_entry_is_read_back_with_its_points(ledger):
    before = consented(ledger)
    decision = decide_credits(before, [a_posting(points=TERMS)], BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, decision.account, decision.entries))
    [entry] = lines(ledger, "a1")
    assert entry == decision.entries[0]
    assert load(ledger, "a1") == decision.account


def test_a_movement_is_no_entry_and_an_entry_no_movement(ledger):
    before = consented(ledger)
    decision = decide_credits(before, [a_posting()], BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, decision.account, decision.entries))
    change = moved(decision.account, "retirement#r1", reduction_mg=-1)
    ledger.accounts.commit(change)
    everything = StatementFilter()
    page = ledger.entries.page("a1", everything, limit=50, after=None)
    assert page.entries == decision.entries
    assert ledger.entries.movements("a1", everything, limit=50, after=None).movements == (
        change.movements
    )


# Pages of movements


def walk(ledger: Ledger, wanted: StatementFilter, limit: int) -> list[str]:
    """Turn pages to the end; more of them than there could be is an error."""
    found: list[str] = []
    after = None
    for _ in range(10):
        page = ledger.entries.movements("a1", wanted, limit=limit, after=after)
        assert len(page.movements) <= limit
        found += [movement.key for movement in page.movements]
        after = page.next_key
        if after is None:
            return found
    raise AssertionError("The pages have no end.")


@pytest.fixture
def four_retirements(ledger):
    """Four retirements of an account, a minute after one another, between rides; one of another."""
    before = consented(ledger)
    postings = [a_posting(f"ride-{number}") for number in range(3)]
    credited = decide_credits(before, postings, BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, credited.account, credited.entries))
    keys = [f"retirement#r{number}" for number in range(4)]
    change = moved(credited.account, *keys, reduction_mg=-1)
    ledger.accounts.commit(change)
    later = decide_credits(change.after, [a_posting("ride-4")], BOOKED_AT + 9 * MINUTE)
    ledger.accounts.commit(AccountChange(change.after, later.account, later.entries))
    ledger.accounts.commit(moved(consented(ledger, "a2", "you"), "retirement#other"))
    return ledger


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
def test_every_movement_is_on_one_page_newest_first_whatever_the_limit(four_retirements, limit):
    assert walk(four_retirements, StatementFilter(), limit) == [
        "retirement#r3", "retirement#r2", "retirement#r1", "retirement#r0",
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_as_of_an_instant_later_movements_are_left_out(four_retirements, limit):
    wanted = StatementFilter(as_of=BOOKED_AT + MINUTE)
    assert walk(four_retirements, wanted, limit) == ["retirement#r1", "retirement#r0"]
    before = StatementFilter(as_of=BOOKED_AT - timedelta(milliseconds=1))
    assert walk(four_retirements, before, limit) == []


def test_who_moved_nothing_has_no_movements(ledger):
    opened(ledger)
    page = ledger.entries.movements("a1", StatementFilter(), limit=50, after=None)
    assert (page.movements, page.next_key) == ((), None)


# Several accounts in one commit


def gift(ledger: Ledger) -> tuple[AccountChange, AccountChange]:
    """Return both sides of a gift of 100 g, not committed yet."""
    giver = holding(ledger, "a1", total=replace(NOTHING, count=1, reduction_mg=204_608))
    receiver = holding(ledger, "a2")
    sent, received = MovementKind.GIFT_SENT, MovementKind.GIFT_RECEIVED
    return (
        moved(giver, "gift#g1#sent", kind=sent, reduction_mg=-100_000, backing=BACKING),
        moved(receiver, "gift#g1#received", kind=received, reduction_mg=100_000, backing=BACKING),
    )


def test_both_sides_of_a_gift_are_committed_together(ledger):
    sent, received = gift(ledger)
    ledger.accounts.commit(sent, received)
    assert (load(ledger, "a1"), load(ledger, "a2")) == (sent.after, received.after)
    assert lines(ledger, "a1") == list(sent.movements)
    assert lines(ledger, "a2") == list(received.movements)


@pytest.mark.parametrize("stale", ["a1", "a2"])
def test_where_one_account_has_changed_nothing_is_committed(ledger, stale):
    sent, received = gift(ledger)
    before = (sent if stale == "a1" else received).before
    assert before is not None
    moved_on = replace(before, version=before.version + 1)
    ledger.accounts.commit(AccountChange(before, moved_on))
    standing = load(ledger, "a1"), load(ledger, "a2")
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(sent, received)
    assert (load(ledger, "a1"), load(ledger, "a2")) == standing
    assert lines(ledger, "a1") == lines(ledger, "a2") == []


@pytest.mark.parametrize("taken", ["gift#g1#sent", "gift#g1#received"])
def test_where_a_lines_key_is_taken_nothing_is_committed_and_it_is_named(ledger, taken):
    sent, received = gift(ledger)
    third = moved(holding(ledger, "a3"), taken)
    ledger.accounts.commit(third)
    standing = load(ledger, "a1"), load(ledger, "a2")
    with pytest.raises(EntriesExistError) as known:
        ledger.accounts.commit(sent, received)
    assert known.value.digests == {taken: f"digest of {taken}"}
    assert (load(ledger, "a1"), load(ledger, "a2")) == standing
    assert lines(ledger, "a1") == lines(ledger, "a2") == []
    assert lines(ledger, "a3") == list(third.movements)


def test_a_gift_whose_reply_was_lost_is_told_with_the_keys_of_both_sides(ledger):
    sent, received = gift(ledger)
    ledger.accounts.commit(sent, received)
    with pytest.raises(EntriesExistError) as known:
        ledger.accounts.commit(sent, received)
    assert known.value.digests == {
        "gift#g1#sent": "digest of gift#g1#sent",
        "gift#g1#received": "digest of gift#g1#received",
    }
    assert (load(ledger, "a1"), load(ledger, "a2")) == (sent.after, received.after)


def test_a_taken_key_of_one_side_is_told_even_where_the_other_side_is_stale(ledger):
    sent, received = gift(ledger)
    stale = replace(sent, before=opened(ledger, "a4", "another"))
    ledger.accounts.commit(moved(holding(ledger, "a3"), "gift#g1#received"))
    with pytest.raises(EntriesExistError) as known:
        ledger.accounts.commit(stale, received)
    assert set(known.value.digests) == {"gift#g1#received"}


def test_a_movement_cannot_take_the_key_of_an_entry_or_an_entry_that_of_a_movement(ledger):
    before = consented(ledger)
    decision = decide_credits(before, [a_posting("ride-1")], BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, decision.account, decision.entries))
    with pytest.raises(EntriesExistError):
        ledger.accounts.commit(moved(decision.account, "event#metro-demo#ride-1"))
    change = moved(decision.account, "event#metro-demo#ride-2")
    ledger.accounts.commit(change)
    late = decide_credits(change.after, [a_posting("ride-2")], BOOKED_AT)
    with pytest.raises(EntriesExistError):
        ledger.accounts.commit(AccountChange(change.after, late.account, late.entries))
    assert load(ledger, "a1") == change.after


# Documents in the commit of an account


def test_documents_are_committed_with_an_account(ledger):
    note = Note("a1", "n1", "first")
    change = moved(opened(ledger), "retirement#r1")
    ledger.accounts.commit(replace(change, documents=(Write(note), Write(Note("b1", "stock")))))
    assert ledger.documents.get(Note, "a1", "n1") == note
    assert ledger.documents.get(Note, "b1", "stock") == Note("b1", "stock")
    following = moved(change.after, "retirement#r2")
    write = Write(note.saying("second"), note)
    ledger.accounts.commit(replace(following, documents=(write,)))
    assert ledger.documents.get(Note, "a1", "n1") == note.saying("second")
    assert load(ledger, "a1") == following.after


@pytest.mark.parametrize("place", [0, 1])
def test_where_a_document_has_changed_nothing_is_committed(ledger, place):
    """Whichever account's change it goes with."""
    note = Note("b1", "stock", "one left")
    ledger.documents.put(Write(note))
    changes = list(gift(ledger))
    mine, fresh = Write(note.saying("mine"), note), Write(Note("a1", "n1"))
    changes[place] = replace(changes[place], documents=(fresh, mine))
    ledger.documents.put(Write(note.saying("theirs"), note))
    standing = load(ledger, "a1"), load(ledger, "a2")
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(*changes)
    assert (load(ledger, "a1"), load(ledger, "a2")) == standing
    assert lines(ledger, "a1") == lines(ledger, "a2") == []
    assert ledger.documents.get(Note, "b1", "stock") == note.saying("theirs")
    assert ledger.documents.get(Note, "a1", "n1") is None


def test_a_new_document_where_one_stands_refuses_the_commit(ledger):
    note = Note("a1", "n1", "first")
    ledger.documents.put(Write(note))
    before = opened(ledger)
    change = moved(before, "retirement#r1")
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(replace(change, documents=(Write(Note("a1", "n1", "second")),)))
    assert (load(ledger, "a1"), lines(ledger, "a1")) == (before, [])
    assert ledger.documents.get(Note, "a1", "n1") == note


def test_where_an_account_has_changed_its_documents_are_not_put(ledger):
    before = opened(ledger)
    ledger.accounts.commit(moved(before, "retirement#r1"))
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(
            replace(moved(before, "retirement#r2"), documents=(Write(Note("a1", "n1")),))
        )
    assert ledger.documents.get(Note, "a1", "n1") is None


# Accounts with lapsed points


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_every_account_with_lapsed_points_is_found_once_whatever_the_limit(ledger, limit):
    lapsed, lasting = {YEAR_END: 1, NEXT_END: 2}, {NEXT_END: 5}
    for account_id, available in (("a1", lapsed), ("a2", lasting), ("a4", {YEAR_END: 4})):
        holding(ledger, account_id, points=PointsBalance(available))
    holding(ledger, "a3", points=PointsBalance(held=3))
    holding(ledger, "a5")
    assert walk_lapsed(ledger, date(2026, 12, 31), limit) == []
    assert walk_lapsed(ledger, date(2027, 1, 1), limit) == ["a1", "a4"]
    assert walk_lapsed(ledger, date(2028, 1, 1), limit) == ["a1", "a2", "a4"]


def walk_lapsed(ledger: Ledger, today: date, limit: int) -> list[str]:
    found: list[str] = []
    after = None
    for _ in range(30):
        ids, after = ledger.accounts.with_lapsed_points(today, limit=limit, after=after)
        assert len(ids) <= limit
        found += ids
        if after is None:
            return sorted(found)
    raise AssertionError("The pages have no end.")
