"""What is owed is paid by the next lots, and finds the fate that it was taken for."""

from dataclasses import replace

import pytest

from shared.domain.entry import AmendmentKind
from shared.domain.lots import Debt, Fate, trace
from shared.domain.measurement import Sum
from shared.domain.movement import Movement, MovementKind
from tests.support.builders import BOOKED_AT, an_entry


def a_ride(seq, reduction_mg):
    return replace(an_entry(f"ride-{seq}", reduction_mg=reduction_mg), seq=seq)


def a_reversal(seq, of):
    return replace(
        of,
        seq=seq,
        cause=of.cause.next_amendment,
        reduction_mg=-of.reduction_mg,
        original=of.amended(AmendmentKind.REVERSAL),
    )


def a_movement(seq, kind, reduction_mg, about="s1", held_mg=0):
    arrived = max(0, reduction_mg) if kind is MovementKind.SPLIT_RECEIVED else 0
    return Movement(
        key="redemption#s1#hold" if kind is MovementKind.HOLD else f"split#{about}#{seq}",
        kind=kind,
        account_id="a1",
        seq=seq,
        booked_at=BOOKED_AT,
        about=about,
        payload_digest="d",
        previous_hash="c" * 64,
        reduction_mg=reduction_mg,
        held_mg=held_mg,
        backing=Sum(1, arrived, grades_mg=(arrived, 0, 0, 0, 0)),
    )


def test_a_share_that_must_be_returned_though_it_was_spent_is_owed_as_given():
    """It goes back to its giver in full, so the next credits are given too, not reversed."""
    lines = [
        a_movement(1, MovementKind.SPLIT_RECEIVED, 100),
        a_movement(2, MovementKind.RETIREMENT, -60),
        a_movement(3, MovementKind.SPLIT_RETURNED, -100),
    ]
    lots = trace(lines)
    assert lots.lots[0].fates() == {Fate.RETIRED: 60, Fate.GIVEN: 40}
    assert lots.debts == [Debt("split#s1#3", Fate.GIVEN, 60)]
    assert lots.available_mg == -60
    paid = trace([*lines, a_ride(4, 70)])
    assert paid.lots[1].fates() == {Fate.AVAILABLE: 10, Fate.GIVEN: 60}
    assert (paid.debts, paid.available_mg) == ([], 10)
    assert sum(part.reduction_mg for part in paid.parts_of("split#s1#3")) == 100


def test_debts_of_several_fates_are_paid_the_oldest_first():
    first = a_ride(1, 50)
    lines = [
        first,
        a_movement(2, MovementKind.RETIREMENT, -50),
        a_reversal(3, first),
        a_movement(4, MovementKind.SPLIT_RETURNED, -30),
        a_ride(5, 60),
        a_ride(6, 60),
    ]
    lots = trace(lines)
    assert lots.lots[1].fates() == {Fate.REVERSED: 50, Fate.GIVEN: 10}
    assert lots.lots[2].fates() == {Fate.GIVEN: 20, Fate.AVAILABLE: 40}


@pytest.mark.parametrize(("back_mg", "owed_mg"), [(20, 30), (50, 0), (80, 0)])
def test_what_comes_back_from_a_hold_pays_what_is_owed_by_now(back_mg, owed_mg):
    ride = a_ride(1, 50)
    kept = a_ride(2, back_mg)
    lines = [
        ride,
        a_movement(2, MovementKind.RETIREMENT, -50),
        replace(kept, seq=3),
        a_movement(4, MovementKind.HOLD, -back_mg, held_mg=back_mg),
        a_reversal(5, ride),
    ]
    assert trace(lines).available_mg == -50
    lots = trace([*lines, a_movement(6, MovementKind.RELEASE, back_mg, held_mg=-back_mg)])
    assert lots.available_mg == back_mg - 50
    assert sum(debt.left_mg for debt in lots.debts) == owed_mg
    assert lots.lots[1].fates().get(Fate.REVERSED) == min(back_mg, 50)
