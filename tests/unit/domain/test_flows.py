"""What each kind of line does to the platform's sums. What was issued is held or has ended."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.entry import AmendmentKind
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.movement import Movement, MovementKind
from shared.domain.points import PointsChange
from tests.support.builders import BOOKED_AT, an_entry

LAST = date(2027, 12, 31)


def a_movement(kind, reduction_mg=0, held_mg=0, points=None, points_held=0, debt=0):
    change = PointsChange({LAST: points} if points else {}, points_held, debt)
    return Movement(
        key="something#s1",
        kind=kind,
        account_id="a1",
        seq=2,
        booked_at=BOOKED_AT,
        about="s1",
        payload_digest="d",
        previous_hash="c" * 64,
        reduction_mg=reduction_mg,
        held_mg=held_mg,
        points=change,
    )


def amended(reduction_mg, points=0, kind=AmendmentKind.CORRECTION):
    entry = an_entry("ride-1", reduction_mg=1_000)
    return replace(entry, reduction_mg=reduction_mg, points=points, original=entry.amended(kind))


def test_a_credit_is_issued_and_held():
    entry = replace(an_entry("ride-1", reduction_mg=1_000), points=7, spend_by=LAST)
    assert flows_of(entry) == {
        "issued_mg": 1_000,
        "held_mg": 1_000,
        "points_issued": 7,
        "points_held": 7,
    }


def test_a_credit_of_nothing_changes_no_sum():
    assert flows_of(an_entry("ride-1", reduction_mg=0)) == {}


def test_a_correction_issues_more_or_reverses_some():
    assert flows_of(amended(+300)) == {"issued_mg": 300, "held_mg": 300}
    assert flows_of(amended(-300)) == {"reversed_mg": 300, "held_mg": -300}


def test_a_reversal_takes_back_reductions_and_points():
    assert flows_of(amended(-1_000, -7, AmendmentKind.REVERSAL)) == {
        "reversed_mg": 1_000,
        "held_mg": -1_000,
        "points_reversed": 7,
        "points_held": -7,
    }


@pytest.mark.parametrize(
    ("line", "flows"),
    [
        # What is on hold is still the account's.
        (a_movement(MovementKind.HOLD, -5, 5, -3, 3), {}),
        (a_movement(MovementKind.RELEASE, 5, -5, 3, -3), {}),
        (a_movement(MovementKind.RELEASE, 5, -5, 1, -3, debt=-2), {}),
        (
            a_movement(MovementKind.SETTLEMENT, 0, -5, None, -3),
            {"redeemed_mg": 5, "held_mg": -5, "points_redeemed": 3, "points_held": -3},
        ),
        (a_movement(MovementKind.RETIREMENT, -5), {"retired_mg": 5, "held_mg": -5}),
        (a_movement(MovementKind.CONTRIBUTION, -5), {"pooled_mg": 5, "held_mg": -5}),
        (
            a_movement(MovementKind.GIFT_SENT, -5, 0, -3),
            {"given_mg": 5, "held_mg": -5, "points_given": 3, "points_held": -3},
        ),
        (
            a_movement(MovementKind.GIFT_RECEIVED, 5, 0, 3),
            {"given_mg": -5, "held_mg": 5, "points_given": -3, "points_held": 3},
        ),
        # Two of the three points pay a debt.
        (
            a_movement(MovementKind.GIFT_RECEIVED, 5, 0, 1, debt=-2),
            {"given_mg": -5, "held_mg": 5, "points_given": -3, "points_held": 3},
        ),
        (a_movement(MovementKind.SPLIT_SENT, -5), {"given_mg": 5, "held_mg": -5}),
        (a_movement(MovementKind.SPLIT_RETURNED, -5), {"given_mg": 5, "held_mg": -5}),
        (a_movement(MovementKind.SPLIT_RECEIVED, 5), {"given_mg": -5, "held_mg": 5}),
        (a_movement(MovementKind.SPLIT_RECOVERED, 5), {"given_mg": -5, "held_mg": 5}),
        (a_movement(MovementKind.LAPSE, points=-3), {"points_lapsed": 3, "points_held": -3}),
        (a_movement(MovementKind.BUYBACK, points=3), {"points_issued": 3, "points_held": 3}),
        (
            a_movement(MovementKind.BUYBACK, points=1, debt=-2),
            {"points_issued": 3, "points_held": 3},
        ),
        (
            a_movement(MovementKind.EARNED, points=1, debt=-2),
            {"points_issued": 3, "points_held": 3},
        ),
    ],
    ids=[
        "hold",
        "release",
        "release that pays a debt",
        "settlement",
        "retirement",
        "contribution",
        "gift sent",
        "gift received",
        "gift that pays a debt",
        "split sent",
        "split returned",
        "split received",
        "split recovered",
        "lapse",
        "buyback",
        "buyback that pays a debt",
        "answer that pays a debt",
    ],
)
def test_a_movement_ends_what_leaves_and_begins_nothing(line, flows):
    assert flows_of(line) == flows
    assert is_balanced(flows)


def test_every_kind_of_movement_is_balanced_when_all_of_its_amounts_leave():
    for kind in MovementKind:
        points = -3 if kind is not MovementKind.SETTLEMENT else None
        only_points = {MovementKind.LAPSE, MovementKind.BUYBACK, MovementKind.EARNED}
        reduction_mg = 0 if kind in only_points else -5
        held_mg = 5 if kind in {MovementKind.HOLD, MovementKind.RELEASE} else 0
        held = 3 if kind in {MovementKind.HOLD, MovementKind.RELEASE} else 0
        line = a_movement(kind, reduction_mg, held_mg, points, held)
        assert is_balanced(flows_of(line)), kind


def test_flows_add_up_by_name_and_what_cancels_out_is_not_named():
    sent = flows_of(a_movement(MovementKind.GIFT_SENT, -5, 0, -3))
    received = flows_of(a_movement(MovementKind.GIFT_RECEIVED, 5, 0, 3))
    assert add_flows([sent, received]) == {}
    retired = flows_of(a_movement(MovementKind.RETIREMENT, -2))
    assert add_flows([sent, retired, retired]) == {
        "given_mg": 5,
        "held_mg": -9,
        "points_given": 3,
        "points_held": -3,
        "retired_mg": 4,
    }
    assert add_flows([]) == {}


@pytest.mark.parametrize(
    ("flows", "balanced"),
    [
        ({}, True),
        ({"issued_mg": 10, "held_mg": 4, "retired_mg": 6}, True),
        ({"issued_mg": 10, "held_mg": 4, "retired_mg": 5}, False),
        ({"issued_mg": 10, "held_mg": -2, "redeemed_mg": 2, "reversed_mg": 10}, True),
        ({"issued_mg": 21, "held_mg": 1, "given_mg": 2, "retired_mg": 3, "pooled_mg": 4,
          "redeemed_mg": 5, "reversed_mg": 6}, True),
        ({"points_issued": 10, "points_held": 1, "points_given": 2, "points_redeemed": 3,
          "points_lapsed": 4}, True),
        ({"points_issued": 10, "points_held": 10, "points_reversed": 1}, False),
        # Neither pays for the other.
        ({"issued_mg": 1, "points_held": 1}, False),
    ],
)  # fmt: skip
def test_sums_balance_where_everything_is_held_or_has_ended(flows, balanced):
    assert is_balanced(flows) is balanced
