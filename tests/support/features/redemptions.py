"""Redemptions: what they add to the town, their payloads, and what is expected of them.

buyer-1 and buyer-2 have 100 points, until the end of 2030, and 2 kg; buyer-3 has 20 points. Each
has redeemed one of what the town offers: `coffee` (settled), `tree` (its message was lost on the
way) and `book` (settled) of buyer-1, `museum` (its supplier is slow) of buyer-2, and the last
`seat`, which is buyer-3's. `tram` is refused by its supplier, and `fair` was until yesterday.
"""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from infra.local.supplier import Behaviour
from shared.adapters import chance
from shared.adapters.messages import write_order, write_postings
from shared.application.ports import FulfilmentOrder
from shared.domain.points import PointsTerms
from shared.domain.redemption import redemption_id_for
from tests.support.builders import OCCURRED_AT, a_posting, at, postings_for
from tests.support.cloud import NOW, QUEUE_URL, Cloud, context, load
from tests.support.features.expectations import Expectations

# Far off, so that nothing lapses in anybody else's test.
TERMS = PointsTerms("standard@2026.1", 0, 0, 500, 500, date(2030, 12, 31))
# Of their own, so that they do not hang on who else is in the town.
ACCOUNTS = {f"buyer-{number}": "a" + f"b{number}" * 13 for number in (1, 2, 3)}
KG = 1_000_000


def text(title: str, chinese: str) -> dict[str, Any]:
    return {
        "en": {"title": title, "terms": "One each."},
        "zh-Hans": {"title": chinese, "terms": "每人一份。"},
    }


def a_benefit(benefit_id: str, points: int = 0, reduction_mg: int = 0, **changes: Any) -> Any:
    """Return a benefit as it is published."""
    facts: dict[str, Any] = {
        "benefit_id": benefit_id,
        "texts": text(benefit_id.title(), "示范权益"),
        "price": {"points": points, "reduction_mg": reduction_mg},
        "supplier": "demo-supplier",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "stock": 10,
        "block_size": 4,
    }
    return {**facts, **changes}


BENEFITS = {
    each["benefit_id"]: each
    for each in (
        a_benefit("coffee", points=15, limit_per_person=1),
        a_benefit("tree", reduction_mg=KG // 2),
        a_benefit("book", points=10, reduction_mg=KG // 5),
        a_benefit("museum", points=20, limit_per_person=2),
        a_benefit("seat", points=5, stock=1),
        a_benefit("tram", points=5),
        a_benefit("fair", points=5, valid_until="2026-11-09"),
        a_benefit("house", points=100_000, reduction_mg=1),
        a_benefit("forest", reduction_mg=1_000 * KG),
    )
}
REDEEMED = (
    ("buyer-1", "coffee"),
    ("buyer-1", "book"),
    ("buyer-2", "museum"),
    ("buyer-2", "tram"),
    ("buyer-3", "seat"),
)


def key(user: str, benefit_id: str) -> str:
    return f"{user}-{benefit_id}"


def redemption_id(user: str, benefit_id: str) -> str:
    return redemption_id_for(ACCOUNTS[user], key(user, benefit_id))


def body(benefit_id: str, **changes: Any) -> str:
    price = BENEFITS[benefit_id]["price"] if benefit_id in BENEFITS else {"points": 1}
    return json.dumps({"benefit_id": benefit_id, "price": price, **changes})


def credit(cloud: Cloud, account_id: str, event_id: str, points: int, reduction_mg: int) -> None:
    """Have a ride measured that brings as many points and milligrams; `drain` books it."""
    message = credit_message(account_id, event_id, points, reduction_mg)
    cloud.sqs.send_message(QueueUrl=QUEUE_URL + "PostingsQueue", MessageBody=message)


def credit_message(
    account_id: str,
    event_id: str,
    points: int,
    reduction_mg: int,
    occurred_at: datetime = OCCURRED_AT,
) -> str:
    terms = replace(TERMS, per_credit=points)
    posting = a_posting(event_id, reduction_mg=reduction_mg, occurred_at=occurred_at)
    return write_postings(postings_for(account_id, replace(posting, points=terms)))


def publish(*benefits: Any) -> Any:
    return load("publish_benefits").handler({"benefits": list(benefits)}, context())


def redeem(cloud: Cloud, user: str, benefit_id: str) -> None:
    status, answer, _ = cloud.request(
        "redeem_benefit",
        subject=user,
        headers={"Idempotency-Key": key(user, benefit_id)},
        body=body(benefit_id),
    )
    assert status == 201, answer


def build(cloud: Cloud, time: Any) -> None:
    """Add the buyers, the catalogue and what was redeemed."""
    from tests.support.town import OPENED_AT, open_and_grant

    time.now = OPENED_AT
    ids = iter(ACCOUNTS.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chance, "new_account_id", lambda: next(ids))
        for user in ACCOUNTS:
            open_and_grant(cloud, time.now, user, f"card-of-{user}")
    time.now = NOW
    credit(cloud, ACCOUNTS["buyer-1"], "ride-buyer-1", 100, 2 * KG)
    credit(cloud, ACCOUNTS["buyer-2"], "ride-buyer-2", 100, 2 * KG)
    credit(cloud, ACCOUNTS["buyer-3"], "ride-buyer-3", 20, 0)
    cloud.drain()
    publish(*BENEFITS.values())
    cloud.supplier.behaviours["museum"] = Behaviour(pending=9)
    cloud.supplier.behaviours["tram"] = Behaviour(is_refusing=True)
    for user, benefit_id in REDEEMED:
        redeem(cloud, user, benefit_id)
    cloud.drain()
    redeem(cloud, "buyer-1", "tree")
    lost = cloud.sqs.receive_message(QueueUrl=QUEUE_URL + "FulfilmentQueue")
    [message] = lost["Messages"]
    assert message["Body"] == write_order(order("buyer-1", "tree"))
    cloud.sqs.delete_message(
        QueueUrl=QUEUE_URL + "FulfilmentQueue", ReceiptHandle=message["ReceiptHandle"]
    )
    cloud.drain()


def order(user: str, benefit_id: str) -> FulfilmentOrder:
    return FulfilmentOrder(ACCOUNTS[user], redemption_id(user, benefit_id))


def _redeem(
    benefit_id: str,
    user: str = "buyer-1",
    idempotency_key: str | None = "a-new-key",
    *,
    text_body: str | None = None,
    dry_run: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    from tests.support.payloads import http

    headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
    return http(
        "redeem_benefit",
        user=user,
        headers={"content-type": "application/json", **headers},
        query={"dry_run": dry_run} if dry_run else None,
        body=body(benefit_id, **changes) if text_body is None else text_body,
    )


def _redeeming() -> dict[str, Any]:
    wrong_type = _redeem("tree")
    wrong_type["headers"]["content-type"] = "text/plain"
    return {
        "held.201": _redeem("tree"),
        "held_for_points_and_reductions.201": _redeem("book", "buyer-2"),
        "dry_run.200": _redeem("tree", dry_run="true"),
        "redeemed_before.201": _redeem(
            "coffee", idempotency_key=key("buyer-1", "coffee"), user="buyer-1"
        ),
        # Nobody has told the supplier of this one; whoever asks again may do it.
        "redeemed_before_and_not_sent.201": _redeem("tree", idempotency_key="buyer-1-tree"),
        "without_key.400": _redeem("tree", idempotency_key=None),
        "short_key.400": _redeem("tree", idempotency_key="short"),
        "key_of_another_request.422": _redeem("tree", idempotency_key="buyer-1-coffee"),
        "other_price.409": _redeem("tree", price={"points": 1}),
        "unknown_benefit.404": _redeem("palace"),
        "no_longer_offered.409": _redeem("fair"),
        "sold_out.409": _redeem("seat"),
        "limit_reached.409": _redeem("coffee"),
        "fewer_points.409": _redeem("house"),
        "fewer_reductions.409": _redeem("forest"),
        "no_account.404": _redeem("tree", "buyer-9"),
        "price_of_nothing.422": _redeem("tree", price={"points": 0}),
        "price_below_zero.422": _redeem("tree", price={"points": -1}),
        "price_as_text.422": _redeem("tree", price={"points": "1"}),
        "price_with_a_fraction.422": _redeem("tree", price={"points": 1.5}),
        "unknown_field.422": _redeem("tree", account_id="a1"),
        "missing_price.422": _redeem("tree", text_body='{"benefit_id": "tree"}'),
        "dry_run_of_what.422": _redeem("tree", dry_run="perhaps"),
        "invalid_json.422": _redeem("tree", text_body='{"benefit_id": '),
        "duplicate_key.422": _redeem(
            "tree", text_body='{"benefit_id": "tree", "benefit_id": "seat", "price": {"points": 1}}'
        ),
        "text_plain.415": wrong_type,
        "body_of_17_kb.413": _redeem("tree", text_body='{"benefit_id": "<17000 times x>"}'),
    }


def _reading() -> dict[str, Any]:
    from tests.support.payloads import http

    def one(redemption: str, user: str = "buyer-1") -> dict[str, Any]:
        return http("get_redemption", user=user, path={"redemption_id": redemption})

    def every(user: str = "buyer-1", **query: str) -> dict[str, Any]:
        return http("list_redemptions", user=user, query=query)

    settled = redemption_id("buyer-1", "coffee")
    return {
        "list_benefits/listed.200": http("list_benefits"),
        "get_redemption/settled.200": one(settled),
        "get_redemption/held.200": one(redemption_id("buyer-1", "tree")),
        "get_redemption/refused_by_its_supplier.200": one(
            redemption_id("buyer-2", "tram"), "buyer-2"
        ),
        "get_redemption/another_users_redemption.404": one(settled, "buyer-2"),
        "get_redemption/unknown_redemption.404": one("r" + "a" * 26),
        "get_redemption/escaped_path.404": one("..%2F..%2Fadmin"),
        "get_redemption/id_of_3000_characters.404": one("r" * 3000),
        "get_redemption/no_account.404": one(settled, "buyer-9"),
        "list_redemptions/listed.200": every(),
        "list_redemptions/first_page.200": every(limit="1"),
        "list_redemptions/none.200": every("user-1"),
        "list_redemptions/limit_zero.422": every(limit="0"),
        "list_redemptions/unknown_parameter.422": every(user_id="buyer-2"),
        "list_redemptions/forged_cursor.400": every(cursor="AAAAAAAAAAAAAAAAAAAA"),
        "list_redemptions/no_account.404": every("buyer-9"),
    }


def _cancelling() -> dict[str, Any]:
    from tests.support.payloads import http

    def cancel(
        user: str, benefit_id: str, caller: str = "", sent_key: str = "a-new-key", **query: str
    ) -> dict[str, Any]:
        return http(
            "cancel_redemption",
            user=caller or user,
            path={"redemption_id": redemption_id(user, benefit_id)},
            headers={"idempotency-key": sent_key} if sent_key else {},
            query=query,
        )

    return {
        "never_sent.201": cancel("buyer-1", "tree"),
        "called_off_by_its_supplier.201": cancel("buyer-2", "museum"),
        "dry_run.200": cancel("buyer-1", "tree", dry_run="true"),
        "issued.409": cancel("buyer-1", "coffee"),
        "refused_before.409": cancel("buyer-2", "tram"),
        "without_key.400": cancel("buyer-1", "tree", sent_key=""),
        "unknown_parameter.422": cancel("buyer-1", "tree", force="true"),
        "another_users_redemption.404": cancel("buyer-1", "tree", "buyer-2"),
        "no_account.404": cancel("buyer-1", "tree", "buyer-9"),
    }


def _fulfilling() -> dict[str, Any]:
    def batch(**bodies: str) -> dict[str, Any]:
        records = [
            {
                "messageId": name.replace("_", "-"),
                "receiptHandle": f"handle-of-{name}",
                "body": each,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:FulfilmentQueue",
                "awsRegion": "eu-west-1",
            }
            for name, each in bodies.items()
        ]
        return {"Records": records}

    tree = write_order(order("buyer-1", "tree"))
    slow = write_order(order("buyer-2", "museum"))
    ended = write_order(order("buyer-1", "coffee"))
    stranger = write_order(FulfilmentOrder(ACCOUNTS["buyer-1"], "r" + "z" * 26))
    return {
        "settled.ok": batch(one=tree),
        "same_message_twice.ok": batch(one=tree, two=tree),
        "still_pending.ok": batch(one=slow),
        "ended_before.ok": batch(one=ended),
        "empty.ok": {"Records": []},
        "one_of_three_is_poison.partial1": batch(one=ended, again_1='{"v": 1}', two=slow),
        "not_json.partial1": batch(again_1="{"),
        "other_version_of_the_message.partial1": batch(again_1=tree.replace('"v":1', '"v":2')),
        "unknown_redemption.partial1": batch(again_1=stranger),
    }


def _publishing() -> dict[str, Any]:
    def event(*benefits: Any, **more: Any) -> dict[str, Any]:
        return {"benefits": list(benefits), **more}

    coffee, tree = BENEFITS["coffee"], BENEFITS["tree"]
    half = {"en": coffee["texts"]["en"]}
    return {
        "new.ok": event(a_benefit("bike", points=25)),
        "published_before.ok": event(coffee, tree),
        "more_stock.ok": event({**coffee, "stock": 16}),
        "other_price.ok": event({**coffee, "price": {"points": 20}}),
        "less_stock.ok": event({**coffee, "stock": 1}),
        "less_than_is_taken.refused": event({**coffee, "stock": 0}),
        "named_twice.refused": event(tree, tree),
        "in_one_language.refused": event({**tree, "texts": half}),
        "for_nothing.refused": event({**tree, "price": {}}),
        "ends_before_it_begins.refused": event({**tree, "valid_until": "2025-12-31"}),
        "no_such_day.refused": event({**tree, "valid_until": "2026-02-30"}),
        "none.refused": event(),
        "fifty_one.refused": event(*(a_benefit(f"b-{each}", points=1) for each in range(51))),
        "misspelt.refused": event(tree, aply=True),
    }


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return {
        **_reading(),
        **{f"redeem_benefit/{case}": each for case, each in _redeeming().items()},
        **{f"cancel_redemption/{case}": each for case, each in _cancelling().items()},
        **{f"fulfil_redemptions/{case}": each for case, each in _fulfilling().items()},
        **{f"publish_benefits/{case}": each for case, each in _publishing().items()},
        "reconcile_redemptions/nothing_is_due.ok": {},
        "reconcile_redemptions/two_are_sent_again.ok": {},
        "reconcile_redemptions/a_day_later_both_expire.ok": {},
    }


_TREE = redemption_id("buyer-1", "tree")
# A hold, a redemption and the count of a benefit that the account had not before.
_HELD = {"EntriesTable": 1, "FulfilmentQueue": 1}

EXPECTED = Expectations(
    codes={
        "redeem_benefit/without_key.400": "missing_idempotency_key",
        "redeem_benefit/short_key.400": "missing_idempotency_key",
        "redeem_benefit/key_of_another_request.422": "idempotency_conflict",
        "redeem_benefit/other_price.409": "price_changed",
        "redeem_benefit/unknown_benefit.404": "benefit_not_found",
        "redeem_benefit/no_longer_offered.409": "benefit_unavailable",
        "redeem_benefit/sold_out.409": "sold_out",
        "redeem_benefit/limit_reached.409": "person_limit_reached",
        "redeem_benefit/fewer_points.409": "insufficient_points",
        "redeem_benefit/fewer_reductions.409": "insufficient_reductions",
        "redeem_benefit/price_of_nothing.422": "invalid_request",
        "redeem_benefit/price_below_zero.422": "invalid_request",
        "redeem_benefit/price_as_text.422": "invalid_request",
        "redeem_benefit/price_with_a_fraction.422": "invalid_request",
        "redeem_benefit/unknown_field.422": "invalid_request",
        "redeem_benefit/missing_price.422": "invalid_request",
        "redeem_benefit/dry_run_of_what.422": "invalid_request",
        "redeem_benefit/invalid_json.422": "malformed_body",
        "redeem_benefit/duplicate_key.422": "malformed_body",
        "get_redemption/another_users_redemption.404": "redemption_not_found",
        "get_redemption/unknown_redemption.404": "redemption_not_found",
        "get_redemption/escaped_path.404": "redemption_not_found",
        "get_redemption/id_of_3000_characters.404": "redemption_not_found",
        "list_redemptions/limit_zero.422": "invalid_request",
        "list_redemptions/unknown_parameter.422": "invalid_request",
        "cancel_redemption/issued.409": "redemption_ended",
        "cancel_redemption/refused_before.409": "redemption_ended",
        "cancel_redemption/without_key.400": "missing_idempotency_key",
        "cancel_redemption/unknown_parameter.422": "invalid_request",
        "cancel_redemption/another_users_redemption.404": "redemption_not_found",
        "publish_benefits/less_than_is_taken.refused": "stock_taken",
        "publish_benefits/named_twice.refused": "invalid_request",
        "publish_benefits/in_one_language.refused": "invalid_request",
        "publish_benefits/for_nothing.refused": "invalid_request",
        "publish_benefits/ends_before_it_begins.refused": "invalid_request",
        "publish_benefits/no_such_day.refused": "invalid_request",
        "publish_benefits/none.refused": "invalid_request",
        "publish_benefits/fifty_one.refused": "invalid_request",
        "publish_benefits/misspelt.refused": "invalid_request",
    },
    growth={
        "redeem_benefit/held.201": {**_HELD, "DocumentsTable": 1},
        "redeem_benefit/held_for_points_and_reductions.201": {**_HELD, "DocumentsTable": 2},
        "redeem_benefit/redeemed_before_and_not_sent.201": {"FulfilmentQueue": 1},
        "cancel_redemption/never_sent.201": {"EntriesTable": 1},
        "cancel_redemption/called_off_by_its_supplier.201": {"EntriesTable": 1},
        "fulfil_redemptions/settled.ok": {"EntriesTable": 1},
        "fulfil_redemptions/same_message_twice.ok": {"EntriesTable": 1},
        "publish_benefits/new.ok": {"DocumentsTable": 4},
        "publish_benefits/more_stock.ok": {"DocumentsTable": 2},
        "reconcile_redemptions/two_are_sent_again.ok": {"FulfilmentQueue": 2},
        "reconcile_redemptions/a_day_later_both_expire.ok": {"EntriesTable": 2},
    },
    answers={
        "redeem_benefit/held.201": {
            "benefit_id": "tree", "price": {"points": 0, "reduction_mg": 500_000},
            "points_by_last_day": {}, "held_at": "2026-11-10T04:00:00.000Z",
            "expires_at": "2026-11-11T04:00:00.000Z",
        },
        "redeem_benefit/held_for_points_and_reductions.201": {
            "points_by_last_day": {"2030-12-31": 10},
        },
        "redeem_benefit/redeemed_before.201": {
            "redemption_id": redemption_id("buyer-1", "coffee"), "benefit_id": "coffee",
        },
        "get_redemption/held.200": {"redemption_id": _TREE, "state": "held"},
        "get_redemption/settled.200": {"state": "settled", "benefit_id": "coffee"},
        "get_redemption/refused_by_its_supplier.200": {"state": "refused"},
        "list_redemptions/none.200": {"redemptions": []},
        "cancel_redemption/never_sent.201": {"redemption_id": _TREE, "state": "cancelled"},
        "cancel_redemption/called_off_by_its_supplier.201": {"state": "cancelled"},
        "cancel_redemption/dry_run.200": {"redemption_id": _TREE, "state": "held"},
    },
    reports={
        "publish_benefits/new.ok": {"published": ["bike"], "unchanged": []},
        "publish_benefits/published_before.ok": {"published": [], "unchanged": ["coffee", "tree"]},
        "publish_benefits/more_stock.ok": {"published": ["coffee"], "unchanged": []},
        "reconcile_redemptions/nothing_is_due.ok": {"sent": 0},
        "reconcile_redemptions/two_are_sent_again.ok": {"sent": 2},
        "reconcile_redemptions/a_day_later_both_expire.ok": {"sent": 0, "expired": 2},
    },
    times={
        "reconcile_redemptions/two_are_sent_again.ok": at("2026-11-10T12:05:00+08:00"),
        "reconcile_redemptions/a_day_later_both_expire.ok": at("2026-11-11T12:05:00+08:00"),
    },
    cannot_fail=frozenset({"list_benefits", "reconcile_redemptions"}),
)  # fmt: skip
