from datetime import date

import pytest

from shared.domain.caps import COUNT_MAX, Cap, CapCounters, CapPeriod, CapWindow

FIVE_A_DAY = (Cap(CapPeriod.DAY, 5),)
ONE_A_MONTH = (Cap(CapPeriod.MONTH, 1),)
MONDAY = date(2026, 11, 9)
TUESDAY = date(2026, 11, 10)


def counted(times, caps=FIVE_A_DAY, day=MONDAY, scenario="metro", counters=None):
    counters = counters or CapCounters()
    for _ in range(times):
        counters = counters.counted(scenario, caps, day)
    return counters


def test_a_cap_is_reached_by_as_many_credits_as_it_allows():
    assert not counted(4).reached("metro", FIVE_A_DAY, MONDAY)
    assert counted(5).reached("metro", FIVE_A_DAY, MONDAY)


def test_another_day_and_another_scenario_have_counts_of_their_own():
    assert not counted(5).reached("metro", FIVE_A_DAY, TUESDAY)
    assert not counted(5).reached("bus", FIVE_A_DAY, MONDAY)


def test_credits_are_counted_for_the_period_in_which_a_day_falls():
    counters = counted(3, (*FIVE_A_DAY, *ONE_A_MONTH))
    counters = counted(1, (*FIVE_A_DAY, *ONE_A_MONTH), TUESDAY, counters=counters)
    assert counters.count("metro", CapPeriod.DAY, MONDAY) == 3
    assert counters.count("metro", CapPeriod.DAY, TUESDAY) == 1
    assert counters.count("metro", CapPeriod.MONTH, TUESDAY) == 4
    assert counters.count("metro", CapPeriod.DAY, date(2026, 11, 8)) == 0
    assert counters.count("bus", CapPeriod.DAY, MONDAY) == 0


def test_a_late_event_counts_for_the_day_on_which_it_occurred():
    counters = counted(5, day=TUESDAY)
    assert not counters.reached("metro", FIVE_A_DAY, MONDAY)
    assert counted(5, counters=counters).reached("metro", FIVE_A_DAY, MONDAY)


def test_a_month_is_a_calendar_month():
    counters = counted(1, ONE_A_MONTH, date(2026, 12, 31), "e-statement")
    assert counters.reached("e-statement", ONE_A_MONTH, date(2026, 12, 1))
    assert not counters.reached("e-statement", ONE_A_MONTH, date(2027, 1, 1))
    assert not counters.reached("e-statement", ONE_A_MONTH, date(2025, 12, 31))


def test_of_two_caps_the_tighter_one_decides():
    both = (Cap(CapPeriod.DAY, 5), Cap(CapPeriod.MONTH, 6))
    counters = counted(5, both)
    assert counters.reached("metro", both, MONDAY)
    assert not counters.reached("metro", both, TUESDAY)
    assert counted(1, both, TUESDAY, counters=counters).reached("metro", both, TUESDAY)


def test_the_latest_that_can_be_committed_is_still_remembered_beside_tomorrow():
    # Accepted after 31 days, 4 days queued, nearly 14 in the dead letters; and a partner's clock
    # that is already in the next day.
    today = date(2026, 11, 10).toordinal()
    oldest, tomorrow = date.fromordinal(today - 31 - 4 - 13), date.fromordinal(today + 1)
    counters = counted(5, day=tomorrow, counters=counted(5, day=oldest))
    assert counters.reached("metro", FIVE_A_DAY, oldest)
    assert counters.reached("metro", FIVE_A_DAY, tomorrow)


def test_what_can_no_longer_arrive_is_forgotten_so_that_a_window_stays_short():
    counters = counted(1, day=date(2026, 11, 10), counters=counted(1, day=date(2025, 1, 1)))
    [window] = counters.windows.values()
    assert window.counts == (*[0] * 49, 1)


def test_a_window_is_written_as_its_first_period_and_a_digit_for_each():
    window = CapWindow(739_929, (1, 0, 10, 35))
    assert window.encode() == "739929:10az"
    assert CapWindow.decode("739929:10az") == window


def test_a_count_stops_at_the_last_digit_instead_of_wrapping():
    assert CapWindow(7, (COUNT_MAX,)).with_more(7, 102) == CapWindow(7, (35,))


@pytest.mark.parametrize("count", [0, -1, 36])
def test_a_cap_that_a_digit_cannot_count_is_refused(count):
    with pytest.raises(ValueError, match="from 1 to 35"):
        Cap(CapPeriod.DAY, count)


def test_a_window_reaches_as_far_back_as_it_is_kept_and_everywhere_before_it_has_begun():
    window = CapWindow(100, (1, 0, 2))
    assert [index for index in range(95, 110) if not window.reaches(index, 5)] == [95, 96, 97]
    assert CapWindow().reaches(1, 5)
