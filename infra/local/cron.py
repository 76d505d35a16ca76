"""Schedule expressions of EventBridge Scheduler: when they come due, in their time zone.

cron(minutes hours day-of-month month day-of-week year), rate(value unit), at(yyyy-mm-ddThh:mm:ss).
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
YEAR_MIN, YEAR_MAX = 1970, 2199
# A year field may be far off; no other field is empty for longer than this.
SEARCH_DAYS_MAX = 366 * 9

RATE = re.compile(r"rate\((?P<value>[1-9]\d*) (?P<unit>minute|hour|day)s?\)")
CRON = re.compile(r"cron\((?P<fields>[^)]+)\)")
AT = re.compile(r"at\((?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
FIELDS = 6


class Schedule(Protocol):
    def next_after(self, instant: datetime) -> datetime | None:
        """Return the first due instant after `instant` (aware, UTC), None if there is none."""
        ...


class InvalidExpressionError(ValueError):
    """Not a schedule expression."""


def parse_schedule(expression: str, zone: ZoneInfo, created_at: datetime) -> Schedule:
    """Parse the expression; `created_at` is where a rate counts from."""
    if match := RATE.fullmatch(expression):
        return Rate(created_at, timedelta(**{f"{match['unit']}s": int(match["value"])}))
    if match := AT.fullmatch(expression):
        local = datetime.fromisoformat(match["instant"]).replace(tzinfo=zone)
        return Once(local.astimezone(UTC))
    if match := CRON.fullmatch(expression):
        return Cron.parse(match["fields"], zone)
    raise InvalidExpressionError(f"not a schedule expression: {expression}")


@dataclass(frozen=True, slots=True)
class Rate:
    start: datetime
    period: timedelta

    def next_after(self, instant: datetime) -> datetime:
        passed = max(0, (instant - self.start) // self.period)
        return self.start + (passed + 1) * self.period


@dataclass(frozen=True, slots=True)
class Once:
    at: datetime

    def next_after(self, instant: datetime) -> datetime | None:
        return self.at if self.at > instant else None


@dataclass(frozen=True, slots=True)
class Cron:
    """`days_of_month` and `days_of_week` stay text: what they mean depends on the month."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: str
    months: frozenset[int]
    days_of_week: str
    years: frozenset[int]
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "Cron":
        fields = text.split()
        if len(fields) != FIELDS:
            raise InvalidExpressionError(f"cron has six fields: {text}")
        minutes, hours, days_of_month, months, days_of_week, years = fields
        if (days_of_month == "?") == (days_of_week == "?"):
            raise InvalidExpressionError(f"exactly one of the two day fields must be `?`: {text}")
        cron = cls(
            _values(minutes, 0, 59),
            _values(hours, 0, 23),
            days_of_month,
            _values(_numbered(months, MONTHS), 1, 12),
            _numbered(days_of_week, DAYS),
            _values(years, YEAR_MIN, YEAR_MAX),
            zone,
        )
        cron._due_days(2024, 2)  # refuses day fields that say nothing
        return cron

    def next_after(self, instant: datetime) -> datetime | None:
        local = instant.astimezone(self.zone)
        day = local.date()
        for _ in range(SEARCH_DAYS_MAX):
            if self._is_due_on(day):
                for due in self._instants(day):
                    if due > instant:
                        return due
            day += timedelta(days=1)
        return None

    def _is_due_on(self, day: date) -> bool:
        return (
            day.year in self.years
            and day.month in self.months
            and day.day in self._due_days(day.year, day.month)
        )

    def _instants(self, day: date) -> list[datetime]:
        """Return the day's due instants.

        A local time that the day skips is skipped; one that it has twice comes due the first time.
        """
        instants = []
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.combine(day, time(hour, minute), self.zone)
                due = local.astimezone(UTC)
                if due.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    instants.append(due)
        return sorted(instants)

    def _due_days(self, year: int, month: int) -> set[int]:
        if self.days_of_week == "?":
            return _days_of_month(self.days_of_month, year, month)
        return _days_of_week(self.days_of_week, year, month)


def _numbered(field: str, names: tuple[str, ...]) -> str:
    """Write names as numbers from 1."""
    for number, name in enumerate(names, 1):
        field = re.sub(name, str(number), field, flags=re.IGNORECASE)
    return field


def _values(field: str, low: int, high: int) -> frozenset[int]:
    """Return the numbers that a field names: `*`, `a`, `a-b`, `a/step`, `a-b/step`, and lists."""
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        try:
            if span == "*":
                first, last = low, high
            else:
                start, _, end = span.partition("-")
                first = int(start)
                last = int(end) if end else (high if step else first)
            stride = int(step) if step else 1
        except ValueError:
            raise InvalidExpressionError(f"not a cron field: {field}") from None
        if not (low <= first <= last <= high and stride > 0):
            raise InvalidExpressionError(f"out of range {low}-{high}: {field}")
        values.update(range(first, last + 1, stride))
    return frozenset(values)


def _days_of_month(field: str, year: int, month: int) -> set[int]:
    last = calendar.monthrange(year, month)[1]
    if field == "L":
        return {last}
    if field == "LW":
        return {_nearest_weekday(year, month, last)}
    if field.endswith("W") and field[:-1].isdigit():
        day = int(field[:-1])
        return {_nearest_weekday(year, month, day)} if day <= last else set()
    return {day for day in _values(field, 1, 31) if day <= last}


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Return the weekday nearest to the day, within its month."""
    last = calendar.monthrange(year, month)[1]
    match date(year, month, day).weekday():
        case calendar.SATURDAY:
            return day - 1 if day > 1 else day + 2
        case calendar.SUNDAY:
            return day + 1 if day < last else day - 2
        case _:
            return day


def _days_of_week(field: str, year: int, month: int) -> set[int]:
    by_weekday: dict[int, list[int]] = {number: [] for number in range(1, 8)}
    for day in range(1, calendar.monthrange(year, month)[1] + 1):
        by_weekday[date(year, month, day).isoweekday() % 7 + 1].append(day)
    if match := re.fullmatch(r"([1-7])#([1-5])", field):
        days, nth = by_weekday[int(match[1])], int(match[2])
        return {days[nth - 1]} if nth <= len(days) else set()
    if match := re.fullmatch(r"([1-7])?L", field):
        return {by_weekday[int(match[1] or 7)][-1]}
    return {day for number in _values(field, 1, 7) for day in by_weekday[number]}
