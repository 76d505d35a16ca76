import hashlib
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.domain.errors import TotalsMismatchError
from shared.domain.measurement import NOTHING, Spread, Sum
from shared.domain.totals import (
    TotalsKey,
    TotalsPart,
    merge_sums,
    seal_day,
    watermark,
)
from tests.support.builders import a_counted_entry, a_sum, at

DAY = date(2026, 11, 10)
SEALED_AT = at("2026-11-11T00:15:00+08:00")
RIDE = TotalsKey("metro", "metro-demo")


def part_of(*records, shard="shard-1"):
    return TotalsPart(DAY, shard).counting(records) if records else TotalsPart(DAY, shard)


def leaves_of(*records):
    return [record.leaf for record in records]


def seal(parts, leaves, previous=None, sealed_at=SEALED_AT):
    return seal_day(DAY, parts, leaves, previous, sealed_at)


def test_a_part_counts_by_scenario_and_partner():
    part = part_of(
        a_counted_entry(1, reduction_mg=10),
        a_counted_entry(2, reduction_mg=20),
        a_counted_entry(3, reduction_mg=5, scenario="bus"),
    )
    assert part.sums == {RIDE: a_sum(2, 30), TotalsKey("bus", "metro-demo"): a_sum(1, 5)}
    assert (part.sequence[-1], part.version) == ("3", 1)


def test_a_part_counts_what_an_amendment_moves():
    credit = replace(
        a_counted_entry(1, reduction_mg=100),
        contribution=Sum(1, 100, Spread(40, 60, 9), (0, 0, 100, 0, 0), 100, 2),
    )
    completion = replace(
        a_counted_entry(2, reduction_mg=80),
        contribution=Sum(1, 80, Spread(-10, 5, 7), (180, 0, -100, 0, 0), -100, 1),
    )
    part = part_of(credit, completion)
    assert part.sums == {RIDE: Sum(2, 180, Spread(30, 65, 16), (180, 0, 0, 0, 0), 0, 2)}
    assert seal([part], leaves_of(credit, completion)).total == part.sums[RIDE]


def test_a_day_on_which_credits_were_lowered_is_sealed_like_any_other():
    raised, lowered = a_counted_entry(1, reduction_mg=10), a_counted_entry(2, reduction_mg=-30)
    assert seal([part_of(raised, lowered)], leaves_of(raised, lowered)).total.reduction_mg == -20


def test_a_part_remembers_its_newest_booking_even_when_an_older_one_follows():
    newer = replace(a_counted_entry(1), booked_at=at("2026-11-10T13:00:00+08:00"))
    part = part_of(newer).counting([a_counted_entry(2)])
    assert part.booked_through == at("2026-11-10T13:00:00+08:00")


def test_what_was_counted_is_left_out_and_the_rest_is_put_in_order():
    one, two, three = (a_counted_entry(n) for n in (1, 2, 3))
    assert part_of(one).uncounted([three, one, two]) == (two, three)
    assert part_of(one, two, three).uncounted([one, two, three]) == ()


def test_sequence_numbers_of_different_lengths_are_in_numeric_order():
    nine, ten = a_counted_entry(9), a_counted_entry(10)
    assert part_of(nine).uncounted([ten]) == (ten,)
    assert part_of(ten).uncounted([nine]) == ()


def test_a_sealed_day_has_its_sums_by_scenario_and_by_partner():
    records = [
        a_counted_entry(1, reduction_mg=10),
        a_counted_entry(2, reduction_mg=5, scenario="bus"),
        a_counted_entry(3, reduction_mg=24_000, scenario="e-statement", partner="bank-core"),
    ]
    sealed = seal([part_of(*records)], leaves_of(*records))
    assert sealed.total == a_sum(3, 24_015)
    assert sealed.by_scenario == {
        "bus": a_sum(1, 5),
        "e-statement": a_sum(1, 24_000),
        "metro": a_sum(1, 10),
    }
    assert sealed.by_partner == {"bank-core": a_sum(1, 24_000), "metro-demo": a_sum(2, 15)}


def test_the_parts_of_several_shards_are_one_day():
    one, two = a_counted_entry(1, reduction_mg=10), a_counted_entry(2, reduction_mg=20)
    together = seal([part_of(one), part_of(two, shard="shard-2")], leaves_of(one, two))
    alone = seal([part_of(one, two)], leaves_of(one, two))
    assert together == alone


def test_the_root_does_not_depend_on_the_order_in_which_entries_came():
    one, two, three = (a_counted_entry(n) for n in (1, 2, 3))
    part = part_of(one, two, three)
    assert (
        seal([part], leaves_of(one, two, three)).root
        == seal([part], leaves_of(three, one, two)).root
    )


def test_the_root_of_a_single_entry_is_the_hash_of_its_leaf():
    record = a_counted_entry(1)
    leaf = bytes.fromhex(record.leaf.entry_hash)
    expected = hashlib.sha256(b"\x00" + leaf).hexdigest()
    assert seal([part_of(record)], leaves_of(record)).root == expected


def test_a_leaf_that_a_crash_left_twice_counts_once():
    record = a_counted_entry(1)
    assert seal([part_of(record)], leaves_of(record, record)).total == a_sum(1, 1000)


def test_a_day_without_entries_is_sealed_empty():
    sealed = seal([], [])
    assert sealed.total == NOTHING
    assert sealed.root == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "leaves",
    [
        [],
        leaves_of(a_counted_entry(1), a_counted_entry(2)),
        leaves_of(a_counted_entry(1, reduction_mg=999)),
        leaves_of(a_counted_entry(1, scenario="bus")),
        leaves_of(a_counted_entry(1, partner="metro-two")),
    ],
    ids=["a leaf is missing", "one too many", "another amount", "another scenario", "partner"],
)
def test_counters_that_contradict_the_entries_are_never_sealed(leaves):
    with pytest.raises(TotalsMismatchError, match="2026-11-10"):
        seal([part_of(a_counted_entry(1))], leaves)


def test_sealing_again_later_gives_the_same_seal():
    record = a_counted_entry(1)
    once = seal([part_of(record)], leaves_of(record))
    again = seal([part_of(record)], leaves_of(record), sealed_at=SEALED_AT + timedelta(days=1))
    assert once.seal == again.seal


def test_whatever_is_changed_in_a_sealed_day_changes_its_seal():
    record = a_counted_entry(1)
    sealed = seal([part_of(record)], leaves_of(record))
    changes: list[dict[str, Any]] = [
        {"day": date(2026, 11, 11)},
        {"total": a_sum(2, 1000)},
        {"total": a_sum(1, 1001)},
        {"total": replace(a_sum(1, 1000), spread=Spread(1, 0, 0))},
        {"total": replace(a_sum(1, 1000), grades_mg=(999, 1, 0, 0, 0))},
        {"total": replace(a_sum(1, 1000), provisional_mg=1)},
        {"total": replace(a_sum(1, 1000), weakness=1)},
        {"by_scenario": {"bus": a_sum(1, 1000)}},
        {"by_partner": {"metro-two": a_sum(1, 1000)}},
        {"root": "1" * 64},
        {"previous_seal": "1" * 64},
    ]
    seals = {sealed.seal} | {replace(sealed, **change).seal for change in changes}
    assert len(seals) == 12


def test_sums_are_added_key_by_key():
    merged = merge_sums([{RIDE: a_sum(1, 10)}, {RIDE: a_sum(2, 20)}, {}])
    assert merged == {RIDE: a_sum(3, 30)}


def test_the_watermark_is_the_newest_booking_of_all_parts():
    newer = replace(a_counted_entry(2), booked_at=at("2026-11-10T13:00:00+08:00"))
    parts = [part_of(a_counted_entry(1)), part_of(newer, shard="shard-2"), TotalsPart(DAY, "s3")]
    assert watermark(parts) == "2026-11-10T05:00:00.000Z"
    assert watermark([]) is None


def test_seals_chain():
    record = a_counted_entry(1)
    first = seal([part_of(record)], leaves_of(record))
    chain = [first, seal([], [], previous=first)]
    for earlier, later in pairwise(chain):
        assert later.previous_seal == earlier.seal
