from datetime import date

import pytest

from shared.domain.closing import Backlog, backlog
from tests.support.builders import at

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)


def test_where_nothing_was_ever_counted_nothing_is_due():
    nothing = backlog(None, has_seal=False, now=at("2026-11-12T12:00:00+08:00"))
    assert nothing == Backlog(None, 0, 0)
    assert not nothing.is_behind


@pytest.mark.parametrize(
    ("now", "due_day"),
    [
        ("2026-11-11T00:00:00+08:00", MONDAY),
        ("2026-11-11T00:59:59.999+08:00", MONDAY),
        ("2026-11-11T01:00:00+08:00", TUESDAY),
        ("2026-11-11T23:59:59.999+08:00", TUESDAY),
        ("2026-11-12T01:00:00+08:00", WEDNESDAY),
    ],
)
def test_a_day_is_due_an_hour_after_its_end_in_the_ledgers_zone(now, due_day):
    assert backlog(WEDNESDAY, has_seal=True, now=at(now)) == Backlog(due_day, 0, 0)


@pytest.mark.parametrize(
    ("now", "behind"),
    [
        ("2026-11-11T00:59:59.999+08:00", Backlog(MONDAY, 0, 0)),
        ("2026-11-11T01:00:00+08:00", Backlog(TUESDAY, 1, 0)),
        ("2026-11-11T03:15:01.900+08:00", Backlog(TUESDAY, 1, 8101)),
        ("2026-11-12T00:59:59+08:00", Backlog(TUESDAY, 1, 86_399)),
        ("2026-11-12T01:00:00+08:00", Backlog(WEDNESDAY, 2, 86_400)),
        ("2026-11-14T13:00:00+08:00", Backlog(date(2026, 11, 13), 4, 302_400)),
    ],
)
def test_the_delay_runs_from_when_the_first_unsealed_day_was_due(now, behind):
    found = backlog(MONDAY, has_seal=True, now=at(now))
    assert found == behind
    assert found.is_behind == (behind.days > 0)


@pytest.mark.parametrize(
    ("now", "behind"),
    [
        # Counting began on Wednesday; Tuesday is sealed before it, in the same night.
        ("2026-11-11T12:00:00+08:00", Backlog(None, 0, 0)),
        ("2026-11-12T00:59:59.999+08:00", Backlog(None, 0, 0)),
        ("2026-11-12T01:00:10+08:00", Backlog(WEDNESDAY, 2, 10)),
    ],
)
def test_on_the_first_day_of_a_ledger_nothing_is_late(now, behind):
    assert backlog(MONDAY, has_seal=False, now=at(now)) == behind
