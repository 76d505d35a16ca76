"""A small town to send requests to: three users, three partners, a sealed day and an open one.

It is NOW, 12:00 on 2026-11-10 in UTC+8. user-1 (rider-1) and user-2 (rider-2) opened accounts at
noon on 2026-11-08 and consented to metro-demo's metro rides; user-3 has an account and no consent.

- ride-0 of user-1, 8 km, was booked on 2026-11-09, which is sealed like the day before;
- ride-1 of user-1 and ride-2 of user-2 (both on 2026-11-09 at 08:12:33) were booked today;
- ride-open of user-2 came without its distance; so did ride-half, which ride-rest completed;
- saving-1 of user-2, 4 kWh of electricity, was measured by this year's grid factor;
- user-2 has put the answers of a household of three for a footprint, nobody else has;
- ride-early of user-1 was an hour before the consent, ride-nobody was a stranger's: both refused;
- ride-1 came again with 9 km: a conflict.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from shared.adapters import chance, clock, quiz
from shared.domain.partner import PartnerState
from tests.support.builders import a_partner, at
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features import FEATURES
from tests.support.homes import HOUSEHOLD
from tests.support.partners import (
    BANK,
    BANK_SECRET,
    GRID,
    GRID_SECRET,
    METRO,
    METRO_NEXT_SECRET,
    METRO_SECRET,
    dump,
    link_token,
    metro_event,
    saving_event,
    signed,
)
from tests.support.suppliers import use_supplier
from tests.support.template import NUMBERS, functions

OPENED_AT = at("2026-11-08T12:00:00+08:00")
SECRETS = {METRO.partner: METRO_SECRET, GRID.partner: GRID_SECRET}
UNMEASURED = ("ride-open", "ride-half")
OLD_METRO = a_partner("old-metro", scenarios=("metro",), state=PartnerState.SUSPENDED)


class Time:
    """The time that every function sees; tests set it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def forget(module: object) -> None:
    """A warm function keeps keys and the registry; another stack's must not be among them."""
    kept = list(vars(module).values())
    for value in (*kept, *getattr(module, "SIGNERS", ())):
        for cached in ("_cache", "_refreshed"):
            if hasattr(value, cached):
                getattr(value, cached).clear()
        if hasattr(value, "_key"):
            value._key = None
        if hasattr(value, "_begun"):
            value._begun = False


def send(cloud: Cloud, now: datetime, *events: dict[str, Any], partner: str = METRO.partner) -> int:
    """Send a partner's events as one batch; return the status."""
    body = dump(list(events))
    status, _, _ = cloud.request(
        "receive_events",
        path={"partner": partner},
        headers=signed(body, SECRETS[partner], now),
        body=body,
        subject=None,
    )
    return status


def open_and_grant(
    cloud: Cloud,
    now: datetime,
    subject: str,
    reference: str,
    scenario: str = "metro",
    partner: str = METRO.partner,
) -> None:
    """Open the subject's account, and consent to one scenario of a partner's reference."""
    status, body, _ = cloud.request("open_account", subject=subject)
    assert status in {200, 201}, body
    token = link_token(partner, reference, SECRETS[partner], now)
    status, body, _ = cloud.request(
        "grant_consent",
        subject=subject,
        path={"scenario": scenario, "partner": partner},
        body=dump({"notice_version": "2025-01", "partner_link_token": token}),
    )
    assert status == 200, body


def build_town(patch: pytest.MonkeyPatch) -> tuple[Cloud, Time]:
    """Build the town; call it inside `mock_aws`, and undo the patch afterwards."""
    time = Time(OPENED_AT)
    numbers = iter("123456789bcdefghijklmnopqrstuvwxyz")
    patch.setattr(clock, "now", time)
    patch.setattr(chance, "pause", lambda _: None)
    patch.setattr(chance, "new_account_id", lambda: "a" + next(numbers) * 26)
    salts = count(1)
    patch.setattr(chance, "new_salt", lambda: f"{next(salts):032x}")
    codes = count(1)
    patch.setattr(chance, "new_invitation_code", lambda: f"invitation-{next(codes)}")
    patch.setattr(quiz, "QUESTIONS", NUMBERS)
    tokens = count(1)
    patch.setattr(chance, "new_share_token", lambda: f"token{next(tokens)}".ljust(26, "a"))
    cloud = Cloud()
    cloud.supplier = use_supplier(patch)
    cloud.register(METRO, METRO_NEXT_SECRET, METRO_SECRET)
    cloud.register(BANK, BANK_SECRET)
    cloud.register(OLD_METRO, METRO_SECRET)
    cloud.register(GRID, GRID_SECRET)
    for function in functions():
        forget(load(function))
    open_and_grant(cloud, time.now, "user-1", "rider-1")
    open_and_grant(cloud, time.now, "user-2", "rider-2")
    open_and_grant(cloud, time.now, "user-2", "meter-2", "saved-electricity", GRID.partner)
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
    unmeasured = [metro_event(each, subject="rider-2", data={}) for each in UNMEASURED]
    assert send(cloud, time.now, *unmeasured) == 202
    cloud.drain()
    rest = {"completes": "ride-half", "distance_km": 8}
    assert send(cloud, time.now, metro_event("ride-rest", subject="rider-2", data=rest)) == 202
    cloud.drain()
    assert send(cloud, time.now, saving_event("saving-1"), partner=GRID.partner) == 202
    cloud.drain()
    answers = dump({"answers": HOUSEHOLD})
    assert cloud.request("put_footprint", subject="user-2", body=answers)[0] == 200
    for feature in FEATURES:
        time.now = NOW
        feature.build(cloud, time)
    time.now = NOW
    return cloud, time
