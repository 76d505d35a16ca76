"""What there is to spend, as of any instant, and what became of each lot."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.application.expire_points import expire_points, last_lapse
from shared.application.get_account import get_account, get_account_as_of
from shared.application.list_movements import list_movements
from shared.application.ports import AccountChange
from shared.application.trace_lot import trace_lot
from shared.application.tracing import LINES_MAX, all_lines
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    AccountNotFoundError,
    BusyError,
    InvalidCursorError,
    LotNotFoundError,
    TooManyLinesError,
)
from shared.domain.lots import Fate
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsTerms
from shared.domain.points_sweep import PointsSweep
from shared.domain.reversing import ReversalReason, decide_reversal
from shared.runtime.wire import AccountBody, ReductionsBody
from tests.support.builders import BOOKED_AT, a_posting, an_account, at
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, busy, no_pause

# Two points for a ride and ten for a kilogram: 4 for 204.608 g.
TERMS = PointsTerms("test@1", 2, 10, 60, 600, date(2027, 12, 31))
NEW_YEAR = at("2028-01-01T00:40:00+08:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def store():
    """a1 of `me` rode at BOOKED_AT and an hour later, and retired 100 g another hour later."""
    store = Store()
    account = store.add(an_account("a1"), "me")
    store.add(an_account("a2"), "you")
    for number in (1, 2):
        decision = decide_credits(
            account, [a_posting(f"ride-{number}", points=TERMS)], BOOKED_AT + (number - 1) * HOUR
        )
        FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
        account = decision.account
    moving = Moving.begin(account, BOOKED_AT + 2 * HOUR)
    moving.move(
        MovementKind.RETIREMENT,
        key="retirement#r1",
        about="r1",
        payload_digest="d",
        reduction_mg=-300_000,
    )
    change = AccountChange(account, moving.after, movements=tuple(moving.movements))
    FakeAccounts(store).commit(change)
    return store


def as_of(store, instant, subject="me"):
    return get_account_as_of(
        FakeAccounts(store), FakeEntries(store), subject_hash=subject, as_of=instant
    )


@pytest.mark.parametrize(
    ("hours", "reduction_mg", "available_mg", "points", "lines"),
    [(-1, 0, 0, 0, 0), (0, 204_608, 204_608, 4, 1), (1, 409_216, 409_216, 8, 2),
     (2, 409_216, 109_216, 8, 3)],
)  # fmt: skip
def test_balances_are_those_of_the_instant(store, hours, reduction_mg, available_mg, points, lines):
    then = as_of(store, BOOKED_AT + hours * HOUR)
    assert (then.reduction_mg, then.available_mg) == (reduction_mg, available_mg)
    assert (then.points.spendable(date(2026, 11, 10)), then.seq) == (points, lines)


def test_as_of_now_an_account_is_as_it_stands_but_for_what_is_no_balance(store):
    now = get_account(FakeAccounts(store), subject_hash="me")
    assert as_of(store, BOOKED_AT + 3 * HOUR) == now


def test_what_was_taken_back_after_it_was_spent_is_owed_from_then_on(store):
    """409.216 g less the 300 g that were retired; then 204.608 g and four points are taken back."""
    account = store.accounts["a1"]
    reversal = decide_reversal(
        account,
        store.entries["event#metro-demo#ride-1"],
        reason=ReversalReason.DID_NOT_HAPPEN,
        requested_by="partner#metro-demo",
        salt="5a" * 16,
        now=BOOKED_AT + 3 * HOUR,
    )
    assert reversal.account is not None
    FakeAccounts(store).commit(AccountChange(account, reversal.account, (reversal.entry,)))
    then = as_of(store, BOOKED_AT + 2 * HOUR)
    assert (then.available_mg, then.debt_mg) == (109_216, 0)
    now = as_of(store, BOOKED_AT + 3 * HOUR)
    assert now == get_account(FakeAccounts(store), subject_hash="me")
    assert (now.reduction_mg, now.available_mg, now.debt_mg) == (204_608, -95_392, 95_392)
    body = AccountBody.of(now, BOOKED_AT + 3 * HOUR)
    assert body.reductions == ReductionsBody(available_mg=0, on_hold_mg=0, debt_mg=95_392)
    assert (body.points.available, body.points.debt) == (4, 0)
    with pytest.raises(AccountInDebtError):
        Moving.begin(now, BOOKED_AT + 4 * HOUR).spend(1)


def test_what_a_reader_cannot_see_yet_is_waited_for(store):
    account = store.accounts["a1"]
    lagging = {key: entry for key, entry in store.entries.items() if entry.seq != 2}
    store.entries = lagging
    with pytest.raises(BusyError):
        all_lines(FakeEntries(store), account)


def test_what_was_booked_after_the_account_was_read_is_for_the_next_look(store):
    older = replace(store.accounts["a1"], seq=2)
    assert [line.seq for line in all_lines(FakeEntries(store), older)] == [1, 2]


def test_an_account_with_too_many_lines_is_refused_before_reading_them(store):
    store.calls.clear()
    with pytest.raises(TooManyLinesError):
        all_lines(FakeEntries(store), replace(store.accounts["a1"], seq=LINES_MAX + 1))
    assert store.calls == []


def test_movements_are_listed_newest_first_a_page_at_a_time(store):
    account = store.accounts["a1"]
    moving = Moving.begin(account, BOOKED_AT + 3 * HOUR)
    moving.move(
        MovementKind.RETIREMENT, key="retirement#r2", about="r2", payload_digest="d",
        reduction_mg=-1,
    )  # fmt: skip
    FakeAccounts(store).commit(
        AccountChange(account, moving.after, movements=tuple(moving.movements))
    )

    def page(limit, cursor=None, instant=None, subject="me"):
        found, after = list_movements(
            FakeAccounts(store), FakeEntries(store), subject_hash=subject, as_of=instant,
            limit=limit, cursor=cursor,
        )  # fmt: skip
        return [movement.about for movement in found], after

    assert page(10) == (["r2", "r1"], None)
    first, cursor = page(1)
    assert (first, page(1, cursor)[0]) == (["r2"], ["r1"])
    assert page(10, instant=BOOKED_AT + 2 * HOUR)[0] == ["r1"]
    assert page(10, subject="you") == ([], None)
    with pytest.raises(InvalidCursorError):
        page(1, cursor, subject="you")


def test_a_lots_history_names_every_line_that_took_from_it(store):
    first, second = (entry.hash for entry in store.entries_of("a1"))

    def traced(lot, subject="me"):
        return trace_lot(FakeAccounts(store), FakeEntries(store), subject_hash=subject, lot=lot)

    oldest = traced(first)
    assert oldest.lot.fates() == {Fate.RETIRED: 204_608}
    assert [(part.reduction_mg, line.seq) for part, line in oldest.parts] == [(204_608, 3)]
    assert traced(second).lot.fates() == {Fate.AVAILABLE: 109_216, Fate.RETIRED: 95_392}
    for lot, subject in ((first, "you"), ("f" * 64, "me")):
        with pytest.raises(LotNotFoundError):
            traced(lot, subject)
    with pytest.raises(AccountNotFoundError):
        traced(first, "nobody")


# Points that lapse


def sweep(store, now=NEW_YEAR, has_time=lambda: True):
    accounts = FakeAccounts(store)
    return expire_points(
        accounts, accounts, FakeDocuments(store), now=now, has_time=has_time, pause=no_pause
    )


def test_points_lapse_when_their_last_day_is_over_and_not_before(store):
    assert sweep(store, at("2027-12-31T23:59:59+08:00")).lapsed == 0
    swept = sweep(store)
    assert (swept.accounts, swept.lapsed, swept.is_done) == (1, 8, True)
    assert store.accounts["a1"].points.amount == 0
    lapse = store.movements["lapse#a1#4"]
    assert (lapse.kind, lapse.about) == (MovementKind.LAPSE, "2027-12-31")
    assert lapse.points.available == {date(2027, 12, 31): -8}
    assert store.accounts["a1"].available_mg == 109_216


def test_a_sweep_that_is_through_does_nothing_again(store):
    sweep(store)
    store.calls.clear()
    assert (sweep(store).accounts, store.calls) == (0, [])


def test_a_sweep_without_time_goes_on_where_it_was(store):
    for number in range(3, 8):
        copy = replace(store.accounts["a1"], account_id=f"a{number}", seq=0)
        store.add(copy, f"subject-{number}")
    turns = iter([True, False, True, False, True, True, True, True, True])
    first = sweep(store, has_time=lambda: next(turns))
    assert first.is_done is False
    runs = [first]
    while not runs[-1].is_done:
        runs.append(sweep(store, has_time=lambda: next(turns)))
    assert sum(each.lapsed for each in runs) == 6 * 8
    assert not any(account.points.amount for account in store.accounts.values())


def test_a_sweep_whose_answer_was_lost_books_nothing_twice(store):
    store.lost_replies = 1
    assert sweep(store).is_done is True
    assert [each.kind for each in store.movements.values()].count(MovementKind.LAPSE) == 1


def test_a_sweep_of_a_busy_store_is_left_to_the_next_run(store):
    store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        sweep(store)
    assert sweep(store).lapsed == 8


def test_the_newest_last_day_is_the_end_of_the_year_before():
    assert last_lapse(date(2028, 1, 1)) == date(2027, 12, 31)
    assert last_lapse(date(2027, 12, 31)) == date(2026, 12, 31)
    assert PointsSweep(date(2027, 12, 31)).name == "2027-12-31"
