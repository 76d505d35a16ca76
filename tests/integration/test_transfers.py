"""Gifts and pools through the functions themselves: what is gone is gone, whoever asks and when."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.lots import Fate, trace
from shared.domain.merkle import merkle_root
from shared.domain.movement import Line
from tests.integration.conftest import Time
from tests.support.cloud import Cloud, context, load
from tests.support.features.transfers import a_pool
from tests.support.partners import dump, metro_event
from tests.support.town import open_and_grant, send

RIDE_MG = 204_608
PEOPLE = ("giver", "receiver", "pooler")


@pytest.fixture
def world(cloud: Cloud, time: Time) -> Cloud:
    """Three people with one ride each, who consented to pools; a pool is open."""
    for subject in PEOPLE:
        open_and_grant(cloud, time.now, subject, f"card-{subject}")
        consent = {"scenario": "carbon-pool", "partner": "platform"}
        body = dump({"notice_version": "2025-01"})
        assert cloud.request("grant_consent", subject=subject, path=consent, body=body)[0] == 200
    time.now += timedelta(minutes=1)
    when = time.now.isoformat()
    rides = [metro_event(f"ride-{each}", subject=f"card-{each}", time=when) for each in PEOPLE]
    assert send(cloud, time.now, *rides) == 202
    cloud.drain()
    load("open_pool").handler(a_pool("autumn-2026"), context())
    return cloud


def code_of(cloud: Cloud, subject: str) -> str:
    status, body, _ = cloud.request("make_gift_code", subject=subject)
    assert status == 201, body
    code: str = body["code"]
    return code


def move(cloud: Cloud, function: str, subject: str, key: str, **body: Any) -> tuple[int, Any]:
    headers = {"idempotency-key": f"{key}-of-{subject}"}
    status, answer, _ = cloud.request(function, subject=subject, headers=headers, body=dump(body))
    return status, answer


def available_mg(cloud: Cloud, subject: str) -> int:
    answer = cloud.request("get_account", subject=subject)[1]
    amount_mg: int = answer["reductions"]["available_mg"]
    return amount_mg


def lines_of(cloud: Cloud, subject: str) -> list[Line]:
    account_id = cloud.request("get_account", subject=subject)[1]["account_id"]
    return list(EntryTable("EntriesTable").lines(account_id, limit=100))


def require_balanced(cloud: Cloud) -> None:
    everything = [line for subject in PEOPLE for line in lines_of(cloud, subject)]
    flows = add_flows(map(flows_of, everything))
    assert is_balanced(flows)
    assert "given_mg" not in flows


def test_a_reduction_that_was_given_cannot_be_given_or_contributed_again(world):
    code, second = code_of(world, "receiver"), code_of(world, "pooler")
    assert move(world, "send_gift", "giver", "gift-1", code=code, reduction_mg=RIDE_MG)[0] == 201
    for function, body in (
        ("send_gift", {"code": second, "reduction_mg": 1}),
        ("contribute_reductions", {"pool_id": "autumn-2026", "reduction_mg": 1_000}),
    ):
        status, answer = move(world, function, "giver", "again-1", **body)
        assert (status, answer["code"]) == (409, "insufficient_reductions")
    [lot] = trace(lines_of(world, "giver")).lots
    assert lot.fates() == {Fate.GIVEN: RIDE_MG}
    assert available_mg(world, "receiver") == 2 * RIDE_MG
    require_balanced(world)


def test_a_reduction_that_was_contributed_cannot_be_given_or_contributed_again(world):
    code = code_of(world, "receiver")
    pooled = {"pool_id": "autumn-2026", "reduction_mg": RIDE_MG}
    status, first = move(world, "contribute_reductions", "giver", "pool-1", **pooled)
    assert status == 201
    for number, (function, body) in enumerate(
        (
            ("send_gift", {"code": code, "reduction_mg": 1}),
            ("contribute_reductions", {"pool_id": "autumn-2026", "reduction_mg": 1_000}),
        )
    ):
        status, answer = move(world, function, "giver", f"again-{number}", **body)
        assert (status, answer["code"]) == (409, "insufficient_reductions")
    assert move(world, "contribute_reductions", "giver", "pool-1", **pooled) == (201, first)
    require_balanced(world)


@pytest.mark.parametrize("first", ["send_gift", "contribute_reductions"])
def test_of_two_requests_for_the_same_milligrams_one_gets_them(world, monkeypatch, first):
    """The second begins and ends between the first one's decision and its commit."""
    code, others = code_of(world, "receiver"), code_of(world, "pooler")
    commit = AccountTables.commit
    raced: list[tuple[int, Any]] = []

    def after_another(self: AccountTables, *changes: Any) -> None:
        if not raced:
            raced.append((0, None))
            raced[0] = move(world, "send_gift", "giver", "second", code=others, reduction_mg=5)
        commit(self, *changes)

    monkeypatch.setattr(AccountTables, "commit", after_another)
    body = {"code": code} if first == "send_gift" else {"pool_id": "autumn-2026"}
    status, answer = move(world, first, "giver", "first", **body, reduction_mg=RIDE_MG)
    assert raced[0][0] == 201
    assert (status, answer["code"]) == (409, "insufficient_reductions")
    assert available_mg(world, "giver") == RIDE_MG - 5
    require_balanced(world)


def test_a_lot_that_was_given_is_pooled_with_its_range_and_label_and_paid_for(world, time):
    code = code_of(world, "receiver")
    assert move(world, "send_gift", "giver", "gift-1", code=code, reduction_mg=RIDE_MG)[0] == 201
    pool = {"pool_id": "autumn-2026"}
    for subject, reduction_mg in (("receiver", 2 * RIDE_MG), ("pooler", 100_000)):
        status, answer = move(
            world, "contribute_reductions", subject, "pool-1", **pool, reduction_mg=reduction_mg
        )
        assert status == 201, answer
    listed = [
        world.request("list_contributions", subject=subject)[1]["contributions"]
        for subject in ("receiver", "pooler")
    ]
    assert [each["buyback"] for [each] in listed] == ["pooled", "pooled"]

    time.now += timedelta(days=30)
    closed = load("close_pool").handler(pool, context())
    assert closed["done"]
    # 0.409216 kg and 0.1 kg at ten points, each rounded down.
    assert closed["payout"] == {"points": 5, "bought_back": 2, "account_closed": 0}
    [listed_pool] = world.request("list_pools", subject=None)[1]["pools"]
    lot = listed_pool["lot"]
    assert listed_pool["state"] == "paid"
    assert (lot["contributions"], lot["total"]["reduction_mg"]) == (2, 2 * RIDE_MG + 100_000)
    assert lot["total"]["label"] == "derived"
    # Factors allow 488.560 g instead of 204.608 g for one ride; what each part brought adds up.
    assert 0 < lot["total"]["low_mg"] < lot["total"]["reduction_mg"] < lot["total"]["high_mg"]
    after = [
        world.request("list_contributions", subject=subject)[1]["contributions"][0]
        for subject in ("receiver", "pooler")
    ]
    assert [(each["buyback"], each["points"]) for each in after] == [
        ("bought_back", 4),
        ("bought_back", 1),
    ]
    assert {each["pool_lot"] for each in after} == {lot["lot_id"]}
    ordered = sorted(after, key=lambda each: each["contribution_id"], reverse=True)
    assert merkle_root([each["leaf"] for each in ordered]) == lot["root"]
    assert [each["lots_count"] for each in after] == [2, 1]
    points = world.request("get_account", subject="receiver")[1]["points"]
    # Three of the ride and four of the pool, until the end of the year after.
    assert points["lapsing"] == [{"spend_by": "2027-12-31", "points": 7}]
    require_balanced(world)


def test_the_sealed_day_says_what_was_given_pooled_and_paid(world, time):
    code = code_of(world, "receiver")
    assert move(world, "send_gift", "giver", "gift-1", code=code, points=2)[0] == 201
    pooled = {"pool_id": "autumn-2026", "reduction_mg": 100_000}
    assert move(world, "contribute_reductions", "pooler", "pool-1", **pooled)[0] == 201
    load("close_pool").handler({"pool_id": "autumn-2026"}, context())
    world.drain()
    time.now += timedelta(days=1)
    load("close_day").handler({}, context())
    status, day, _ = world.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None)
    assert status == 200
    assert day["movements"] == {
        "buyback": 1, "contribution": 1, "gift_received": 1, "gift_sent": 1,
    }  # fmt: skip
    # Three rides of 204.608 g and three points each; 100 g were pooled, and paid for with a point.
    assert day["flows"] == {
        "issued_mg": 613_824, "held_mg": 513_824, "pooled_mg": 100_000,
        "points_issued": 10, "points_held": 10,
    }  # fmt: skip


def test_neither_side_is_told_who_the_other_is(world):
    ids = {each: world.request("get_account", subject=each)[1]["account_id"] for each in PEOPLE}
    code = code_of(world, "receiver")
    said = [move(world, "send_gift", "giver", "gift-1", code=code, reduction_mg=5_000)[1]]
    said += [world.request("list_gifts", subject=each)[1] for each in ("giver", "receiver")]
    said += [world.request("list_movements", subject=each)[1] for each in ("giver", "receiver")]
    text = json.dumps(said)
    assert not [each for each in ids.values() if each in text]
    assert code not in text
