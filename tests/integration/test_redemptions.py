"""Many redemptions of what there is once, over the real tables, in whatever order they come."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.local.supplier import Behaviour, Supplier
from infra.seed.benefits import read_benefits
from shared.adapters.dynamodb import Transaction
from tests.integration.conftest import Time
from tests.support.cloud import Cloud, context, load
from tests.support.features.redemptions import a_benefit, credit, publish
from tests.support.suppliers import use_supplier

KG = 1_000_000


@pytest.fixture
def supplier(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Supplier:
    return use_supplier(monkeypatch)


def open_account(cloud: Cloud, user: str, points: int = 100, reduction_mg: int = 2 * KG) -> str:
    """Open an account, have it earn as much, and return its id."""
    _, account, _ = cloud.request("open_account", subject=user)
    _grant(cloud, user)
    account_id: str = account["account_id"]
    credit(cloud, account_id, f"ride-of-{user}", points, reduction_mg)
    cloud.drain()
    return account_id


def _grant(cloud: Cloud, user: str) -> None:
    from shared.adapters import clock
    from tests.support.partners import METRO_SECRET, dump, link_token

    now = clock.now()
    assert isinstance(clock.now, Time)
    clock.now.now = now - timedelta(days=2)
    body = {
        "notice_version": "2025-01",
        "partner_link_token": link_token(
            "metro-demo", f"card-of-{user}", METRO_SECRET, clock.now.now
        ),
    }
    path = {"scenario": "metro", "partner": "metro-demo"}
    status, answer, _ = cloud.request("grant_consent", subject=user, path=path, body=dump(body))
    assert status == 200, answer
    clock.now.now = now


def redeem(
    cloud: Cloud, user: str, benefit: dict[str, Any], key: str = "key-00000"
) -> tuple[int, Any, dict[str, str]]:
    body = {"benefit_id": benefit["benefit_id"], "price": benefit["price"]}
    return cloud.request(
        "redeem_benefit",
        subject=user,
        headers={"Idempotency-Key": key},
        body=json.dumps(body),
    )


def account(cloud: Cloud, user: str) -> Any:
    return cloud.request("get_account", subject=user)[1]


def read(cloud: Cloud, user: str, redemption_id: str) -> Any:
    status, body, _ = cloud.request(
        "get_redemption", subject=user, path={"redemption_id": redemption_id}
    )
    assert status == 200, body
    return body


def test_the_whole_balance_is_redeemed_once_and_nine_are_refused(cloud, supplier):
    house = a_benefit("house", points=100, reduction_mg=2 * KG)
    publish(house)
    open_account(cloud, "buyer-1")
    answers = [redeem(cloud, "buyer-1", house, f"key-{number:05}") for number in range(10)]
    assert Counter(status for status, _, _ in answers) == {201: 1, 409: 9}
    assert {body["code"] for status, body, _ in answers if status == 409} <= {
        "insufficient_points",
        "insufficient_reductions",
    }
    seen = account(cloud, "buyer-1")
    assert (seen["points"]["available"], seen["points"]["on_hold"]) == (0, 100)


def test_the_same_key_ten_times_is_one_redemption_with_ten_identical_answers(cloud, supplier):
    tree = a_benefit("tree", reduction_mg=KG // 10)
    publish(tree)
    open_account(cloud, "buyer-1")
    answers = [redeem(cloud, "buyer-1", tree) for _ in range(5)]
    cloud.drain()
    # Its end, and whatever becomes of the benefit, do not change the answer.
    publish({**tree, "price": {"points": 99}})
    answers += [redeem(cloud, "buyer-1", tree) for _ in range(5)]
    assert {(status, json.dumps(body)) for status, body, _ in answers} == {
        (201, json.dumps(answers[0][1]))
    }
    hits = [headers.get("Idempotency-Hit") for _, _, headers in answers]
    assert hits == [None] + ["true"] * 9
    _, page, _ = cloud.request("list_redemptions", subject="buyer-1")
    assert [each["state"] for each in page["redemptions"]] == ["settled"]


def test_of_twenty_users_one_gets_the_last_unit(cloud, supplier):
    seat = a_benefit("seat", points=5, stock=1, block_size=1)
    publish(seat)
    users = [f"buyer-{number}" for number in range(20)]
    for user in users:
        open_account(cloud, user)
    answers = [redeem(cloud, user, seat) for user in users]
    assert Counter(status for status, _, _ in answers) == {201: 1, 409: 19}
    assert {body["code"] for status, body, _ in answers if status == 409} == {"sold_out"}
    _, listed, _ = cloud.request("list_benefits", subject=None)
    assert [each["available"] for each in listed["benefits"]] == [False]


def test_a_cancellation_lets_the_next_one_have_it(cloud, supplier):
    seat = a_benefit("seat", points=5, stock=1, block_size=1)
    publish(seat)
    open_account(cloud, "buyer-1")
    open_account(cloud, "buyer-2")
    _, held, _ = redeem(cloud, "buyer-1", seat)
    assert redeem(cloud, "buyer-2", seat)[0] == 409
    answers = [
        cloud.request(
            "cancel_redemption",
            subject="buyer-1",
            path={"redemption_id": held["redemption_id"]},
            headers={"Idempotency-Key": "cancel-00"},
        )
        for _ in range(2)
    ]
    assert [status for status, _, _ in answers] == [201, 201]
    assert answers[0][1] == answers[1][1]
    assert redeem(cloud, "buyer-2", seat, "key-00001")[0] == 201
    assert account(cloud, "buyer-1")["points"]["available"] == 100


def test_a_voucher_is_encrypted_in_the_store_and_shown_to_its_owner(cloud, supplier):
    coffee = a_benefit("coffee", points=15)
    publish(coffee)
    open_account(cloud, "buyer-1")
    _, held, _ = redeem(cloud, "buyer-1", coffee)
    assert "voucher_code" not in read(cloud, "buyer-1", held["redemption_id"])
    cloud.drain()
    body = read(cloud, "buyer-1", held["redemption_id"])
    [order] = supplier.orders.values()
    assert (body["state"], body["voucher_code"]) == ("settled", order.codes[0])
    stored = json.dumps(cloud.store(), default=str)
    assert held["redemption_id"] in stored
    assert order.codes[0] not in stored
    seen = account(cloud, "buyer-1")
    assert (seen["points"]["available"], seen["points"]["on_hold"]) == (85, 0)


def test_what_a_dead_function_never_sent_is_settled_by_the_schedule(
    cloud, supplier, time: Time, monkeypatch
):
    coffee = a_benefit("coffee", points=15)
    publish(coffee)
    open_account(cloud, "buyer-1")

    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(type(load("redeem_benefit").ORDERS), "send", die)
        with pytest.raises(SystemExit):
            redeem(cloud, "buyer-1", coffee)
    assert cloud.waiting("FulfilmentQueue") == 0
    time.now += timedelta(minutes=2)
    assert load("reconcile_redemptions").handler({}, context()) == {"sent": 1}
    cloud.drain()
    _, page, _ = cloud.request("list_redemptions", subject="buyer-1")
    assert [each["state"] for each in page["redemptions"]] == ["settled"]


def test_a_supplier_that_never_comes_back_leaves_the_hold_and_one_that_does_ends_it(
    cloud, supplier, time: Time
):
    coffee = a_benefit("coffee", points=15)
    publish(coffee)
    open_account(cloud, "buyer-1")
    supplier.behaviours["coffee"] = Behaviour(errors=4)
    _, held, _ = redeem(cloud, "buyer-1", coffee)
    cloud.drain()
    time.now += timedelta(hours=25)
    reconcile = load("reconcile_redemptions").handler
    assert reconcile({}, context()) == {"sent": 0, "held": 1}
    assert read(cloud, "buyer-1", held["redemption_id"])["state"] == "held"
    supplier.behaviours.clear()
    time.now += timedelta(hours=1)
    assert reconcile({}, context()) == {"sent": 0, "expired": 1}
    assert account(cloud, "buyer-1")["points"] == {
        "available": 100, "on_hold": 0, "debt": 0,
        "lapsing": [{"spend_by": "2030-12-31", "points": 100}],
    }  # fmt: skip


@pytest.mark.parametrize("step", ["redeem", "fulfil", "cancel"])
def test_a_lost_reply_of_any_commit_does_it_once(cloud, supplier, monkeypatch, step):
    coffee = a_benefit("coffee", points=15)
    publish(coffee)
    open_account(cloud, "buyer-1")
    if step == "redeem":
        _lose_replies(monkeypatch)
    status, held, _ = redeem(cloud, "buyer-1", coffee)
    assert status == 201
    if step == "fulfil":
        _lose_replies(monkeypatch)
        cloud.drain()
    if step == "cancel":
        _lose_replies(monkeypatch)
        status, _, _ = cloud.request(
            "cancel_redemption",
            subject="buyer-1",
            path={"redemption_id": held["redemption_id"]},
            headers={"Idempotency-Key": "cancel-00"},
        )
        assert status == 201
    _, moved, _ = cloud.request("list_movements", subject="buyer-1")
    assert len(moved["movements"]) == (1 if step == "redeem" else 2)
    spendable = {"redeem": 85, "fulfil": 85, "cancel": 100}
    assert account(cloud, "buyer-1")["points"]["available"] == spendable[step]


def _lose_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each commit stand, and every other one not say so."""
    from shared.domain.errors import BusyError

    commit: Callable[[Transaction], None] = Transaction.commit
    calls = Counter[str]()

    def commit_and_lose(transaction: Transaction) -> None:
        commit(transaction)
        calls["commits"] += 1
        if calls["commits"] % 2:
            raise BusyError

    monkeypatch.setattr(Transaction, "commit", commit_and_lose)


def test_the_demo_catalogue_can_be_published_and_read(cloud, supplier):
    done = load("publish_benefits").handler(dict(read_benefits()), context())
    assert len(done["published"]) == 6
    assert load("publish_benefits").handler(dict(read_benefits()), context())["published"] == []
    status, listed, headers = cloud.request("list_benefits", subject=None)
    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=30"
    by_id = {each["benefit_id"]: each for each in listed["benefits"]}
    assert all(each["available"] for each in by_id.values())
    assert by_id["tree-planting"]["price"] == {"points": 0, "reduction_mg": KG}
    assert by_id["second-hand-book"]["price"] == {"points": 10, "reduction_mg": 200_000}
    assert "limit_per_person" not in by_id["tree-planting"]
    assert by_id["wetland-walk"]["texts"]["zh-Hans"]["title"] == "湿地观鸟最后一席"


def test_the_sealed_day_says_what_was_redeemed_and_its_sums_balance(cloud, supplier, time: Time):
    book = a_benefit("book", points=10, reduction_mg=KG // 5)
    publish(book)
    open_account(cloud, "buyer-1")
    assert redeem(cloud, "buyer-1", book)[0] == 201
    cloud.drain()
    time.now += timedelta(days=1)
    load("close_day").handler({}, context())
    status, day, _ = cloud.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None)
    assert status == 200
    assert day["movements"] == {"hold": 1, "settlement": 1}
    assert day["flows"] == {
        "issued_mg": 2_000_000, "held_mg": 1_800_000, "redeemed_mg": 200_000,
        "points_issued": 100, "points_held": 90, "points_redeemed": 10,
    }  # fmt: skip
