from datetime import date

import pytest

from shared.domain.errors import InvalidRequestError
from shared.domain.instants import (
    day_start,
    format_instant,
    ledger_day,
    parse_day,
    parse_instant,
    truncate_to_millisecond,
)
from tests.support.builders import at


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-09T08:12:33+08:00", "2026-11-09T00:12:33.000Z"),
        ("2026-11-09T00:12:33Z", "2026-11-09T00:12:33.000Z"),
        ("2026-11-09t00:12:33z", "2026-11-09T00:12:33.000Z"),
        ("2026-11-08T20:12:33-04:00", "2026-11-09T00:12:33.000Z"),
        ("2026-11-09T00:12:33-00:00", "2026-11-09T00:12:33.000Z"),
        ("2026-11-09T05:57:33+05:45", "2026-11-09T00:12:33.000Z"),
        ("2026-11-09T00:12:33.5Z", "2026-11-09T00:12:33.500Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"),
    ],
)
def test_an_instant_with_an_offset_is_read_into_utc(text, utc):
    assert format_instant(parse_instant(text)) == utc


def test_what_is_finer_than_a_millisecond_is_cut_off_and_never_rounded_up():
    assert format_instant(parse_instant("2026-11-09T00:12:33.999999999Z")).endswith("33.999Z")
    assert truncate_to_millisecond(at("2026-11-09T00:12:33.999999+00:00")).microsecond == 999_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T10:00:00",  # no offset
        "2026-03-01T23:59:60Z",  # a leap second
        "2026-02-29T10:00:00Z",  # no such day
        "2026-13-01T10:00:00Z",
        "2026-00-01T10:00:00Z",
        "0000-01-01T10:00:00Z",
        "10000-01-01T10:00:00Z",
        "0001-01-01T00:00:00+08:00",  # would be in the year 0
        "9999-12-31T23:59:59-08:00",  # would be in the year 10000
        "2026-03-01T24:00:00Z",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00Z",
        "2026-03-01",
        "1772359200",
        "2026-03-01T10:00:00+0800",
        "2026-03-01T10:00:00+08",
        "2026-03-01T10:00:00+24:00",
        "2026-03-01T10:00:00+08:60",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00:00.1234567890Z",
        "2026-03-01T10:00:00Z\n",
        " 2026-03-01T10:00:00Z",
        "２０２６-03-01T10:00:00Z",
        "",
    ],
)
def test_anything_else_is_not_an_instant(text):
    with pytest.raises(InvalidRequestError):
        parse_instant(text)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-10T15:59:59.999Z", date(2026, 11, 10)),
        ("2026-11-10T16:00:00.000Z", date(2026, 11, 11)),
        ("2026-01-01T16:00:00.000Z", date(2026, 1, 2)),
        ("2024-02-28T16:00:00.000Z", date(2024, 2, 29)),
        ("2024-02-29T16:00:00.000Z", date(2024, 3, 1)),
        ("2026-12-31T15:59:59.999Z", date(2026, 12, 31)),
        ("2026-12-31T16:00:00.000Z", date(2027, 1, 1)),
    ],
)
def test_a_ledger_day_turns_at_16_hours_utc(instant, day):
    assert ledger_day(parse_instant(instant)) == day


def test_a_ledger_day_begins_where_the_one_before_ends():
    assert format_instant(day_start(date(2026, 11, 11))) == "2026-11-10T16:00:00.000Z"


def test_a_day_is_read():
    assert parse_day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29", "20261109", "2026-11-9", "2026-W46-1", "2026-11-09T00:00:00Z", "",
        "2026-11-09\n", "２０２６-11-09", "0001-01-01", "9999-12-31",
    ],
)  # fmt: skip
def test_anything_else_is_not_a_day_that_a_ledger_could_have(text):
    with pytest.raises(InvalidRequestError):
        parse_day(text)
