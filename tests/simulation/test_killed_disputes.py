"""A function dies before or after any call of a dispute; the user, partner or clock tries again.

Whatever was killed, each dispute ends as it would have, and the ledger is the same.
"""

from collections.abc import Callable
from typing import Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from shared.adapters import chance, clock
from tests.integration.conftest import forget
from tests.support.builders import at
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features.disputes import (
    DEADLINE,
    FIVE_KM,
    MISSING,
    dispute,
    report,
    say,
)
from tests.support.killing import Killer, retried
from tests.support.partners import METRO, METRO_SECRET, metro_event
from tests.support.template import functions
from tests.support.town import Time, open_and_grant, send

GRANTED = at("2026-11-08T12:00:00+08:00")
FUNCTIONS = (
    "dispute_entry",
    "report_missing",
    "withdraw_dispute",
    "answer_dispute",
    "settle_disputes",
)


def play(killer: Killer, time: Time) -> dict[str, Any]:
    """Open five disputes, withdraw one, answer two, and let silence decide the others."""
    cloud = Cloud()
    cloud.register(METRO, METRO_SECRET)
    for name in functions():
        forget(load(name))
    open_and_grant(cloud, time.now, "user-1", "rider-1")
    time.now = NOW
    rides = ("ride-1", "ride-2", "ride-3", "ride-4")
    assert send(cloud, time.now, *(metro_event(each) for each in rides)) == 202
    cloud.drain()
    bodies = ({"kind": "not_mine"}, FIVE_KM, {"kind": "duplicate"}, FIVE_KM)

    def opening(ride: str, body: Any) -> Callable[[], Any]:
        return lambda: dispute(cloud, "user-1", ride, f"key-{ride}", body)

    def answering(dispute_id: str, said: dict[str, str]) -> Callable[[], Any]:
        return lambda: say(cloud, time.now, dispute_id, **said)

    opened = [
        retried(killer, "dispute_entry", opening(ride, body))["dispute_id"]
        for ride, body in zip(rides, bodies, strict=True)
    ]
    missing = retried(
        killer, "report_missing", lambda: report(cloud, "user-1", "key-missing", MISSING)
    )
    status, *_ = retried(
        killer,
        "withdraw_dispute",
        lambda: cloud.request("withdraw_dispute", subject="user-1", path={"dispute_id": opened[0]}),
    )
    no = {"answer": "decline", "reason": "no_record"}
    answers = [
        retried(killer, "answer_dispute", answering(each, said))[0]
        for each, said in ((opened[1], {"answer": "accept"}), (opened[2], no))
    ]
    assert [status, *answers] == [200, 200, 200]
    time.now = DEADLINE
    retried(killer, "settle_disputes", lambda: load("settle_disputes").handler({}, context()))
    _, listed, _ = cloud.request("list_disputes")
    _, account, _ = cloud.request("get_account")
    states = {each["dispute_id"]: each["state"] for each in listed["disputes"]}
    return {
        "states": [states[each] for each in (*opened, missing["dispute_id"])],
        "entries": sum(len(each["entries"]) for each in listed["disputes"]),
        "lines": account["lines"],
        "total": account["total"],
        "points": account["points"],
        "documents": len(cloud.rows("DocumentsTable")),
        "ledger": len(cloud.rows("EntriesTable")),
    }


def run(patch: pytest.MonkeyPatch, killer: Killer) -> dict[str, Any]:
    time = Time(GRANTED)
    patch.setattr(clock, "now", time)
    patch.setattr(chance, "pause", lambda _: None)
    patch.setattr(chance, "new_account_id", lambda: "a" + "1" * 26)
    real = BotocoreStubber.__call__

    def sent(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        return killer.call(real, self, event_name, request, **kwargs)

    patch.setattr(BotocoreStubber, "__call__", sent)
    with mock_aws():
        return play(killer, time)


def test_the_undisturbed_world_has_every_end(monkeypatch):
    world = run(monkeypatch, Killer("none"))
    assert world["states"] == [
        "withdrawn", "accepted", "declined", "decided_for_user", "decided_for_user",
    ]  # fmt: skip
    # Four rides, two corrections to 5 km, and the missing ride of 5 km.
    assert (world["lines"], world["ledger"], world["entries"]) == (7, 7, 3)
    assert world["total"]["reduction_mg"] == 2 * 204_608 + 3 * 127_880
    assert world["total"]["evidence_mg"] == {"1": 2 * 204_608 + 127_880, "5": 2 * 127_880}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_killed_at_any_call_every_dispute_ends_as_it_would_have(monkeypatch, function):
    with monkeypatch.context() as patch:
        # Dies at no call, and so counts them.
        counting = Killer(function)
        world = run(patch, counting)
    assert counting.calls > 2
    for number in range(1, counting.calls + 1):
        for after in (False, True):
            killer = Killer(function, number, after)
            with monkeypatch.context() as patch:
                found = run(patch, killer)
            assert found == world, f"killed {function} {after=} at call {number}"
            assert killer.calls >= number, "nothing was killed"
