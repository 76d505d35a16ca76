"""Points by their last day: earned, spent, lapsed, owed and put aside. NEXT comes after YEAR."""

from datetime import date, timedelta

import pytest

from shared.domain.errors import InsufficientPointsError
from shared.domain.points import (
    DAY_CAP_MAX,
    DAYS_KEPT,
    MONTH_CAP_MAX,
    NO_CHANGE,
    PointsBalance,
    PointsChange,
    PointsEarned,
    PointsTerms,
    settled,
)

YEAR, NEXT, AFTER = date(2026, 12, 31), date(2027, 12, 31), date(2028, 12, 31)
IN_YEAR, IN_NEXT, IN_AFTER = date(2026, 11, 10), date(2027, 6, 1), date(2028, 6, 1)
DAY = timedelta(days=1)


def terms(per_credit=2, per_kg=10, day_cap=60, month_cap=600):
    return PointsTerms("test@1", per_credit, per_kg, day_cap, month_cap, NEXT)


def balance(year=0, following=0, held=0, debt=0):
    available = {last: amount for last, amount in ((YEAR, year), (NEXT, following)) if amount}
    return PointsBalance(available, held, debt)


# What a policy offers


@pytest.mark.parametrize(
    ("reduction_mg", "points"),
    [
        (0, 2),
        (99_999, 2),
        (100_000, 3),
        (204_608, 4),
        (999_999, 11),
        (1_000_000, 12),
        (1_099_999, 12),
        (1_100_000, 13),
    ],
)
def test_a_credit_earns_for_itself_and_for_each_kilogram_rounded_down(reduction_mg, points):
    assert terms(per_credit=2, per_kg=10).for_credit(reduction_mg) == points


def test_a_policy_may_reward_the_credit_alone_or_the_kilograms_alone():
    assert terms(per_credit=5, per_kg=0).for_credit(9_000_000) == 5
    assert terms(per_credit=0, per_kg=10).for_credit(99_999) == 0


@pytest.mark.parametrize(
    ("credited_mg", "earned", "points"),
    [
        # 25,576 mg earned 2, and 204,608 mg would have earned 4.
        (204_608, 2, 2),
        (25_576, 2, 0),
        # Two halves of a kilogram's tenth are one point: nothing is lost by being told in two.
        (100_000, 2, 1),
        # What a correction took off the reductions was never taken from the points.
        (1_000_000, 12, 0),
        (500_000, 12, 0),
        # The caps left nothing then; what they leave now is another matter.
        (204_608, 0, 4),
    ],
)
def test_a_completion_earns_what_was_not_earned_yet(credited_mg, earned, points):
    assert terms().for_completion(credited_mg, earned) == points


@pytest.mark.parametrize(
    "facts",
    [
        {"per_credit": -1},
        {"per_kg": -1},
        {"day_cap": 0},
        {"day_cap": DAY_CAP_MAX + 1},
        {"month_cap": 0},
        {"month_cap": MONTH_CAP_MAX + 1},
    ],
)
def test_terms_that_take_away_or_have_no_sound_cap_are_refused(facts):
    with pytest.raises(ValueError, match=r"takes nothing away|cap is at most"):
        terms(**facts)


def test_caps_at_their_limits_are_allowed():
    assert terms(day_cap=DAY_CAP_MAX, month_cap=MONTH_CAP_MAX).day_cap == 1_000


# Caps


def test_a_day_and_a_month_have_room_up_to_their_caps():
    earned = PointsEarned()
    assert earned.room(terms(day_cap=10, month_cap=25), IN_YEAR) == 10
    earned = earned.counted(7, IN_YEAR)
    assert earned.room(terms(day_cap=10, month_cap=25), IN_YEAR) == 3
    assert earned.room(terms(day_cap=10, month_cap=25), IN_YEAR - DAY) == 10


def test_a_month_that_is_full_leaves_no_room_on_any_of_its_days():
    earned = PointsEarned().counted(10, IN_YEAR).counted(10, IN_YEAR + DAY)
    assert earned.room(terms(day_cap=10, month_cap=25), IN_YEAR - DAY) == 5
    assert earned.counted(5, IN_YEAR - DAY).room(terms(day_cap=10, month_cap=25), IN_YEAR) == 0
    assert earned.room(terms(day_cap=10, month_cap=25), date(2026, 12, 1)) == 10


def test_a_cap_that_was_lowered_since_leaves_no_room_and_takes_nothing_back():
    assert PointsEarned().counted(9, IN_YEAR).room(terms(day_cap=5), IN_YEAR) == 0


def test_nothing_earned_leaves_the_counters_alone():
    assert PointsEarned().counted(0, IN_YEAR) == PointsEarned()


def test_a_late_day_counts_for_itself_whatever_was_counted_since():
    earned = PointsEarned().counted(4, IN_YEAR).counted(3, IN_YEAR - 31 * DAY)
    assert earned.room(terms(day_cap=10), IN_YEAR) == 6
    assert earned.room(terms(day_cap=10), IN_YEAR - 31 * DAY) == 7
    assert earned.room(terms(day_cap=10), IN_YEAR - 30 * DAY) == 10


def test_a_day_that_is_out_of_reach_has_no_room_because_nobody_knows_what_it_earned():
    """Else what comes from dead letters would earn without any cap."""
    earned = PointsEarned().counted(1, IN_YEAR)
    oldest = IN_YEAR - (DAYS_KEPT - 1) * DAY
    assert earned.room(terms(day_cap=10), oldest) == 10
    assert earned.counted(10, oldest).room(terms(day_cap=10), oldest) == 0
    assert earned.room(terms(day_cap=10), oldest - DAY) == 0


def test_the_first_day_of_all_is_in_reach_however_long_ago():
    assert PointsEarned().room(terms(), date(2020, 2, 29)) == 60


# Earning and owing


def test_what_is_earned_can_be_spent_until_its_last_day():
    after = balance(year=3).after(balance(year=3).earning(5, NEXT))
    assert after == balance(year=3, following=5)
    assert (after.amount, after.spendable(YEAR), after.spendable(YEAR + DAY)) == (8, 8, 5)
    assert (after.spendable(NEXT), after.spendable(NEXT + DAY)) == (5, 0)


@pytest.mark.parametrize(
    ("debt", "amount", "change", "after"),
    [
        (0, 5, PointsChange({NEXT: 5}), balance(following=5)),
        (3, 5, PointsChange({NEXT: 2}, debt=-3), balance(following=2)),
        (5, 5, PointsChange({}, debt=-5), balance()),
        (9, 5, PointsChange({}, debt=-5), balance(debt=4)),
        (9, 0, PointsChange({}), balance(debt=9)),
    ],
)
def test_what_is_earned_pays_what_is_owed_first(debt, amount, change, after):
    owing = balance(debt=debt)
    assert owing.earning(amount, NEXT) == change
    assert owing.after(change) == after


@pytest.mark.parametrize(
    ("before", "spend_by", "change"),
    [
        # From its own year's first, then from the oldest, and what is missing is owed.
        (balance(4, 9), NEXT, PointsChange({NEXT: -6})),
        (balance(4, 5), NEXT, PointsChange({NEXT: -5, YEAR: -1})),
        (balance(4, 9), YEAR, PointsChange({YEAR: -4, NEXT: -2})),
        (balance(4, 9), AFTER, PointsChange({YEAR: -4, NEXT: -2})),
        (balance(1, 2), NEXT, PointsChange({NEXT: -2, YEAR: -1}, debt=3)),
        (balance(0, 0, held=9), NEXT, PointsChange({}, debt=6)),
        (balance(debt=1), NEXT, PointsChange({}, debt=6)),
    ],
    ids=["own", "own and older", "own, then younger", "neither", "owed", "on hold", "more owed"],
)
def test_six_points_are_taken_back(before, spend_by, change):
    assert before.taking_back(6, spend_by) == change
    after = before.after(change)
    assert after.amount - after.debt == before.amount - before.debt - 6
    assert after.held == before.held


def test_points_from_another_account_keep_their_days_and_pay_a_debt_by_the_oldest():
    given = {NEXT: 4, YEAR: 3}
    assert balance().receiving(given) == PointsChange({YEAR: 3, NEXT: 4})
    assert balance(debt=2).receiving(given) == PointsChange({YEAR: 1, NEXT: 4}, debt=-2)
    assert balance(debt=5).receiving(given) == PointsChange({NEXT: 2}, debt=-5)
    assert balance(debt=9).receiving(given) == PointsChange({}, debt=-7)


# Spending


def test_the_oldest_are_spent_first():
    before = balance(4, 9)
    assert before.spending(3, IN_YEAR) == PointsChange({YEAR: -3})
    assert before.spending(4, IN_YEAR) == PointsChange({YEAR: -4})
    assert before.spending(13, IN_YEAR) == PointsChange({YEAR: -4, NEXT: -9})
    assert before.spending(0, IN_YEAR) == NO_CHANGE


def test_what_has_lapsed_is_not_spent():
    assert balance(4, 9).spending(5, IN_NEXT) == PointsChange({NEXT: -5})
    with pytest.raises(InsufficientPointsError):
        balance(4, 9).spending(10, IN_NEXT)


@pytest.mark.parametrize("before", [balance(), balance(4, 5), balance(held=99), balance(debt=1)])
def test_more_than_there_is_cannot_be_spent(before):
    with pytest.raises(InsufficientPointsError):
        before.spending(10, IN_YEAR)


def test_spending_less_than_nothing_is_our_own_error():
    with pytest.raises(AssertionError):
        balance(4).spending(-1, IN_YEAR)


# Holds


def test_a_hold_sets_the_oldest_aside_and_leaves_the_sum_alone():
    before = balance(4, 9, held=1)
    change = before.holding(6, IN_YEAR)
    assert change == PointsChange({YEAR: -4, NEXT: -2}, held=6)
    assert before.after(change) == balance(0, 7, held=7)


def test_a_released_hold_puts_each_point_back_to_where_it_was():
    before = balance(4, 9, held=1)
    hold = before.holding(6, IN_YEAR)
    after = before.after(hold)
    assert after.after(after.releasing(hold)) == before


def test_a_settled_hold_is_gone():
    before = balance(4, 9)
    hold = before.holding(6, IN_YEAR)
    assert settled(hold) == PointsChange({}, held=-6)
    assert before.after(hold).after(settled(hold)) == balance(0, 7)


@pytest.mark.parametrize(
    ("debt", "back"),
    [
        (1, PointsChange({YEAR: 3, NEXT: 2}, held=-6, debt=-1)),
        (5, PointsChange({NEXT: 1}, held=-6, debt=-5)),
        (9, PointsChange({}, held=-6, debt=-6)),
    ],
)
def test_what_comes_back_from_a_hold_pays_what_is_owed_by_now(debt, back):
    """A reversal found the points on hold; they cannot come back and be spent again."""
    hold = balance(4, 2).holding(6, IN_YEAR)
    owing = balance(held=6, debt=debt)
    assert owing.releasing(hold) == back
    after = owing.after(back)
    assert (after.amount, after.debt, after.held) == (max(0, 6 - debt), max(0, debt - 6), 0)


# Lapsing


def test_points_lapse_when_their_last_day_is_over():
    before = balance(4, 9)
    assert before.lapsing(YEAR) == NO_CHANGE
    assert before.lapsing(YEAR + DAY) == PointsChange({YEAR: -4})
    assert before.lapsing(IN_AFTER) == PointsChange({YEAR: -4, NEXT: -9})


def test_what_is_on_hold_does_not_lapse():
    before = balance(held=4)
    assert before.lapsing(IN_AFTER) == NO_CHANGE


# What can never be


@pytest.mark.parametrize(
    "change",
    [
        PointsChange({YEAR: -5}),
        PointsChange({NEXT: -1}),
        PointsChange(held=-3),
        PointsChange(debt=-1),
        # A debt beside what could pay it: it would be spent while something is owed.
        PointsChange(debt=1),
    ],
)
def test_a_balance_below_zero_or_a_debt_that_could_be_paid_is_our_own_error(change):
    with pytest.raises(AssertionError):
        balance(4, held=2).after(change)


def test_a_day_on_which_nothing_is_left_is_forgotten():
    assert balance(4, 9).after(PointsChange({YEAR: -4})).available == {NEXT: 9}


def test_days_are_kept_in_their_order():
    after = balance(following=1).after(PointsChange({AFTER: 1, YEAR: 1}))
    assert list(after.available) == [YEAR, NEXT, AFTER]


def test_the_amount_of_a_change_is_that_of_what_can_be_spent():
    assert PointsChange({YEAR: -4, NEXT: 1}, held=9, debt=2).amount == -3
