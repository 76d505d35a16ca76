"""When a ledger day should be sealed, and how far the sealing is behind that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.domain.instants import day_start, ledger_day

# The first run starts a quarter past midnight; within the hour it and its repeats had their time.
SEALED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far the sealing of ledger days is behind at an instant.

    `due_day` is the last day that should be sealed by then, None while none is due yet. `days`
    counts those up to it that are not, and `delay_s` is the time since the first of them was due.
    """

    due_day: date | None = None
    days: int = 0
    delay_s: int = 0

    @property
    def is_behind(self) -> bool:
        return self.days > 0


def backlog(through: date | None, *, has_seal: bool, now: datetime) -> Backlog:
    """Return what is due at `now` and not sealed; all days up to `through` need no sealing.

    `through` is None where nothing was ever counted. Without any seal it is two days before the
    first counted day; no run could know of the day between before its own night had passed, so
    that day is due together with the first counted one.
    """
    if through is None:
        return Backlog()
    due_day = ledger_day(now - SEALED_WITHIN) - timedelta(days=1)
    first = through + timedelta(days=1 if has_seal else 2)
    if due_day < first:
        return Backlog(due_day if has_seal else None)
    delay = now - _due_at(first)
    return Backlog(due_day, (due_day - through).days, int(delay.total_seconds()))


def _due_at(day: date) -> datetime:
    return day_start(day + timedelta(days=1)) + SEALED_WITHIN
