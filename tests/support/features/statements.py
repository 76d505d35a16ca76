"""Balances, movements and lots: what they add to the town, their payloads, what is expected.

saver-1 rode 8 km on 2026-11-09, which earned one point for the ride and two for its 204.608 g; the
points can be spent through 2027.
"""

from typing import Any

from tests.support.builders import at
from tests.support.cloud import NOW, Cloud
from tests.support.features.expectations import Expectations
from tests.support.partners import metro_event

# The hash of saver-1's entry; salts and ids of the town are fixed.
LOT = "0a940d2a4c86083b5f787f83684cf76f1b84ac663455e7290730a42fc32a9b11"


def build(cloud: Cloud, time: Any) -> None:
    """Add saver-1 with one ride."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    open_and_grant(cloud, time.now, "saver-1", "saver")
    time.now = NOW
    assert send(cloud, time.now, metro_event("ride-saver", subject="saver")) == 202
    cloud.drain()


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http

    def account(user: str = "saver-1", **query: str) -> dict[str, Any]:
        return http("get_account", user=user, query=query)

    def movements(user: str = "saver-1", **query: str) -> dict[str, Any]:
        return http("list_movements", user=user, query=query)

    def lot(name: str, user: str = "saver-1") -> dict[str, Any]:
        return http("trace_lot", user=user, path={"lot": name})

    return {
        "get_account/with_points.200": account(),
        "get_account/before_the_ride_was_booked.200": account(as_of="2026-11-10T11:59:59+08:00"),
        "get_account/as_of_now.200": account(as_of="2026-11-10T12:00:00+08:00"),
        "get_account/as_of_a_time_without_offset.422": account(as_of="2026-11-10T12:00:00"),
        "get_account/unknown_parameter.422": account(user_id="user-2"),
        "list_movements/none_yet.200": movements(),
        "list_movements/limit_zero.422": movements(limit="0"),
        "list_movements/forged_cursor.400": movements(cursor="AAAAAAAAAAAAAAAAAAAA"),
        "list_movements/no_account.404": movements("user-9"),
        "trace_lot/available.200": lot(LOT),
        "trace_lot/lot_of_another_user.404": lot(LOT, "user-1"),
        "trace_lot/unknown_lot.404": lot("f" * 64),
        "trace_lot/not_a_hash.404": lot("..%2F..%2Fadmin"),
        "trace_lot/no_account.404": lot(LOT, "user-9"),
        "list_entries/as_of_before_the_ride_was_booked.200": http(
            "list_entries", user="saver-1", query={"as_of": "2026-11-10T11:59:59+08:00"}
        ),
        "expire_points/nothing_has_lapsed.ok": {},
        "expire_points/after_the_last_day.ok": {},
    }


_POINTS = {
    "available": 3, "on_hold": 0, "debt": 0,
    "lapsing": [{"spend_by": "2027-12-31", "points": 3}],
}  # fmt: skip
_NO_POINTS = {"available": 0, "on_hold": 0, "debt": 0, "lapsing": []}

EXPECTED = Expectations(
    codes={
        "get_account/as_of_a_time_without_offset.422": "invalid_request",
        "get_account/unknown_parameter.422": "invalid_request",
        "list_movements/limit_zero.422": "invalid_request",
        "trace_lot/lot_of_another_user.404": "lot_not_found",
        "trace_lot/unknown_lot.404": "lot_not_found",
        "trace_lot/not_a_hash.404": "lot_not_found",
    },
    answers={
        "get_account/with_points.200": {
            "reduction_mg": 204_608, "entries": 1, "lines": 1, "points": _POINTS,
            "reductions": {"available_mg": 204_608, "on_hold_mg": 0, "debt_mg": 0},
            "as_of": "2026-11-10T04:00:00.000Z",
        },
        "get_account/before_the_ride_was_booked.200": {
            "reduction_mg": 0, "entries": 0, "lines": 0, "points": _NO_POINTS,
            "reductions": {"available_mg": 0, "on_hold_mg": 0, "debt_mg": 0},
        },
        "get_account/as_of_now.200": {"reduction_mg": 204_608, "points": _POINTS},
        "list_entries/as_of_before_the_ride_was_booked.200": {"entries": []},
        "list_movements/none_yet.200": {"movements": []},
        "trace_lot/available.200": {
            "lot": LOT, "reduction_mg": 204_608, "fates": {"available": 204_608}, "parts": [],
        },
    },
    growth={
        # Where the walk is.
        "expire_points/nothing_has_lapsed.ok": {"DocumentsTable": 1},
        "expire_points/after_the_last_day.ok": {"DocumentsTable": 1, "EntriesTable": 3},
    },
    reports={
        "expire_points/nothing_has_lapsed.ok": {"accounts": 0, "lapsed": 0, "done": True},
        "expire_points/after_the_last_day.ok": {"done": True},
    },
    times={"expire_points/after_the_last_day.ok": at("2028-01-01T00:40:00+08:00")},
    cannot_fail=frozenset({"expire_points"}),
)  # fmt: skip
