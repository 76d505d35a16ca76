"""Instants and days: strict RFC 3339 in, milliseconds kept, ledger days in fixed UTC+8."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from shared.domain.errors import InvalidRequestError

# Asia/Shanghai has had no other offset since 1991, and a constant needs no zone data at run time.
LEDGER_ZONE = timezone(timedelta(hours=8), "UTC+08:00")
# Days asked for lie in these years, so that a range around one never leaves the calendar.
YEARS = range(2000, 2200)

_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):([0-5]\d))",
    re.ASCII,
)


def parse_instant(text: str) -> datetime:
    """Return the aware UTC instant of an RFC 3339 text, truncated to milliseconds.

    Raises InvalidRequestError for a text without offset, a leap second or an impossible date.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise InvalidRequestError("An instant is written as RFC 3339 with an offset.")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    millisecond = int((match[7] or "0").ljust(3, "0")[:3])
    offset = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    try:
        zone = timezone(-offset if match[8] == "-" else offset)
        local = datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequestError("An instant names a date and time that exist.") from error


def format_instant(instant: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS.mmmZ`; texts of this form sort as their instants do."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def truncate_to_millisecond(instant: datetime) -> datetime:
    """Return the instant without what is finer than a millisecond, as it is stored."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def ledger_day(instant: datetime) -> date:
    """Return the day in UTC+8 on which an instant falls."""
    return instant.astimezone(LEDGER_ZONE).date()


def day_start(day: date) -> datetime:
    """Return the instant at which a ledger day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LEDGER_ZONE)


def parse_day(text: str) -> date:
    """Return the date of `YYYY-MM-DD` in YEARS; raise InvalidRequestError for anything else."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) and int(text[:4]) in YEARS:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidRequestError("A day is written as YYYY-MM-DD.")
