from dataclasses import replace
from datetime import date

import pytest

from shared.application.close_day import close_day
from shared.application.get_status import Status, get_status
from shared.application.roll_up_totals import roll_up_totals
from shared.domain.closing import Backlog
from tests.support.builders import a_counted_entry, at
from tests.support.fakes import FakeTotals, no_pause

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)
TUESDAY_NOON = at("2026-11-10T12:00:00+08:00")
TUESDAY_NIGHT = at("2026-11-11T00:15:00+08:00")
WEDNESDAY_NOON = at("2026-11-11T12:00:00+08:00")


@pytest.fixture
def totals():
    """Tuesday has one entry, of noon; the day before it is the first that is sealed."""
    totals = FakeTotals()
    roll_up(totals, a_counted_entry(1, TUESDAY))
    totals.calls.clear()
    return totals


def roll_up(totals, *records, shard="shard-1"):
    roll_up_totals(totals, shard=shard, records=records, pause=no_pause)


def test_a_fresh_installation_has_nothing_to_show_and_is_not_behind():
    status = get_status(FakeTotals(), now=TUESDAY_NOON)
    assert status == Status(TUESDAY_NOON, None, Backlog(None, 0, 0), None)


def test_on_the_first_day_there_are_bookings_and_no_seal_although_a_cursor_stands(totals):
    assert totals.sealed_through() == date(2026, 11, 8)
    now = at("2026-11-10T18:00:00+08:00")
    assert get_status(totals, now=now) == Status(now, None, Backlog(None, 0, 0), TUESDAY_NOON)


def test_a_first_night_without_a_run_is_behind(totals):
    status = get_status(totals, now=WEDNESDAY_NOON)
    assert status.last_sealed is None
    assert status.backlog == Backlog(TUESDAY, 2, 39_600)


def test_after_the_nights_run_it_is_up_to_date(totals):
    sealed = close_day(totals, now=TUESDAY_NIGHT)
    status = get_status(totals, now=WEDNESDAY_NOON)
    assert status.last_sealed == sealed[-1]
    assert (sealed[-1].day, sealed[-1].sealed_at) == (TUESDAY, TUESDAY_NIGHT)
    assert status.backlog == Backlog(TUESDAY, 0, 0)
    assert status.booked_through == TUESDAY_NOON


def test_days_after_the_last_run_it_is_behind_and_names_the_last_seal(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    status = get_status(totals, now=at("2026-11-14T12:00:00+08:00"))
    assert status.last_sealed
    assert status.last_sealed.day == TUESDAY
    assert status.backlog == Backlog(date(2026, 11, 13), 3, 212_400)


def test_a_seal_that_the_cursor_does_not_name_yet_counts(totals):
    close_day(totals, now=TUESDAY_NIGHT)
    totals.through = MONDAY
    status = get_status(totals, now=WEDNESDAY_NOON)
    assert status.last_sealed == totals.seals[TUESDAY]
    assert not status.backlog.is_behind


def test_the_first_seal_counts_before_the_cursor_names_it(totals):
    close_day(totals, now=TUESDAY_NOON)
    totals.through = date(2026, 11, 8)
    status = get_status(totals, now=WEDNESDAY_NOON)
    assert status.last_sealed == totals.seals[MONDAY]
    assert status.backlog == Backlog(TUESDAY, 1, 39_600)


def test_the_newest_booking_may_be_in_the_day_before_though_a_late_one_is_in_the_present_day(
    totals,
):
    evening = at("2026-11-10T23:59:00+08:00")
    roll_up(totals, replace(a_counted_entry(2, TUESDAY), booked_at=evening), shard="shard-2")
    close_day(totals, now=TUESDAY_NIGHT)
    roll_up(totals, replace(a_counted_entry(3, TUESDAY), booked_at=at("2026-11-10T23:00:00+08:00")))
    assert totals.part(WEDNESDAY, "shard-1").booked_through
    assert get_status(totals, now=WEDNESDAY_NOON).booked_through == evening


def test_a_booking_of_two_days_ago_is_not_looked_for(totals):
    assert get_status(totals, now=at("2026-11-12T12:00:00+08:00")).booked_through is None
    assert totals.calls == ["newest booking 2026-11-12", "newest booking 2026-11-11"]
