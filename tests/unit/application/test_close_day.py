from datetime import date, timedelta
from itertools import pairwise

import pytest

from shared.application.close_day import DAYS_PER_RUN_MAX, close_day
from shared.application.get_sealed_day import get_sealed_day
from shared.application.roll_up_totals import roll_up_totals
from shared.domain.errors import DayNotSealedError, TotalsMismatchError
from shared.domain.measurement import NOTHING
from shared.domain.totals import SEAL_CHAIN_START
from tests.support.builders import a_counted_entry, a_sum, at
from tests.support.fakes import FakeTotals, no_pause

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)
TUESDAY_NIGHT = at("2026-11-11T00:15:00+08:00")
WEDNESDAY_NIGHT = at("2026-11-12T00:15:00+08:00")


@pytest.fixture
def totals():
    """Tuesday has one entry; the day before it is the first that is sealed."""
    totals = FakeTotals()
    roll_up(totals, a_counted_entry(1, TUESDAY))
    totals.calls.clear()
    return totals


def roll_up(totals, *records):
    return roll_up_totals(totals, shard="shard-1", records=records, pause=no_pause)


def days(sealed):
    return [each.day for each in sealed]


def test_before_anything_was_counted_there_is_nothing_to_seal():
    totals = FakeTotals()
    assert close_day(totals, now=TUESDAY_NIGHT) == []
    assert totals.calls == []


def test_every_day_that_has_ended_is_sealed_in_order(totals):
    sealed = close_day(totals, now=TUESDAY_NIGHT)
    assert days(sealed) == [MONDAY, TUESDAY]
    assert [each.total for each in sealed] == [NOTHING, a_sum(1, 1000)]


def test_a_days_gates_are_closed_before_its_totals_are_read(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    assert totals.calls == [
        "close 2026-11-09", "parts 2026-11-09", "seal 2026-11-09",
        "close 2026-11-10", "parts 2026-11-10", "seal 2026-11-10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "ended"),
    [
        ("2026-11-10T15:59:59.999Z", [MONDAY]),
        ("2026-11-10T16:00:00.000Z", [MONDAY, TUESDAY]),
    ],
)
def test_the_present_day_is_left_open_until_its_last_millisecond(totals, now, ended):
    assert days(close_day(totals, now=at(now))) == ended


def test_a_second_run_changes_nothing(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    before = dict(totals.seals)
    assert close_day(totals, now=TUESDAY_NIGHT) == []
    assert totals.seals == before


def test_missed_days_are_caught_up(totals):
    sealed = close_day(totals, now=TUESDAY_NIGHT + timedelta(days=7))
    assert len(sealed) == 9
    assert sealed[-1].day == date(2026, 11, 17)


def test_a_long_pause_is_caught_up_in_several_runs(totals):
    now = TUESDAY_NIGHT + timedelta(days=50)
    assert [len(close_day(totals, now=now)) for _ in range(3)] == [DAYS_PER_RUN_MAX, 12, 0]


def test_each_seal_chains_to_the_one_before_across_runs(totals):
    first = close_day(totals, now=TUESDAY_NIGHT)
    second = close_day(totals, now=WEDNESDAY_NIGHT)
    chain = [*first, *second]
    assert days(chain) == [MONDAY, TUESDAY, WEDNESDAY]
    assert chain[0].previous_seal == SEAL_CHAIN_START
    for earlier, later in pairwise(chain):
        assert later.previous_seal == earlier.seal


def test_a_late_entry_is_in_the_next_days_seal_and_never_in_the_sealed_one(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    before = get_sealed_day(totals, day=TUESDAY)
    roll_up(totals, a_counted_entry(2, TUESDAY))
    [wednesday] = close_day(totals, now=WEDNESDAY_NIGHT)
    assert get_sealed_day(totals, day=TUESDAY) == before
    assert wednesday.total == a_sum(1, 1000)


def test_counters_that_contradict_the_entries_stop_the_sealing_there(totals):
    totals.leaf_rows.clear()
    with pytest.raises(TotalsMismatchError):
        close_day(totals, now=TUESDAY_NIGHT)
    assert list(totals.seals) == [MONDAY]
    with pytest.raises(DayNotSealedError):
        get_sealed_day(totals, day=TUESDAY)


def test_a_run_that_died_between_the_seal_and_the_cursor_is_finished_by_the_next(totals):
    sealed = close_day(totals, now=TUESDAY_NIGHT)
    totals.through = MONDAY
    again = close_day(totals, now=TUESDAY_NIGHT + timedelta(hours=3))
    assert again == [sealed[1]]
    assert totals.sealed_through() == TUESDAY


def test_a_seal_that_stands_is_never_replaced_by_another(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    totals.through = MONDAY
    totals.rows.clear()
    totals.leaf_rows.clear()
    with pytest.raises(TotalsMismatchError, match="sealed before with other totals"):
        close_day(totals, now=TUESDAY_NIGHT)


def test_an_open_day_is_not_sealed(totals):
    with pytest.raises(DayNotSealedError):
        get_sealed_day(totals, day=WEDNESDAY)
