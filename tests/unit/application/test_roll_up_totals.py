from datetime import date

import pytest

from shared.application.ports import StalePartError
from shared.application.roll_up_totals import ATTEMPTS_MAX, roll_up_totals
from shared.domain.errors import BusyError
from shared.domain.measurement import NOTHING
from shared.domain.totals import TotalsKey
from tests.support.builders import a_counted_entry, a_sum
from tests.support.fakes import FakeTotals, busy, no_pause

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)
RIDE = TotalsKey("metro", "metro-demo")


def roll_up(totals, *records, shard="shard-1", pause=no_pause):
    return roll_up_totals(totals, shard=shard, records=records, pause=pause)


def sums_of(totals, day, shard="shard-1"):
    return totals.part(day, shard).sums.get(RIDE, NOTHING)


def stale() -> None:
    raise StalePartError


@pytest.fixture
def totals():
    return FakeTotals()


def test_a_batch_is_counted_with_one_write_for_each_day(totals):
    records = [a_counted_entry(1, MONDAY), a_counted_entry(2, TUESDAY), a_counted_entry(3, TUESDAY)]
    assert roll_up(totals, *records) == 3
    assert totals.calls == ["begin", "add 2026-11-09", "add 2026-11-10"]
    assert (sums_of(totals, MONDAY), sums_of(totals, TUESDAY)) == (a_sum(1, 1000), a_sum(2, 2000))


def test_an_empty_batch_touches_nothing(totals):
    # The last invocation of a window may come without records.
    assert roll_up(totals) == 0
    assert totals.calls == []


def test_the_first_count_ever_leaves_a_day_before_it_for_other_shards(totals):
    roll_up(totals, a_counted_entry(1, TUESDAY))
    roll_up(totals, a_counted_entry(2, WEDNESDAY))
    assert totals.sealed_through() == date(2026, 11, 8)


def test_a_redelivered_batch_counts_nothing_new(totals):
    roll_up(totals, a_counted_entry(1), a_counted_entry(2))
    assert roll_up(totals, a_counted_entry(1), a_counted_entry(2)) == 0
    assert sums_of(totals, TUESDAY) == a_sum(2, 2000)


def test_of_an_overlapping_batch_only_the_new_part_counts(totals):
    roll_up(totals, a_counted_entry(1), a_counted_entry(2))
    assert roll_up(totals, a_counted_entry(2), a_counted_entry(3)) == 1
    assert sums_of(totals, TUESDAY) == a_sum(3, 3000)


def test_shards_count_beside_one_another(totals):
    roll_up(totals, a_counted_entry(1), shard="shard-1")
    assert roll_up(totals, a_counted_entry(1), shard="shard-2") == 1


def test_a_closed_day_sends_its_late_records_to_the_next_open_one(totals):
    totals.close_gates(MONDAY)
    totals.close_gates(TUESDAY)
    assert roll_up(totals, a_counted_entry(1, MONDAY)) == 1
    assert sums_of(totals, MONDAY) == sums_of(totals, TUESDAY) == NOTHING
    assert sums_of(totals, WEDNESDAY) == a_sum(1, 1000)


def test_late_records_and_those_of_the_next_day_are_counted_in_stream_order(totals):
    totals.close_gates(MONDAY)
    # The stream's order is not that of the days: a slow clock booked the second one a day earlier.
    assert roll_up(totals, a_counted_entry(1, TUESDAY), a_counted_entry(2, MONDAY)) == 2
    assert sums_of(totals, TUESDAY) == a_sum(2, 2000)


def test_what_was_counted_before_the_day_closed_is_not_late(totals):
    roll_up(totals, a_counted_entry(1, MONDAY))
    totals.close_gates(MONDAY)
    assert roll_up(totals, a_counted_entry(1, MONDAY), a_counted_entry(2, MONDAY)) == 1
    assert (sums_of(totals, MONDAY), sums_of(totals, TUESDAY)) == (a_sum(1, 1000), a_sum(1, 1000))


def test_a_batch_that_stopped_half_way_counts_once_when_it_comes_again(totals):
    records = [a_counted_entry(1, MONDAY), a_counted_entry(2, TUESDAY)]
    totals.trouble.extend([lambda: None, busy])
    with pytest.raises(BusyError):
        roll_up(totals, *records)
    assert sums_of(totals, MONDAY) == a_sum(1, 1000)
    assert roll_up(totals, *records) == 1
    assert (sums_of(totals, MONDAY), sums_of(totals, TUESDAY)) == (a_sum(1, 1000), a_sum(1, 1000))


def test_late_records_count_once_even_if_the_batch_comes_again_after_the_next_day_closed(totals):
    totals.close_gates(MONDAY)
    roll_up(totals, a_counted_entry(1, MONDAY))
    totals.close_gates(TUESDAY)
    assert roll_up(totals, a_counted_entry(1, MONDAY)) == 0
    assert sums_of(totals, WEDNESDAY) == NOTHING


def test_a_lost_reply_counts_once(totals):
    totals.lost_replies = 1
    with pytest.raises(BusyError):
        roll_up(totals, a_counted_entry(1))
    assert roll_up(totals, a_counted_entry(1)) == 0
    assert sums_of(totals, TUESDAY) == a_sum(1, 1000)


def test_a_part_that_changed_meanwhile_is_read_again(totals):
    attempts: list[int] = []
    totals.trouble.append(stale)
    assert roll_up(totals, a_counted_entry(1), pause=attempts.append) == 1
    assert attempts == [0]


def test_after_five_lost_races_the_batch_must_come_again(totals):
    totals.trouble.extend([stale] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        roll_up(totals, a_counted_entry(1))
    assert ATTEMPTS_MAX == 5
    assert sums_of(totals, TUESDAY) == NOTHING
