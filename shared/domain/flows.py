"""Flows: what each line does to the sums of the platform, so that every day can prove them.

For reductions `issued = held + given + retired + pooled + redeemed + reversed`, line by line and so
for any set of lines. A gift is `given` by one account and taken from there by the other. Points
that were issued are held, given, redeemed, lapsed or reversed in the same way.
"""

from collections.abc import Iterable, Mapping

from shared.domain.lots import FATES, Fate
from shared.domain.movement import Line, Movement, MovementKind

Flows = Mapping[str, int]

ISSUED, HELD = "issued_mg", "held_mg"
REVERSED, REDEEMED = "reversed_mg", "redeemed_mg"
GIVEN, RETIRED, POOLED = "given_mg", "retired_mg", "pooled_mg"
POINTS_ISSUED, POINTS_HELD = "points_issued", "points_held"
POINTS_GIVEN, POINTS_REDEEMED = "points_given", "points_redeemed"
POINTS_LAPSED, POINTS_REVERSED = "points_lapsed", "points_reversed"

_REDUCTION_FATES = (GIVEN, RETIRED, POOLED, REDEEMED, REVERSED)
_POINTS_FATES = (POINTS_GIVEN, POINTS_REDEEMED, POINTS_LAPSED, POINTS_REVERSED)
_OF_FATE = {Fate.GIVEN: GIVEN, Fate.RETIRED: RETIRED, Fate.POOLED: POOLED}


def flows_of(line: Line) -> dict[str, int]:
    """Return what a line adds to each sum; sums that it leaves alone are not named.

    Available and held are one here: both are the account's. What is owed counts below zero.
    """
    flows = _of_movement(line) if isinstance(line, Movement) else _of_entry(line.reduction_mg)
    if not isinstance(line, Movement) and line.points:
        name = POINTS_ISSUED if line.points > 0 else POINTS_REVERSED
        flows |= {name: abs(line.points), POINTS_HELD: line.points}
    return {name: amount for name, amount in flows.items() if amount}


def add_flows(flows: Iterable[Flows]) -> dict[str, int]:
    """Return the sums of several flows together, by name, without those that are zero."""
    sums: dict[str, int] = {}
    for each in flows:
        for name, amount in each.items():
            sums[name] = sums.get(name, 0) + amount
    return {name: amount for name, amount in sorted(sums.items()) if amount}


def is_balanced(flows: Flows) -> bool:
    """Tell whether what was issued is what is held and what has found its fate."""
    reductions = flows.get(HELD, 0) + sum(flows.get(name, 0) for name in _REDUCTION_FATES)
    points = flows.get(POINTS_HELD, 0) + sum(flows.get(name, 0) for name in _POINTS_FATES)
    return flows.get(ISSUED, 0) == reductions and flows.get(POINTS_ISSUED, 0) == points


def _of_entry(reduction_mg: int) -> dict[str, int]:
    if reduction_mg < 0:
        return {HELD: reduction_mg, REVERSED: -reduction_mg}
    return {ISSUED: reduction_mg, HELD: reduction_mg}


def _of_movement(movement: Movement) -> dict[str, int]:
    """A hold and its release stay with the account; all else leaves it or comes to it."""
    change_mg = movement.reduction_mg + movement.held_mg
    points = movement.points
    change_points = points.amount + points.held - points.debt
    flows = {HELD: change_mg, POINTS_HELD: change_points}
    kind = movement.kind
    if kind in {MovementKind.HOLD, MovementKind.RELEASE}:
        return flows
    if kind is MovementKind.SETTLEMENT:
        return flows | {REDEEMED: -change_mg, POINTS_REDEEMED: -change_points}
    if kind is MovementKind.LAPSE:
        return flows | {POINTS_LAPSED: -change_points}
    if kind in {MovementKind.BUYBACK, MovementKind.EARNED}:
        return flows | {POINTS_ISSUED: change_points}
    # What is given, or comes from somebody who gave it.
    fate = _OF_FATE.get(FATES.get(kind, Fate.GIVEN), GIVEN)
    return flows | {fate: -change_mg, POINTS_GIVEN: -change_points}
