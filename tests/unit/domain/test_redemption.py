"""A hold, and its one end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import Account
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    InsufficientPointsError,
    InsufficientReductionsError,
    RedemptionEndedError,
)
from shared.domain.lots import Fate, trace
from shared.domain.movement import Line, MovementKind
from shared.domain.points import PointsBalance, PointsChange
from shared.domain.redemption import (
    TRANSITIONS,
    Redemption,
    RedemptionState,
    Step,
    end_hold,
    end_key,
    hold,
    is_redemption_id,
    redemption_id_for,
)
from tests.support.builders import a_posting, an_account, at
from tests.support.redeeming import NEXT_YEAR_END, NOW, YEAR_END, a_benefit, a_buyer

ENDS = sorted(set(RedemptionState) - {RedemptionState.HELD})


def held(account: Account | None = None, now=NOW, **price) -> Step:
    return hold(
        account or a_buyer(),
        a_benefit(**(price or {"points": 30, "reduction_mg": 500_000})),
        redemption_id="r1",
        block=2,
        request_digest="digest",
        now=now,
    )


def test_a_hold_sets_the_oldest_points_and_the_reductions_aside():
    step = held()
    assert step.after.points == PointsBalance({NEXT_YEAR_END: 70}, held=30)
    assert (step.after.available_mg, step.after.held_mg) == (1_500_000, 500_000)
    assert step.after.version == a_buyer().version + 1
    [movement] = step.movements
    assert (movement.kind, movement.key, movement.about) == (
        MovementKind.HOLD,
        "redemption#r1#hold",
        "r1",
    )


def test_a_redemption_remembers_what_it_took_and_where_from():
    redemption = held().redemption
    assert redemption.points == PointsChange({YEAR_END: -20, NEXT_YEAR_END: -10}, held=30)
    assert (redemption.block, redemption.state) == (2, RedemptionState.HELD)
    assert redemption.held_at == NOW
    assert redemption.expires_at == NOW + timedelta(days=1)
    assert redemption.due_at == NOW + timedelta(minutes=1)


def test_a_hold_comes_after_what_the_account_already_knows():
    ahead = replace(a_buyer(), last_booked_at=NOW + timedelta(seconds=2))
    step = held(ahead)
    assert step.redemption.held_at == NOW + timedelta(seconds=2)
    assert step.movements[0].booked_at == NOW + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("price", "error"),
    [
        ({"points": 101}, InsufficientPointsError),
        ({"points": 0, "reduction_mg": 2_000_001}, InsufficientReductionsError),
        ({"points": 101, "reduction_mg": 1}, InsufficientPointsError),
    ],
    ids=str,
)
def test_nothing_is_held_that_is_not_there(price, error):
    with pytest.raises(error):
        held(**price)
    assert held(points=100, reduction_mg=2_000_000).after.points.amount == 0


def test_what_is_owed_or_has_lapsed_cannot_be_held():
    owing = a_buyer(reduction_mg=0, moved_mg=-1)
    # Not even what costs points only.
    for price in ({"points": 0, "reduction_mg": 1}, {"points": 1}):
        with pytest.raises(AccountInDebtError):
            held(owing, **price)
    with pytest.raises(InsufficientPointsError):
        held(now=at("2027-01-01T00:00:00+08:00"), points=81)
    lapsed = held(now=at("2027-01-01T00:00:00+08:00"), points=80)
    assert [each.kind for each in lapsed.movements] == [MovementKind.LAPSE, MovementKind.HOLD]


def test_a_settlement_uses_up_what_was_held():
    step = held()
    end = end_hold(step.after, step.redemption, RedemptionState.SETTLED, NOW, "encrypted")
    assert end.after.points == PointsBalance({NEXT_YEAR_END: 70})
    assert (end.after.available_mg, end.after.held_mg) == (1_500_000, 0)
    [movement] = end.movements
    assert (movement.kind, movement.key) == (MovementKind.SETTLEMENT, "redemption#r1#end")
    ended = end.redemption
    assert (ended.state, ended.voucher, ended.due_at) == (
        RedemptionState.SETTLED,
        "encrypted",
        None,
    )
    assert ended.ended_at == NOW


@pytest.mark.parametrize("state", sorted(set(ENDS) - {RedemptionState.SETTLED}))
def test_any_other_end_gives_everything_back_to_where_it_was(state):
    step = held()
    end = end_hold(step.after, step.redemption, state, NOW)
    assert end.after.points == a_buyer().points
    assert (end.after.available_mg, end.after.held_mg) == (2_000_000, 0)
    assert [(each.kind, each.key) for each in end.movements] == [
        (MovementKind.RELEASE, end_key("r1"))
    ]
    assert (end.redemption.state, end.redemption.voucher) == (state, None)


def test_points_that_come_back_after_their_last_day_lapse_at_once():
    step = held()
    later = at("2027-01-01T00:00:00+08:00")
    end = end_hold(step.after, step.redemption, RedemptionState.CANCELLED, later)
    assert end.after.points == PointsBalance({NEXT_YEAR_END: 80})
    assert [each.kind for each in end.movements] == [MovementKind.RELEASE, MovementKind.LAPSE]


def test_points_that_come_back_pay_what_is_owed_by_then_with_the_oldest():
    step = held(points=100)
    owing = replace(step.after, points=PointsBalance({}, held=100, debt=25))
    end = end_hold(owing, step.redemption, RedemptionState.CANCELLED, NOW)
    assert end.after.points == PointsBalance({NEXT_YEAR_END: 75})


@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_a_hold_ends_once(first, second):
    step = held()
    voucher = "encrypted" if first is RedemptionState.SETTLED else None
    end = end_hold(step.after, step.redemption, first, NOW, voucher)
    with pytest.raises(RedemptionEndedError):
        end_hold(end.after, end.redemption, second, NOW)
    with pytest.raises(RedemptionEndedError):
        end.redemption.attempted(NOW)


def test_the_states_are_what_the_machine_says():
    assert set(TRANSITIONS) == set(RedemptionState)
    assert {state for state, next_states in TRANSITIONS.items() if next_states} == {
        RedemptionState.HELD
    }


def test_the_schedule_looks_later_with_each_attempt_and_never_stops():
    redemption: Redemption = held().redemption
    waits = []
    for _ in range(9):
        redemption = redemption.attempted(NOW)
        assert redemption.due_at is not None
        waits.append((redemption.due_at - NOW) // timedelta(minutes=1))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert redemption.attempts == 9


def test_a_lot_that_was_held_is_redeemed_or_available_again():
    decision = decide_credits(an_account(), [a_posting(reduction_mg=800_000)], NOW)
    account = decision.account
    lines: list[Line] = [*decision.entries]
    step = held(account, points=0, reduction_mg=300_000)
    holding = [*lines, *step.movements]
    assert trace(holding).lots[0].fates() == {Fate.AVAILABLE: 500_000, Fate.ON_HOLD: 300_000}
    for state, fates in (
        (RedemptionState.SETTLED, {Fate.AVAILABLE: 500_000, Fate.REDEEMED: 300_000}),
        (RedemptionState.EXPIRED, {Fate.AVAILABLE: 800_000}),
    ):
        end = end_hold(step.after, step.redemption, state, NOW, None)
        assert trace([*holding, *end.movements]).lots[0].fates() == fates


def test_an_id_follows_from_the_account_and_the_key():
    assert redemption_id_for("a1", "key-1") == redemption_id_for("a1", "key-1")
    assert len({redemption_id_for(a, k) for a in ("a1", "a2") for k in ("k1", "k2")}) == 4
    assert is_redemption_id(redemption_id_for("a1", "key-1"))
    assert not any(map(is_redemption_id, ("", "r1", "r" * 27 + "\n", "R" * 27, "r" * 3000)))
