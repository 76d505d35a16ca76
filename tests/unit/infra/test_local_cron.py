from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from infra.local.cron import InvalidExpressionError, parse_schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def next_three(expression: str, zone: ZoneInfo, after: str) -> list[str]:
    schedule = parse_schedule(expression, zone, at(after))
    due, instant = [], at(after)
    for _ in range(3):
        found = schedule.next_after(instant)
        if found is None:
            break
        due.append(found.strftime("%Y-%m-%dT%H:%M"))
        instant = found
    return due


@pytest.mark.parametrize(
    ("expression", "zone", "after", "due"),
    [
        (
            "cron(15 0,3,6 * * ? *)",
            SHANGHAI,
            "2026-11-22T20:00",
            ["2026-11-22T22:15", "2026-11-23T16:15", "2026-11-23T19:15"],
        ),
        (
            "cron(0/20 9 ? * MON-FRI *)",
            UTC_ZONE,
            "2026-11-20T09:40",
            ["2026-11-23T09:00", "2026-11-23T09:20", "2026-11-23T09:40"],
        ),
        (
            "cron(0 0 L * ? *)",
            UTC_ZONE,
            "2024-02-01T00:00",
            ["2024-02-29T00:00", "2024-03-31T00:00", "2024-04-30T00:00"],
        ),
        (
            # 2026-08-15 is a Saturday, 2026-11-15 a Sunday
            "cron(0 8 15W AUG,NOV ? *)",
            UTC_ZONE,
            "2026-08-01T00:00",
            ["2026-08-14T08:00", "2026-11-16T08:00", "2027-08-16T08:00"],
        ),
        (
            "cron(30 12 ? * 6#3 2026)",
            UTC_ZONE,
            "2026-11-01T00:00",
            ["2026-11-20T12:30", "2026-12-18T12:30"],
        ),
        (
            "cron(0 0 ? * 2L *)",
            UTC_ZONE,
            "2026-11-01T00:00",
            ["2026-11-30T00:00", "2026-12-28T00:00", "2027-01-25T00:00"],
        ),
        (
            "rate(5 minutes)",
            UTC_ZONE,
            "2026-11-22T00:00",
            ["2026-11-22T00:05", "2026-11-22T00:10", "2026-11-22T00:15"],
        ),
        (
            "rate(1 day)",
            UTC_ZONE,
            "2026-11-22T00:00",
            ["2026-11-23T00:00", "2026-11-24T00:00", "2026-11-25T00:00"],
        ),
        ("at(2026-12-01T08:00:00)", SHANGHAI, "2026-11-22T00:00", ["2026-12-01T00:00"]),
        ("cron(0 0 1 1 ? 2020)", UTC_ZONE, "2026-11-22T00:00", []),
    ],
)
def test_schedules_come_due_as_they_say(
    expression: str, zone: ZoneInfo, after: str, due: list[str]
) -> None:
    assert next_three(expression, zone, after) == due


def test_a_local_time_that_a_day_skips_is_skipped() -> None:
    # clocks in New York go from 02:00 to 03:00 on 2026-03-08
    assert next_three("cron(30 2 * * ? *)", NEW_YORK, "2026-03-07T00:00") == [
        "2026-03-07T07:30",
        "2026-03-09T06:30",
        "2026-03-10T06:30",
    ]


def test_a_local_time_that_a_day_has_twice_comes_due_once() -> None:
    # clocks in New York go from 02:00 back to 01:00 on 2026-11-01
    assert next_three("cron(30 1 * * ? *)", NEW_YORK, "2026-10-31T12:00") == [
        "2026-11-01T05:30",
        "2026-11-02T06:30",
        "2026-11-03T06:30",
    ]


def test_a_rate_counts_from_its_creation() -> None:
    created = at("2026-11-22T00:00:30")
    schedule = parse_schedule("rate(2 hours)", UTC_ZONE, created)
    assert schedule.next_after(created - timedelta(days=1)) == at("2026-11-22T02:00:30")
    assert schedule.next_after(created + timedelta(hours=5)) == at("2026-11-22T06:00:30")


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "every day",
        "rate(0 minutes)",
        "rate(5)",
        "cron(* * * * *)",
        "cron(* * * * * *)",
        "cron(* * ? * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 ? * FOO *)",
        "cron(5-1 0 * * ? *)",
        "cron(*/0 0 * * ? *)",
        "at(2026-12-01)",
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(InvalidExpressionError):
        parse_schedule(expression, UTC_ZONE, at("2026-11-22T00:00"))
