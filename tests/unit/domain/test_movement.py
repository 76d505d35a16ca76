"""What a movement is sealed by, and what makes an account's lines complete."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from shared.domain.measurement import Spread, Sum
from shared.domain.movement import Movement, MovementKind, are_complete, key_of
from shared.domain.points import PointsChange
from tests.support.builders import an_entry, at

YEAR, NEXT = date(2026, 12, 31), date(2027, 12, 31)
MOVEMENT = Movement(
    key="gift#g1#sent",
    kind=MovementKind.GIFT_SENT,
    account_id="a1",
    seq=3,
    booked_at=at("2026-12-31T23:30:00+08:00"),
    about="g1",
    payload_digest="d" * 64,
    previous_hash="c" * 64,
    reduction_mg=-100_000,
    held_mg=0,
    points=PointsChange({YEAR: -3, NEXT: -4}, held=1, debt=2),
    backing=Sum(1, 100_000, Spread(1, 2, 3), (100_000, 0, 0, 0, 0), 0, 1),
)
# Another value for each field that the hash covers.
OTHERS: dict[str, Any] = {
    "key": "gift#g2#sent",
    "kind": MovementKind.RETIREMENT,
    "account_id": "a2",
    "seq": 4,
    "booked_at": at("2026-12-31T23:30:00.001+08:00"),
    "about": "g2",
    "payload_digest": "e" * 64,
    "previous_hash": "d" * 64,
    "reduction_mg": -100_001,
    "held_mg": 1,
    "points": PointsChange({YEAR: -3, NEXT: -5}, held=1, debt=2),
    "backing": Sum(1, 100_000, Spread(1, 2, 3), (0, 100_000, 0, 0, 0), 0, 1),
}


def test_every_field_is_sealed_by_the_hash():
    assert set(OTHERS) == {field.name for field in fields(Movement)}
    for name, other in OTHERS.items():
        assert replace(MOVEMENT, **{name: other}).hash != MOVEMENT.hash, name


@pytest.mark.parametrize(
    "points",
    [
        PointsChange({YEAR: -3, NEXT: -4}, held=0, debt=2),
        PointsChange({YEAR: -3, NEXT: -4}, held=1, debt=0),
        PointsChange({YEAR: -7}, held=1, debt=2),
        PointsChange({YEAR: -4, NEXT: -3}, held=1, debt=2),
    ],
)
def test_every_point_is_sealed_by_its_day_and_its_kind(points):
    assert replace(MOVEMENT, points=points).hash != MOVEMENT.hash


def test_the_hash_does_not_hang_on_the_order_of_days():
    turned = PointsChange({NEXT: -4, YEAR: -3}, held=1, debt=2)
    assert replace(MOVEMENT, points=turned).hash == MOVEMENT.hash


def test_a_movement_that_was_sealed_once_has_that_hash_for_ever():
    """A changed hash would break every chain that stands."""
    assert MOVEMENT.hash == "5504a0658bdd7cdd53c0800b8f57301540880500ea5bc8ea33f75d1247a6b9f9"


def test_a_movement_falls_on_the_ledger_day_of_its_booking():
    assert MOVEMENT.ledger_day == date(2026, 12, 31)
    later = replace(MOVEMENT, booked_at=at("2026-12-31T16:00:00Z"))
    assert later.ledger_day == date(2027, 1, 1)


def test_each_kind_of_line_has_its_own_key():
    assert key_of(MOVEMENT) == "gift#g1#sent"
    assert key_of(an_entry("ride-1")) == "event#metro-demo#ride-1"


def lines(*seqs):
    return [replace(MOVEMENT, seq=seq) for seq in seqs]


@pytest.mark.parametrize(
    ("seqs", "seq", "complete"),
    [
        ((), 0, True),
        ((1, 2, 3), 3, True),
        ((3, 1, 2), 3, True),
        ((), 1, False),
        ((1, 2), 3, False),
        ((1, 3), 3, False),
        ((1, 2, 2), 3, False),
        ((1, 2, 3, 4), 3, False),
    ],
)
def test_lines_are_complete_where_each_place_is_taken_once(seqs, seq, complete):
    assert are_complete(lines(*seqs), seq) is complete
