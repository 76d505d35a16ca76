"""A small town to send requests to: three users, three partners, a sealed day and an open one.

It is NOW, 12:00 on 2026-11-10 in UTC+8. user-1 (rider-1) and user-2 (rider-2) opened accounts at
noon on 2026-11-08 and consented to metro-demo's metro rides; user-3 has an account and no consent.

- ride-0 of user-1, 8 km, was booked on 2026-11-09, which is sealed like the day before;
- ride-1 of user-1 and ride-2 of user-2 (both on 2026-11-09 at 08:12:33) were booked today;
- ride-early of user-1 was an hour before the consent, ride-nobody was a stranger's: both refused;
- ride-1 came again with 9 km: a conflict.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.adapters import chance, clock
from shared.domain.partner import PartnerState
from tests.support.builders import a_partner, at
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.partners import (
    BANK,
    BANK_SECRET,
    METRO,
    METRO_NEXT_SECRET,
    METRO_SECRET,
    dump,
    link_token,
    metro_event,
    signed,
)
from tests.support.template import functions

OPENED_AT = at("2026-11-08T12:00:00+08:00")
OLD_METRO = a_partner("old-metro", scenarios=("metro",), state=PartnerState.SUSPENDED)


class Time:
    """The time that every function sees; tests set it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def forget(module: object) -> None:
    """A warm function keeps keys and the registry; another stack's must not be among them."""
    for value in vars(module).values():
        for cached in ("_cache", "_refreshed"):
            if hasattr(value, cached):
                getattr(value, cached).clear()
        if hasattr(value, "_key"):
            value._key = None
        if hasattr(value, "_begun"):
            value._begun = False


def send(cloud: Cloud, now: datetime, *events: dict[str, Any]) -> int:
    """Send metro-demo's events as one batch; return the status."""
    body = dump(list(events))
    status, _, _ = cloud.request(
        "receive_events",
        path={"partner": "metro-demo"},
        headers=signed(body, METRO_SECRET, now),
        body=body,
        subject=None,
    )
    return status


def open_and_grant(cloud: Cloud, now: datetime, subject: str, reference: str) -> None:
    """Open the subject's account, and consent to metro rides of a reference."""
    status, body, _ = cloud.request("open_account", subject=subject)
    assert status in {200, 201}, body
    token = link_token("metro-demo", reference, METRO_SECRET, now)
    status, body, _ = cloud.request(
        "grant_consent",
        subject=subject,
        path={"scenario": "metro", "partner": "metro-demo"},
        body=dump({"notice_version": "2025-01", "partner_link_token": token}),
    )
    assert status == 200, body


def build_town(patch: pytest.MonkeyPatch) -> tuple[Cloud, Time]:
    """Build the town; call it inside `mock_aws`, and undo the patch afterwards."""
    time = Time(OPENED_AT)
    numbers = iter(range(1, 10))
    patch.setattr(clock, "now", time)
    patch.setattr(chance, "pause", lambda _: None)
    patch.setattr(chance, "new_account_id", lambda: "a" + str(next(numbers)) * 26)
    cloud = Cloud()
    cloud.register(METRO, METRO_NEXT_SECRET, METRO_SECRET)
    cloud.register(BANK, BANK_SECRET)
    cloud.register(OLD_METRO, METRO_SECRET)
    for function in functions():
        forget(load(function))
    open_and_grant(cloud, time.now, "user-1", "rider-1")
    open_and_grant(cloud, time.now, "user-2", "rider-2")
    cloud.request("open_account", subject="user-3")

    time.now = at("2026-11-09T12:00:00+08:00")
    assert send(cloud, time.now, metro_event("ride-0", time="2026-11-08T20:00:00+08:00")) == 202
    cloud.drain()
    time.now = at("2026-11-10T00:15:00+08:00")
    sealed = load("close_day").handler({}, context())
    assert [day["day"] for day in sealed["sealed"]] == ["2026-11-08", "2026-11-09"]

    time.now = NOW - timedelta(minutes=1)
    early = metro_event("ride-early", time="2026-11-08T11:00:00+08:00")
    rides = [metro_event("ride-1"), metro_event("ride-2", subject="rider-2"), early]
    assert send(cloud, time.now, *rides, metro_event("ride-nobody", subject="nobody")) == 202
    cloud.drain()
    assert send(cloud, time.now, metro_event("ride-1", data={"distance_km": 9})) == 202
    cloud.drain()
    time.now = NOW
    return cloud, time
