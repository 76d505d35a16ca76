"""Add new entries to the live totals of their ledger day, each exactly once."""

from collections.abc import Iterable
from datetime import date, timedelta

from shared.application.ports import DayClosedError, LiveTotals, Pause, StalePartError
from shared.domain.errors import BusyError
from shared.domain.totals import CountedEntry

ATTEMPTS_MAX = 5
# A record is at most as late as the stream keeps it (a day); a closed week means a wrong clock.
CLOSED_DAYS_MAX = 400


def roll_up_totals(
    totals: LiveTotals, *, shard: str, records: Iterable[CountedEntry], pause: Pause
) -> int:
    """Count a batch of one stream shard; return how many entries were new to the totals.

    A day's records go into that day while it is open. If its gates have closed, those that it has
    not counted yet go into the next open day, so that a sealed day never changes and no entry is
    left out. Raises BusyError when the batch must come again; what was counted stays counted.
    """
    by_day: dict[date, list[CountedEntry]] = {}
    for record in records:
        by_day.setdefault(record.ledger_day, []).append(record)
    if not by_day:
        return 0
    totals.begin(min(by_day))
    counted = 0
    for _ in range(CLOSED_DAYS_MAX):
        if not by_day:
            return counted
        day = min(by_day)
        fresh, late = _count(totals, day, shard, by_day.pop(day), pause)
        counted += len(fresh)
        if late:
            by_day.setdefault(day + timedelta(days=1), []).extend(late)
    raise BusyError


def _count(
    totals: LiveTotals, day: date, shard: str, records: list[CountedEntry], pause: Pause
) -> tuple[tuple[CountedEntry, ...], tuple[CountedEntry, ...]]:
    """Count the records in this day's part; return what was new, and what came too late for it."""
    for attempt in range(ATTEMPTS_MAX):
        part = totals.part(day, shard)
        fresh = part.uncounted(records)
        if not fresh:
            return (), ()
        try:
            totals.add(part, part.counting(fresh), fresh)
        except DayClosedError:
            return (), fresh
        except StalePartError:
            pause(attempt)
            continue
        return fresh, ()
    raise BusyError
