"""From a partner's signed event to an entry, the day's totals and its seal."""

from datetime import UTC, datetime

from tests.integration.conftest import Time
from tests.support.cloud import Cloud, context, load
from tests.support.partners import METRO_SECRET, dump, link_token, metro_event, signed


def open_and_grant(cloud: Cloud, time: Time, subject: str = "user-1", ref: str = "rider-1") -> None:
    assert cloud.request("open_account", subject=subject)[0] in {200, 201}
    status, body, _ = cloud.request(
        "grant_consent",
        subject=subject,
        path={"scenario": "metro", "partner": "metro-demo"},
        body=dump(
            {
                "notice_version": "2025-01",
                "partner_link_token": link_token("metro-demo", ref, METRO_SECRET, time.now),
            }
        ),
    )
    assert status == 200, body


def send(cloud: Cloud, time: Time, events: object) -> tuple[int, object]:
    body = dump(events)
    status, answer, _ = cloud.request(
        "receive_events",
        path={"partner": "metro-demo"},
        headers=signed(body, METRO_SECRET, time.now),
        body=body,
        subject=None,
    )
    return status, answer


def test_a_ride_becomes_an_entry_a_total_and_a_line_of_the_sealed_day(cloud: Cloud, time: Time):
    time.now = datetime(2026, 11, 8, 4, 0, tzinfo=UTC)
    open_and_grant(cloud, time)
    time.now = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)

    assert send(cloud, time, metro_event("ride-1"))[0] == 202
    cloud.drain()

    status, account, _ = cloud.request("get_account")
    # 8 km x 0.23 x (0.1952 - 0.0840) kg/km = 0.204608 kg
    assert (status, account["reduction_mg"], account["entries"]) == (200, 204_608, 1)
    _, page, _ = cloud.request("list_entries")
    assert [entry["event_id"] for entry in page["entries"]] == ["ride-1"]
    _, totals, _ = cloud.request("get_totals", query={"from": "2026-11-01", "to": "2026-11-10"})
    [period] = totals["periods"]
    assert period["period"] == "2026-11-09"
    assert (period["total"]["count"], period["total"]["reduction_mg"]) == (1, 204_608)
    assert period["by_scenario"] == {"metro": period["total"]}

    time.now = datetime(2026, 11, 10, 16, 15, tzinfo=UTC)
    sealed = load("close_day").handler({}, context())
    assert [day["day"] for day in sealed["sealed"]] == ["2026-11-09", "2026-11-10"]
    status, day, _ = cloud.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None)
    assert (status, day["total"]) == (200, period["total"])
