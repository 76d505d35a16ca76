"""An account on its way through a decision: what has lapsed goes first, time never goes back."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.account import open_account
from shared.domain.errors import AccountInDebtError, InsufficientReductionsError
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsBalance, PointsChange
from tests.support.builders import BOOKED_AT, OPENED_AT, at

YEAR, NEXT, AFTER = date(2026, 12, 31), date(2027, 12, 31), date(2028, 12, 31)
NEW_YEAR = at("2027-01-01T00:00:00+08:00")
MS = timedelta(milliseconds=1)


def an_owner(**facts):
    """Return an account with 1,000 mg and what `facts` say."""
    total = replace(NOTHING, count=1, reduction_mg=1_000)
    return replace(open_account("a1", OPENED_AT), total=total, seq=7, version=9, **facts)


def retire(moving, key="retirement#r1", reduction_mg=-400):
    return moving.move(
        MovementKind.RETIREMENT,
        key=key,
        about="r1",
        payload_digest="d",
        reduction_mg=reduction_mg,
    )


def test_a_movement_is_the_next_line_of_its_account():
    before = an_owner()
    moving = Moving.begin(before, BOOKED_AT)
    line = retire(moving)
    assert (line.account_id, line.seq, line.booked_at) == ("a1", 8, BOOKED_AT)
    assert (line.key, line.about, line.previous_hash) == ("retirement#r1", "r1", "0" * 64)
    assert moving.movements == [line]
    assert moving.account.available_mg == 600
    assert (moving.after.seq, moving.after.chain_head) == (8, line.hash)
    assert moving.after.last_booked_at == BOOKED_AT


def test_several_movements_follow_one_another_in_one_change():
    moving = Moving.begin(an_owner(), BOOKED_AT)
    first, second = retire(moving), retire(moving, "retirement#r2", -600)
    assert (first.seq, second.seq, second.previous_hash) == (8, 9, first.hash)
    assert (moving.after.available_mg, moving.after.version) == (0, 10)
    assert moving.before == an_owner()


def test_a_change_without_a_movement_still_raises_the_version():
    assert Moving.begin(an_owner(), BOOKED_AT).after == replace(an_owner(), version=10)


def test_a_movement_is_never_booked_before_what_the_account_knows():
    ahead = BOOKED_AT + timedelta(seconds=2)
    moving = Moving.begin(an_owner(last_booked_at=ahead), BOOKED_AT)
    assert retire(moving).booked_at == moving.now == ahead


# What can be spent


@pytest.mark.parametrize("reduction_mg", [0, 1, 1_000])
def test_what_is_there_can_be_spent(reduction_mg):
    Moving.begin(an_owner(), BOOKED_AT).spend(reduction_mg)


@pytest.mark.parametrize("reduction_mg", [-1, 1_001])
def test_more_than_there_is_or_less_than_nothing_cannot_be_spent(reduction_mg):
    with pytest.raises(InsufficientReductionsError):
        Moving.begin(an_owner(), BOOKED_AT).spend(reduction_mg)


def test_what_was_moved_on_the_way_is_not_there_any_more():
    moving = Moving.begin(an_owner(), BOOKED_AT)
    retire(moving)
    moving.spend(600)
    with pytest.raises(InsufficientReductionsError):
        moving.spend(601)


def test_what_is_on_hold_cannot_be_spent():
    moving = Moving.begin(an_owner(moved_mg=-900, held_mg=900), BOOKED_AT)
    moving.spend(100)
    with pytest.raises(InsufficientReductionsError):
        moving.spend(101)


@pytest.mark.parametrize("reduction_mg", [0, 1])
def test_who_owes_reductions_can_spend_nothing(reduction_mg):
    moving = Moving.begin(an_owner(moved_mg=-1_500), BOOKED_AT)
    assert moving.account.debt_mg == 500
    with pytest.raises(AccountInDebtError):
        moving.spend(reduction_mg)


def test_who_owes_points_can_spend_no_reductions_either():
    moving = Moving.begin(an_owner(points=PointsBalance(debt=1)), BOOKED_AT)
    with pytest.raises(AccountInDebtError):
        moving.spend(1)


# What has lapsed


def test_lapsed_points_are_booked_before_anything_else():
    points = PointsBalance({YEAR: 4, NEXT: 9}, held=2)
    moving = Moving.begin(an_owner(points=points), NEW_YEAR)
    retired = retire(moving)
    [lapse, _] = moving.movements
    assert (lapse.kind, lapse.key, lapse.about) == (MovementKind.LAPSE, "lapse#a1#8", "2026-12-31")
    assert lapse.points == PointsChange({YEAR: -4})
    assert (lapse.reduction_mg, lapse.held_mg, lapse.booked_at) == (0, 0, NEW_YEAR)
    assert (retired.seq, retired.previous_hash) == (9, lapse.hash)
    assert moving.account.points == PointsBalance({NEXT: 9}, held=2)


def test_on_their_last_day_points_have_not_lapsed():
    points = PointsBalance({YEAR: 4})
    moving = Moving.begin(an_owner(points=points), NEW_YEAR - MS)
    assert (moving.movements, moving.account.points) == ([], points)


def test_several_years_lapse_in_one_line_that_names_the_last():
    points = PointsBalance({YEAR: 4, NEXT: 9, AFTER: 1})
    moving = Moving.begin(an_owner(points=points), at("2028-01-01T00:00:00+08:00"))
    [lapse] = moving.movements
    assert (lapse.about, lapse.points) == ("2027-12-31", PointsChange({YEAR: -4, NEXT: -9}))


def test_what_has_lapsed_is_booked_once():
    points = PointsBalance({YEAR: 4})
    moving = Moving.begin(an_owner(points=points), NEW_YEAR)
    assert len(moving.movements) == 1
    assert Moving.begin(moving.after, NEW_YEAR).movements == []


def test_points_that_come_back_after_their_last_day_lapse_in_a_line_of_their_own():
    hold = PointsBalance({YEAR: 4}).holding(3, YEAR)
    held = an_owner(points=PointsBalance({YEAR: 1}, held=3))
    moving = Moving.begin(held, NEW_YEAR)
    moving.move(
        MovementKind.RELEASE,
        key="redemption#d1#end",
        about="d1",
        payload_digest="d",
        points=moving.account.points.releasing(hold),
    )
    assert moving.account.points.spendable(date(2027, 1, 1)) == 0
    moving.lapse()
    assert [line.key for line in moving.movements] == [
        "lapse#a1#8", "redemption#d1#end", "lapse#a1#10",
    ]  # fmt: skip
    assert moving.after.points == PointsBalance()


# What arrives


@pytest.mark.parametrize(
    "kind",
    [MovementKind.GIFT_RECEIVED, MovementKind.SPLIT_RECEIVED, MovementKind.SPLIT_RECOVERED],
)
def test_what_arrives_says_what_it_is_made_of(kind):
    """Else it would be a lot of nothing, of which no part could ever be taken."""
    moving = Moving.begin(an_owner(), BOOKED_AT)
    facts: dict[str, Any] = {"key": "gift#g1#received", "about": "g1", "payload_digest": "d"}
    backing = Sum(1, 400, grades_mg=(400, 0, 0, 0, 0))
    with pytest.raises(AssertionError):
        moving.move(kind, reduction_mg=400, **facts)
    with pytest.raises(AssertionError):
        moving.move(kind, reduction_mg=401, backing=backing, **facts)
    assert moving.move(kind, reduction_mg=400, backing=backing, **facts).backing == backing
