"""A function dies before or after any call of a redemption, the supplier's among them.

The client sends again with the same key, the queue delivers again, the schedule runs again.
Whatever was killed, each hold ends as it would have, and the client's answers are the same.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from infra.local.supplier import Behaviour
from shared.adapters import chance, clock
from shared.adapters.suppliers import HttpSuppliers
from tests.integration.conftest import forget
from tests.support.builders import at
from tests.support.cloud import Cloud, context, load
from tests.support.features.redemptions import a_benefit, credit, publish
from tests.support.killing import Killer, retried
from tests.support.partners import METRO, METRO_SECRET
from tests.support.suppliers import use_supplier
from tests.support.template import functions
from tests.support.town import Time, open_and_grant

GRANTED = at("2026-11-08T12:00:00+08:00")
REDEEMED = at("2026-11-10T12:00:00+08:00")
# Each function dies in a world of the benefits that it has to do with: settled, refused, cancelled
# before its supplier knew and after, and expired.
WORLDS = {
    "redeem_benefit": ("coffee",),
    "fulfil_redemptions": ("coffee", "tram"),
    "cancel_redemption": ("tree", "museum"),
    "reconcile_redemptions": ("cinema",),
    "get_redemption": ("coffee",),
}
BENEFITS = {
    "coffee": a_benefit("coffee", points=15, limit_per_person=1),
    "tree": a_benefit("tree", reduction_mg=500_000),
    "museum": a_benefit("museum", points=10, reduction_mg=1),
    "tram": a_benefit("tram", points=5),
    "cinema": a_benefit("cinema", points=20),
}
BEHAVIOURS = {
    "museum": Behaviour(pending=99),
    "tram": Behaviour(is_refusing=True),
    "cinema": Behaviour(pending=99),
}


class World:
    """One run: a buyer redeems benefits, cancels some, and the rest takes its course."""

    def __init__(
        self, names: Iterable[str], killer: Killer, patch: pytest.MonkeyPatch, time: Time
    ) -> None:
        self.benefits = {name: BENEFITS[name] for name in names}
        self.killer = killer
        self.time = time
        self.cloud = Cloud()
        self.cloud.register(METRO, METRO_SECRET)
        for name in functions():
            forget(load(name))
        self.supplier = use_supplier(patch)
        post = HttpSuppliers._post
        # The supplier is a call as any other.
        patch.setattr(HttpSuppliers, "_post", lambda *args: killer.call(post, *args))
        open_and_grant(self.cloud, time.now, "user-1", "rider-1")
        time.now = REDEEMED
        credit(self.cloud, "a" + "1" * 26, "ride-1", 100, 2_000_000)
        self.cloud.drain()
        publish(*self.benefits.values())
        self.supplier.behaviours.update(BEHAVIOURS)

    def run(self) -> dict[str, Any]:
        held = {name: self.redeem(name) for name in self.benefits}
        cancelled = [self.cancel(held[name]) for name in ("tree",) if name in held]
        self.drain()
        cancelled += [self.cancel(held[name]) for name in ("museum",) if name in held]
        # Who dies after it has told the store that it will look looks again an hour later.
        for minutes in (2, 60, 25 * 60, 27 * 60):
            self.time.now = REDEEMED + timedelta(minutes=minutes)
            retried(
                self.killer,
                "reconcile_redemptions",
                lambda: load("reconcile_redemptions").handler({}, context()),
            )
            self.drain()
        ends = {name: self.read(each["redemption_id"]) for name, each in held.items()}
        codes = {name: order.codes for name, order in self.supplier.orders.items()}
        for each in ends.values():
            code = each.pop("voucher_code", None)
            # The voucher that is shown is the one that was issued, and no other was.
            assert codes.get(each["redemption_id"], []) == ([code] if code else [])
            # When it ended is not the same where something died.
            each.pop("ended_at")
        _, account, _ = self.cloud.request("get_account")
        _, moved, _ = self.cloud.request("list_movements")
        kinds = sorted(each["kind"] for each in moved["movements"])
        left = {
            each["benefit_id"]: self.left(each["benefit_id"]) for each in self.benefits.values()
        }
        return {
            "answers": held,
            "cancelled": [each["state"] for each in cancelled],
            "ends": ends,
            "points": account["points"],
            "reductions": account["reductions"],
            "movements": kinds,
            "left": left,
            "stuck": self.cloud.waiting("FulfilmentDeadLetterQueue"),
        }

    def redeem(self, name: str) -> Any:
        benefit = BENEFITS[name]
        body = json.dumps({"benefit_id": name, "price": benefit["price"]})
        status, answer, _ = retried(
            self.killer,
            "redeem_benefit",
            lambda: self.cloud.request(
                "redeem_benefit", headers={"Idempotency-Key": f"key-{name}"}, body=body
            ),
        )
        assert status == 201, answer
        return answer

    def cancel(self, held: Any) -> Any:
        status, answer, _ = retried(
            self.killer,
            "cancel_redemption",
            lambda: self.cloud.request(
                "cancel_redemption",
                path={"redemption_id": held["redemption_id"]},
                headers={"Idempotency-Key": "cancel-00"},
            ),
        )
        assert status == 201, answer
        return answer

    def read(self, redemption_id: str) -> Any:
        status, answer, _ = retried(
            self.killer,
            "get_redemption",
            lambda: self.cloud.request("get_redemption", path={"redemption_id": redemption_id}),
        )
        assert status == 200, answer
        return answer

    def drain(self) -> None:
        for _ in range(30):
            if not retried(
                self.killer,
                "fulfil_redemptions",
                lambda: self.cloud.deliver("FulfilmentQueue", "fulfil_redemptions"),
            ):
                return
        raise AssertionError("The queue does not come to rest.")

    def left(self, benefit_id: str) -> int:
        rows = self.cloud.rows("DocumentsTable")
        blocks = [row for row in rows if row["place"]["S"] == f"stock#{benefit_id}"]
        return sum(json.loads(row["body"]["S"])["left"] for row in blocks)


def run(patch: pytest.MonkeyPatch, killer: Killer, names: Iterable[str]) -> dict[str, Any]:
    time = Time(GRANTED)
    patch.setattr(clock, "now", time)
    patch.setattr(chance, "pause", lambda _: None)
    patch.setattr(chance, "new_account_id", lambda: "a" + "1" * 26)
    real = BotocoreStubber.__call__

    def sent(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        return killer.call(real, self, event_name, request, **kwargs)

    patch.setattr(BotocoreStubber, "__call__", sent)
    with mock_aws():
        return World(names, killer, patch, time).run()


def test_the_undisturbed_world_has_every_end(monkeypatch):
    world = run(monkeypatch, Killer("none"), BENEFITS)
    assert {name: each["state"] for name, each in world["ends"].items()} == {
        "coffee": "settled",
        "tree": "cancelled",
        "museum": "cancelled",
        "tram": "refused",
        "cinema": "expired",
    }
    assert world["movements"] == ["hold"] * 5 + ["release"] * 4 + ["settlement"]
    assert (world["points"]["available"], world["points"]["on_hold"]) == (85, 0)
    assert world["reductions"]["available_mg"] == 2_000_000
    assert world["left"] == {"coffee": 9, "tree": 10, "museum": 10, "tram": 10, "cinema": 10}


@pytest.mark.parametrize("function", WORLDS)
def test_killed_at_any_call_every_hold_ends_as_it_would_have(monkeypatch, function):
    names = WORLDS[function]
    with monkeypatch.context() as patch:
        # Dies at no call, and so counts them.
        counting = Killer(function)
        world = run(patch, counting, names)
    assert counting.calls > 3
    for number in range(1, counting.calls + 1):
        for after in (False, True):
            killer = Killer(function, number, after)
            with monkeypatch.context() as patch:
                found = run(patch, killer, names)
            assert found == world, f"killed {function} {after=} at call {number}"
            assert killer.calls >= number, "nothing was killed"
