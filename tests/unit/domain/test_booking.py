"""Every balance is the fold of its lines, and of nothing else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.account import Account
from shared.domain.booking import book, points_change
from shared.domain.crediting import decide_credits
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.points import NO_CHANGE, PointsBalance, PointsChange, PointsTerms
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import BOOKED_AT, OPENED_AT, a_posting, an_account, an_entry

YEAR, NEXT = date(2026, 12, 31), date(2027, 12, 31)
TERMS = PointsTerms("test@1", 2, 10, 60, 600, NEXT)
EMPTY = Account("a1", OPENED_AT)


def a_movement(**facts):
    base = Movement(
        key="redemption#d1#hold",
        kind=MovementKind.HOLD,
        account_id="a1",
        seq=5,
        booked_at=BOOKED_AT,
        about="d1",
        payload_digest="d",
        previous_hash="c" * 64,
    )
    return replace(base, **facts)


def test_an_entry_adds_to_the_total_and_leaves_what_was_moved_alone():
    entry = an_entry("ride-1", reduction_mg=204_608, points=TERMS)
    after = book(replace(EMPTY, moved_mg=-7, held_mg=3), entry)
    assert (after.reduction_mg, after.moved_mg, after.held_mg) == (204_608, -7, 3)
    assert (after.available_mg, after.debt_mg) == (204_601, 0)
    assert (after.seq, after.chain_head, after.last_booked_at) == (1, entry.hash, BOOKED_AT)
    assert after.points == PointsBalance({NEXT: 4})


def test_a_movement_leaves_the_total_alone():
    before = book(EMPTY, an_entry("ride-1", reduction_mg=204_608))
    line = a_movement(reduction_mg=-200_000, held_mg=200_000)
    after = book(before, line)
    assert after.total == before.total
    assert (after.available_mg, after.moved_mg, after.held_mg) == (4_608, -200_000, 200_000)
    assert (after.seq, after.chain_head) == (5, line.hash)


def test_the_version_is_not_a_lines_to_raise():
    assert book(replace(EMPTY, version=4), a_movement()).version == 4


def test_more_than_is_on_hold_cannot_come_from_there():
    before = replace(EMPTY, held_mg=5)
    assert book(before, a_movement(kind=MovementKind.SETTLEMENT, held_mg=-5)).held_mg == 0
    with pytest.raises(AssertionError):
        book(before, a_movement(kind=MovementKind.SETTLEMENT, held_mg=-6))


def test_what_was_spent_and_then_reversed_is_owed_and_paid_by_the_next_credit():
    entry = an_entry("ride-1", reduction_mg=1_000)
    spent = book(book(EMPTY, entry), a_movement(reduction_mg=-800))
    reversal = decide_reversal(
        spent,
        entry,
        reason=ReversalReason.FRAUD,
        requested_by="metro-demo",
        salt="5a" * 16,
        now=BOOKED_AT,
    )
    assert reversal.account is not None
    assert (reversal.account.available_mg, reversal.account.debt_mg) == (-800, 800)
    paid = book(reversal.account, an_entry("ride-2", reduction_mg=900))
    assert (paid.available_mg, paid.debt_mg, paid.reduction_mg) == (100, 0, 900)


def test_the_lines_alone_make_the_account():
    """The same as was decided, but for what is no balance."""
    account = an_account()
    lines: list[Line] = []
    for number in range(3):
        posting = a_posting(f"ride-{number}", points=TERMS)
        decision = decide_credits(account, [posting], BOOKED_AT + number * timedelta(hours=1))
        account = decision.account
        lines += decision.entries
    folded = EMPTY
    for line in lines:
        folded = book(folded, line)
    assert folded == Account(
        "a1",
        OPENED_AT,
        seq=3,
        total=account.total,
        chain_head=account.chain_head,
        last_booked_at=BOOKED_AT + timedelta(hours=2),
        points=PointsBalance({NEXT: 12}),
    )


# Points


@pytest.mark.parametrize(
    ("points", "before", "change"),
    [
        (5, PointsBalance(), PointsChange({NEXT: 5})),
        (5, PointsBalance(debt=3), PointsChange({NEXT: 2}, debt=-3)),
        (-5, PointsBalance({NEXT: 9}), PointsChange({NEXT: -5})),
        (-5, PointsBalance({YEAR: 1, NEXT: 2}), PointsChange({NEXT: -2, YEAR: -1}, debt=2)),
        (0, PointsBalance({NEXT: 9}), NO_CHANGE),
    ],
    ids=["earned", "earned while owing", "taken back", "taken back and owed", "nothing"],
)
def test_what_an_entry_changes_hangs_on_what_is_owed_and_there(points, before, change):
    entry = replace(an_entry("ride-1"), points=points, spend_by=NEXT)
    assert points_change(before, entry) == change
    assert book(replace(EMPTY, points=before), entry).points == before.after(change)


def test_an_entry_of_a_time_without_a_policy_changes_no_points():
    assert points_change(PointsBalance({NEXT: 9}), an_entry("ride-1")) == NO_CHANGE


def test_what_a_movement_changes_is_what_it_says():
    change = PointsChange({NEXT: -4}, held=4)
    line = a_movement(points=change)
    assert points_change(PointsBalance({NEXT: 9}), line) == change
    after = book(replace(EMPTY, points=PointsBalance({NEXT: 9})), line)
    assert after.points == PointsBalance({NEXT: 5}, held=4)
