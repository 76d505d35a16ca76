from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    GiftLimitReachedError,
    InsufficientPointsError,
    InsufficientReductionsError,
)
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.gift import Gift, GiftAllowance, GiftAmount, GiftDirection, give, receive
from shared.domain.lots import Fate, total_of, trace
from shared.domain.measurement import NOTHING, EvidenceGrade, Label, Spread
from shared.domain.movement import MovementKind
from shared.domain.points import PointsBalance, PointsTerms
from tests.support.builders import BOOKED_AT, a_posting, an_account

NEXT_YEAR, YEAR_AFTER = date(2027, 12, 31), date(2028, 12, 31)
# Two points for a ride and ten for a kilogram: 4 for 204.608 g.
TERMS = PointsTerms("test@1", 2, 10, 60, 600, NEXT_YEAR)
LATER = BOOKED_AT + timedelta(hours=1)
TODAY = date(2026, 11, 10)


def credited(account_id="a1", *postings):
    account = an_account(account_id)
    wanted = postings or (a_posting(f"ride-of-{account_id}", points=TERMS),)
    decision = decide_credits(account, wanted, BOOKED_AT)
    return decision.account, list(decision.entries)


def given(giver, wanted, lines=(), gift_id="g1"):
    backing = total_of(trace(lines).preview(wanted.reduction_mg))
    return give(giver, wanted, gift_id=gift_id, backing=backing, payload_digest="d", now=LATER)


def test_a_gift_is_of_points_or_of_reductions():
    for points, reduction_mg in ((0, 0), (1, 1), (-1, 0), (0, -1), (-1, 1)):
        with pytest.raises(ValueError, match="points or of reductions"):
            GiftAmount(points, reduction_mg)


def test_reductions_leave_with_what_they_are_made_of_and_come_as_the_same():
    provisional = a_posting(
        "ride-2", reduction_mg=100_000, spread=Spread(60_000, 80_000, 0),
        grade=EvidenceGrade.REPORTED, missing=("distance_km",),
    )  # fmt: skip
    giver, lines = credited("a1", a_posting("ride-1"), provisional)
    moving, sent = given(giver, GiftAmount(reduction_mg=254_608), lines)
    arriving, received = receive(an_account("a2"), sent, LATER)
    # All of the first ride, and half of the second with half its errors.
    assert sent.backing == received.backing
    assert sent.backing.reduction_mg == 254_608
    assert sent.backing.spread == Spread(34_000, 46_000, 9_000_000)
    assert sent.backing.grades_mg == (204_608, 0, 0, 0, 50_000)
    assert sent.backing.provisional_mg == 50_000
    assert sent.backing.label is Label.DERIVED
    assert (sent.reduction_mg, received.reduction_mg) == (-254_608, 254_608)
    assert (moving.after.available_mg, arriving.after.available_mg) == (50_000, 254_608)
    # What was measured stays where it was measured.
    assert (moving.after.reduction_mg, arriving.after.reduction_mg) == (304_608, 0)
    assert (sent.kind, received.kind) == (MovementKind.GIFT_SENT, MovementKind.GIFT_RECEIVED)
    assert (sent.key, received.key) == ("gift#g1#sent", "gift#g1#received")
    assert (sent.about, received.about) == ("g1", "g1")


def test_what_was_given_is_a_lot_of_the_receiver_with_a_fate_of_its_own():
    giver, lines = credited()
    _, sent = given(giver, GiftAmount(reduction_mg=150_000), lines)
    arriving, received = receive(an_account("a2"), sent, LATER)
    [mine] = trace([*lines, sent]).lots
    assert mine.fates() == {Fate.AVAILABLE: 54_608, Fate.GIVEN: 150_000}
    [theirs] = trace([received]).lots
    assert (theirs.lot, theirs.fates()) == (received.hash, {Fate.AVAILABLE: 150_000})
    # A part of it is given on.
    _, on = give(
        arriving.after, GiftAmount(reduction_mg=50_000), gift_id="g2", payload_digest="d",
        backing=total_of(trace([received]).preview(50_000)), now=LATER,
    )  # fmt: skip
    assert on.backing.reduction_mg == 50_000
    assert trace([received, on]).lots[0].fates() == {Fate.GIVEN: 50_000, Fate.AVAILABLE: 100_000}


def test_points_leave_oldest_first_and_keep_their_last_days():
    giver, _ = credited()
    giver = replace(giver, points=PointsBalance({NEXT_YEAR: 4, YEAR_AFTER: 5}))
    moving, sent = given(giver, GiftAmount(points=6))
    arriving, received = receive(an_account("a2"), sent, LATER)
    assert moving.after.points.available == {YEAR_AFTER: 3}
    assert arriving.after.points.available == {NEXT_YEAR: 4, YEAR_AFTER: 2}
    assert received.points.available == {NEXT_YEAR: 4, YEAR_AFTER: 2}
    assert (sent.reduction_mg, sent.backing) == (0, NOTHING)


def test_what_has_lapsed_is_not_given_but_booked():
    giver, _ = credited()
    giver = replace(giver, points=PointsBalance({date(2025, 12, 31): 3, NEXT_YEAR: 4}))
    with pytest.raises(InsufficientPointsError):
        given(giver, GiftAmount(points=5))
    moving, _ = given(giver, GiftAmount(points=4))
    assert [each.kind for each in moving.movements] == [
        MovementKind.LAPSE,
        MovementKind.GIFT_SENT,
    ]
    assert moving.after.points.amount == 0


def test_no_more_is_given_than_there_is():
    giver, lines = credited()
    with pytest.raises(InsufficientReductionsError):
        give(
            giver, GiftAmount(reduction_mg=204_609), gift_id="g1", backing=NOTHING,
            payload_digest="d", now=LATER,
        )  # fmt: skip
    with pytest.raises(InsufficientPointsError):
        given(giver, GiftAmount(points=5), lines)


@pytest.mark.parametrize("wanted", [GiftAmount(points=1), GiftAmount(reduction_mg=1)])
def test_who_owes_anything_gives_nothing(wanted):
    giver, _ = credited()
    owing_points = replace(giver, points=PointsBalance(debt=1))
    owing_reductions = replace(giver, moved_mg=-204_609)
    assert owing_reductions.debt_mg == 1
    for account in (owing_points, owing_reductions):
        with pytest.raises(AccountInDebtError):
            give(account, wanted, gift_id="g1", backing=NOTHING, payload_digest="d", now=LATER)


def test_what_comes_pays_what_is_owed_first():
    giver, lines = credited()
    owing = replace(an_account("a2"), moved_mg=-100_000, points=PointsBalance(debt=3))
    _, sent = given(giver, GiftAmount(reduction_mg=150_000), lines)
    arriving, _ = receive(owing, sent, LATER)
    assert (arriving.after.available_mg, arriving.after.debt_mg) == (50_000, 0)
    _, sent = given(giver, GiftAmount(points=4))
    arriving, received = receive(owing, sent, LATER)
    assert arriving.after.points == PointsBalance({NEXT_YEAR: 1})
    assert (received.points.amount, received.points.debt) == (1, -3)
    # All four came, whatever became of them.
    assert Gift.of(received).points == 4


def test_points_that_would_lapse_first_pay_what_is_owed():
    balance = PointsBalance(debt=5)
    change = balance.receiving({YEAR_AFTER: 4, NEXT_YEAR: 3})
    assert (change.available, change.debt) == ({YEAR_AFTER: 2}, -5)
    assert balance.after(change) == PointsBalance({YEAR_AFTER: 2})


def test_a_gift_leaves_the_sums_of_the_platform_as_they_were():
    giver, lines = credited()
    for wanted in (GiftAmount(points=3), GiftAmount(reduction_mg=1)):
        _, sent = given(giver, wanted, lines)
        _, received = receive(replace(an_account("a2"), points=PointsBalance(debt=2)), sent, LATER)
        before, after = (
            add_flows(map(flows_of, each)) for each in (lines, [*lines, sent, received])
        )
        assert is_balanced(after)
        assert after == before


def test_each_side_lists_the_gift_and_not_the_other_side():
    giver, lines = credited()
    _, sent = given(giver, GiftAmount(reduction_mg=150_000), lines)
    _, received = receive(an_account("a2"), sent, LATER)
    mine, theirs = Gift.of(sent), Gift.of(received)
    assert (mine.direction, theirs.direction) == (GiftDirection.SENT, GiftDirection.RECEIVED)
    assert (mine.owner, theirs.owner) == ("a1", "a2")
    assert mine.reduction.reduction_mg == theirs.reduction.reduction_mg == 150_000
    assert mine.name == "2026-11-10T05:00:00.000Z#g1#sent"
    assert "a2" not in repr(mine)
    assert "a1" not in repr(theirs)


def test_lines_follow_what_the_account_already_knows():
    # Another function's clock was ahead when the receiver's newest line was booked.
    giver, lines = credited()
    ahead = replace(an_account("a2"), last_booked_at=LATER + timedelta(seconds=5))
    _, sent = given(giver, GiftAmount(reduction_mg=1), lines)
    _, received = receive(ahead, sent, LATER)
    assert (sent.booked_at, received.booked_at) == (LATER, LATER + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("gifts", "last"),
    [
        ([GiftAmount(points=1)] * 10, GiftAmount(points=1)),
        ([GiftAmount(points=1_500), GiftAmount(points=500)], GiftAmount(points=1)),
        ([GiftAmount(reduction_mg=200_000_000)], GiftAmount(reduction_mg=1)),
    ],
)
def test_a_day_has_limits_and_the_next_day_begins_anew(gifts, last):
    allowance = GiftAllowance("a1", TODAY)
    for wanted in gifts:
        allowance = allowance.with_gift(wanted, TODAY)
    with pytest.raises(GiftLimitReachedError):
        allowance.with_gift(last, TODAY)
    next_day = allowance.with_gift(last, TODAY + timedelta(days=1))
    assert (next_day.count, next_day.version) == (1, len(gifts) + 1)
    assert (next_day.points, next_day.reduction_mg) == (last.points, last.reduction_mg)
