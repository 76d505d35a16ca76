"""A function dies before or after any one of its calls; what was not done comes again.

The world is run once undisturbed. Then, for every function of the pipeline and every call that it
makes, it is run again with the function killed just before the call reaches AWS, or just after it
took effect but before the function learned of it. The event source then does what the real one
does: it delivers again. Whatever was killed, the accounts, entries and sealed days are the same.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from threading import current_thread, main_thread
from typing import Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from shared.adapters import chance, clock, totals
from tests.integration.conftest import forget
from tests.support.cloud import Cloud, context, load
from tests.support.killing import Killer, retried
from tests.support.partners import (
    METRO,
    METRO_SECRET,
    dump,
    link_token,
    metro_event,
    signed,
)
from tests.support.template import functions

GRANTED = datetime(2026, 11, 8, 4, 0, tzinfo=UTC)
SENT = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
CLOSED = datetime(2026, 11, 10, 16, 15, tzinfo=UTC)
PIPELINE = (
    "receive_events",
    "calculate_reductions",
    "update_accounts",
    "roll_up_totals",
    "close_day",
)
# What stands in the way of one event is seen with these: a duplicate, a conflict, a refusal.
EVENTS = [
    metro_event("ride-1"),
    metro_event("ride-2", data={"distance_km": 3.5}),
    metro_event("ride-1"),
    metro_event("stranger", subject="rider-9"),
    metro_event("ride-3", data={}),
]
CONFLICTING = metro_event("ride-2", data={"distance_km": 9})
COMPLETING = metro_event("ride-3-end", data={"completes": "ride-3", "distance_km": 2})


def send(cloud: Cloud, events: Any) -> None:
    body = dump(events)
    status, answer, _ = cloud.request(
        "receive_events",
        path={"partner": "metro-demo"},
        headers=signed(body, METRO_SECRET, SENT),
        body=body,
        subject=None,
    )
    assert status == 202, answer


def drain(cloud: Cloud, killer: Killer) -> None:
    for _ in range(30):
        moved = retried(
            killer,
            "calculate_reductions",
            lambda: cloud.deliver("EventsQueue", "calculate_reductions"),
        )
        moved += retried(
            killer, "update_accounts", lambda: cloud.deliver("PostingsQueue", "update_accounts")
        )
        moved += retried(killer, "roll_up_totals", cloud.stream)
        if not moved:
            return
    raise AssertionError("The pipeline does not come to rest.")


def run(monkeypatch: pytest.MonkeyPatch, killer: Killer) -> dict[str, Any]:
    """Run the world; return what must be the same whatever was killed."""
    numbers = count(1)
    salts: dict[int, str] = {}
    monkeypatch.setattr(chance, "new_account_id", lambda: "a" + "1" * 26)
    monkeypatch.setattr(chance, "new_salt", lambda: salts.setdefault(next(numbers), "0" * 32))
    monkeypatch.setattr(chance, "pause", lambda _: None)
    monkeypatch.setattr(totals, "GATES", 2)
    with mock_aws():
        cloud = Cloud()
        cloud.register(METRO, METRO_SECRET)
        for name in functions():
            forget(load(name))
        monkeypatch.setattr(clock, "now", lambda: GRANTED)
        cloud.request("open_account")
        cloud.request(
            "grant_consent",
            path={"scenario": "metro", "partner": "metro-demo"},
            body=dump(
                {
                    "notice_version": "2025-01",
                    "partner_link_token": link_token(
                        "metro-demo", "rider-1", METRO_SECRET, GRANTED
                    ),
                }
            ),
        )
        monkeypatch.setattr(clock, "now", lambda: SENT)
        retried(killer, "receive_events", lambda: send(cloud, EVENTS))
        drain(cloud, killer)
        retried(killer, "receive_events", lambda: send(cloud, [CONFLICTING, COMPLETING]))
        drain(cloud, killer)
        monkeypatch.setattr(clock, "now", lambda: CLOSED)
        retried(killer, "close_day", lambda: load("close_day").handler({}, context()))
        days = ("2026-11-09", "2026-11-10")
        return {
            "accounts": cloud.rows("AccountsTable"),
            "entries": cloud.rows("EntriesTable"),
            "sealed": [cloud.request("get_sealed_day", path={"day": day})[1] for day in days],
            "stuck": cloud.waiting("EventsQueue") + cloud.waiting("PostingsQueue"),
        }


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """The world without a kill, and how many calls each function of the pipeline makes in it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        real = BotocoreStubber.__call__
        calls = dict.fromkeys(PIPELINE, 0)
        killer = Killer(function="none")

        def counted(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
            if killer.running in calls and current_thread() is main_thread():
                calls[killer.running] += 1
            return real(self, event_name, request, **kwargs)

        monkeypatch.setattr(BotocoreStubber, "__call__", counted)
        yield run(monkeypatch, killer), calls


def test_the_undisturbed_world_credits_three_rides_and_reports_one_conflict(undisturbed):
    world, calls = undisturbed
    by_outcome = sorted(row["outcome"]["S"] for row in world["entries"])
    # Of the third ride, the provisional entry and the completion, and the outcome of what brought
    # the latter.
    assert by_outcome == ["completed", "conflict", *["credited"] * 4, "rejected"]
    # 8 km, 3.5 km and 2 km at 25.576 g/km: 204,608 mg + 89,516 mg + 51,152 mg
    total = world["sealed"][1]["total"]
    assert (total["count"], total["reduction_mg"], total["provisional_mg"]) == (4, 345_276, 0)
    assert min(calls.values()) > 3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("function", PIPELINE)
def test_killed_at_any_call_the_ledger_and_the_seals_are_the_same(
    undisturbed, monkeypatch, function, after
):
    world, calls = undisturbed
    real = BotocoreStubber.__call__
    for at in range(1, calls[function] + 1):
        killer = Killer(function, at, after)

        def sent(self: Any, event_name: str, request: Any, _killer=killer, **kwargs: Any) -> Any:
            return _killer.call(real, self, event_name, request, **kwargs)

        monkeypatch.setattr(BotocoreStubber, "__call__", sent)
        assert run(monkeypatch, killer) == world, f"killed {function} at call {at}"
        assert killer.calls >= at, "nothing was killed"
