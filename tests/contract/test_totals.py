"""What every store of live totals and seals does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.application.ports import DayClosedError, StalePartError
from shared.domain.errors import TotalsMismatchError
from shared.domain.measurement import Spread, Sum
from shared.domain.totals import TotalsKey, TotalsPart, seal_day
from tests.support.builders import a_counted_entry, a_sum, at

DAY, NEXT = date(2026, 11, 10), date(2026, 11, 11)
SEALED_AT = at("2026-11-11T00:15:00+08:00")


def add(totals, *records, shard="shard-1", day=DAY):
    before = totals.part(day, shard)
    after = before.counting(records)
    totals.add(before, after, records)
    return after


def seal_of(day=DAY, *records, previous=None, sealed_at=SEALED_AT):
    parts = [TotalsPart(day, "shard-1").counting(records)] if records else []
    return seal_day(day, parts, [record.leaf for record in records], previous, sealed_at)


def test_a_part_that_was_never_counted_is_empty(totals):
    assert totals.part(DAY, "shard-1") == TotalsPart(DAY, "shard-1")


def test_a_part_is_read_exactly_as_it_was_added(totals):
    records = [
        a_counted_entry(1),
        a_counted_entry(2, scenario="e-statement", partner="bank-core", reduction_mg=24_000),
    ]
    part = add(totals, *records)
    assert totals.part(DAY, "shard-1") == part
    assert part.sums == {
        TotalsKey("metro", "metro-demo"): a_sum(1, 1000),
        TotalsKey("e-statement", "bank-core"): a_sum(1, 24_000),
    }


def test_a_part_keeps_how_sure_its_sums_are(totals):
    moved = Sum(1, -80, Spread(-10, 5, 7), (100, 0, -180, 0, 0), -180, 2)
    part = add(totals, replace(a_counted_entry(1, reduction_mg=-80), contribution=moved))
    assert totals.part(DAY, "shard-1") == part
    assert part.sums == {TotalsKey("metro", "metro-demo"): moved}


def test_a_leaf_may_be_below_zero(totals):
    raised, lowered = a_counted_entry(1, reduction_mg=10), a_counted_entry(2, reduction_mg=-30)
    add(totals, raised, lowered)
    assert sorted(totals.leaves(totals.parts(DAY))) == sorted([raised.leaf, lowered.leaf])


def test_a_part_goes_on_from_what_stands(totals):
    add(totals, a_counted_entry(1))
    add(totals, a_counted_entry(2))
    assert totals.part(DAY, "shard-1").version == 2


@pytest.mark.parametrize("already", [0, 1], ids=["first", "later"])
def test_a_part_that_changed_meanwhile_is_not_overwritten(totals, already):
    for number in range(already):
        add(totals, a_counted_entry(number + 1))
    before = totals.part(DAY, "shard-1")
    other = add(totals, a_counted_entry(5), a_counted_entry(6))
    with pytest.raises(StalePartError):
        totals.add(before, before.counting([a_counted_entry(5)]), [a_counted_entry(5)])
    assert totals.part(DAY, "shard-1") == other


@pytest.mark.parametrize("shard", [f"shardId-{number}" for number in range(4)])
def test_a_closed_day_takes_nothing_more_from_any_shard(totals, shard):
    add(totals, a_counted_entry(1), shard=shard)
    totals.close_gates(DAY)
    totals.close_gates(DAY)
    with pytest.raises(DayClosedError):
        add(totals, a_counted_entry(2), shard=shard)
    with pytest.raises(DayClosedError):
        add(totals, a_counted_entry(2), shard=f"{shard}-child")
    assert totals.part(DAY, shard).sums == {TotalsKey("metro", "metro-demo"): a_sum(1, 1000)}
    add(totals, a_counted_entry(2), shard=shard, day=NEXT)


def test_a_days_parts_and_leaves_are_those_of_its_shards(totals):
    add(totals, a_counted_entry(1), shard="shard-1")
    add(totals, a_counted_entry(2), a_counted_entry(3), shard="shard-2")
    add(totals, a_counted_entry(4, NEXT), day=NEXT)
    parts = totals.parts(DAY)
    assert sorted(part.shard for part in parts) == ["shard-1", "shard-2"]
    assert sorted(totals.leaves(parts)) == sorted(a_counted_entry(n).leaf for n in (1, 2, 3))


def test_leaves_of_a_batch_that_was_refused_do_not_count(totals):
    add(totals, a_counted_entry(1))
    totals.close_gates(DAY)
    with pytest.raises(DayClosedError):
        add(totals, a_counted_entry(2))
    assert list(totals.leaves(totals.parts(DAY))) == [a_counted_entry(1).leaf]


@pytest.mark.parametrize("late_end", [1, 2, 4], ids=["shorter", "the same", "longer"])
def test_a_late_double_of_a_batch_neither_adds_nor_takes_away_leaves(totals, late_end):
    before = totals.part(DAY, "shard-1")
    add(totals, *(a_counted_entry(number) for number in (1, 2)))
    add(totals, a_counted_entry(3))
    double = [a_counted_entry(number) for number in range(1, late_end + 1)]
    with pytest.raises(StalePartError):
        totals.add(before, before.counting(double), double)
    parts = totals.parts(DAY)
    leaves = {a_counted_entry(number).leaf for number in (1, 2, 3)}
    assert set(totals.leaves(parts)) == leaves
    assert seal_day(DAY, parts, totals.leaves(parts), None, SEALED_AT).total.count == 3


def test_a_shard_whose_name_begins_like_anothers_keeps_its_leaves_apart(totals):
    add(totals, a_counted_entry(1), shard="shard-1")
    add(totals, a_counted_entry(2), shard="shard-10")
    [first] = [part for part in totals.parts(DAY) if part.shard == "shard-1"]
    assert list(totals.leaves([first])) == [a_counted_entry(1).leaf]


def test_sealing_begins_before_the_first_day_that_was_ever_counted(totals):
    assert totals.sealed_through() is None
    totals.begin(DAY)
    totals.begin(NEXT)
    assert totals.sealed_through() == date(2026, 11, 8)


def test_the_newest_booking_of_a_day_is_found_in_its_newest_shard(totals):
    # More shards than are looked at.
    for number in range(10, 36):
        add(totals, a_counted_entry(number), shard=f"shard-{number}")
    late = at("2026-11-10T13:00:00+08:00")
    add(totals, replace(a_counted_entry(50), booked_at=late), shard="shard-35")
    assert totals.newest_booking(DAY) == late
    assert totals.newest_booking(NEXT) is None


def test_the_newest_booking_need_not_be_in_the_newest_shard(totals):
    late = at("2026-11-10T13:00:00+08:00")
    add(totals, replace(a_counted_entry(1), booked_at=late), shard="shard-10")
    add(totals, a_counted_entry(2), shard="shard-11")
    add(totals, a_counted_entry(3, NEXT), shard="shard-11", day=NEXT)
    assert totals.newest_booking(DAY) == late


def test_a_seal_is_read_as_it_was_stored_and_moves_the_cursor(totals):
    totals.begin(NEXT)
    empty = seal_of(DAY)
    totals.seal(empty)
    assert totals.sealed_through() == DAY
    full = seal_of(NEXT, a_counted_entry(1, NEXT), previous=empty)
    totals.seal(full)
    assert (totals.sealed(DAY), totals.sealed(NEXT)) == (empty, full)
    assert totals.sealed(date(2026, 11, 12)) is None
    assert totals.sealed_through() == NEXT


def test_a_seal_keeps_how_sure_its_sums_are(totals):
    totals.begin(NEXT)
    facts = Sum(1, 1000, Spread(400, 600, 900), (0, 0, 1000, 0, 0), 1000, 2)
    seal = seal_of(DAY, replace(a_counted_entry(1), contribution=facts))
    totals.seal(seal)
    assert totals.sealed(DAY) == seal
    assert seal.total == facts


def test_the_same_seal_twice_is_one_and_another_is_refused(totals):
    totals.begin(NEXT)
    seal = seal_of(DAY, a_counted_entry(1))
    totals.seal(seal)
    totals.seal(seal_of(DAY, a_counted_entry(1), sealed_at=SEALED_AT + timedelta(hours=3)))
    assert totals.sealed(DAY) == seal
    with pytest.raises(TotalsMismatchError):
        totals.seal(seal_of(DAY, a_counted_entry(1), a_counted_entry(2)))
    assert totals.sealed(DAY) == seal
