"""The status: its payloads, and what is expected."""

from typing import Any

from tests.support.builders import at
from tests.support.cloud import Cloud
from tests.support.features.expectations import Expectations


def build(cloud: Cloud, time: Any) -> None:
    """Add nothing: the town's days stand as they are sealed and counted."""
    del cloud, time


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http

    return {
        "get_status/up_to_date.200": http("get_status"),
        "get_status/two_nights_later.200": http("get_status"),
        "get_status/other_path.404": http("get_status", raw_path="/v1/status/now"),
    }


SEALED = {"last_sealed_day": "2026-11-09", "sealed_at": "2026-11-09T16:15:00.000Z"}
EXPECTED = Expectations(
    codes={"get_status/other_path.404": "route_not_found"},
    answers={
        "get_status/up_to_date.200": {
            **SEALED,
            "now": "2026-11-10T04:00:00.000Z",
            "due_day": "2026-11-09",
            "is_behind": False,
            "days_behind": 0,
            "delay_s": 0,
        },
        # Of the 10th nothing was sealed in its night, nor of the 11th in the next.
        "get_status/two_nights_later.200": {
            **SEALED,
            "now": "2026-11-11T17:00:01.000Z",
            "due_day": "2026-11-11",
            "is_behind": True,
            "days_behind": 2,
            "delay_s": 86_401,
        },
    },
    times={"get_status/two_nights_later.200": at("2026-11-12T01:00:01+08:00")},
)
