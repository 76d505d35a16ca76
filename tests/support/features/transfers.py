"""Transfers: what they add to the town, their payloads, and what is expected of them.

giver-1, pooler-1 and pooler-2 each rode 8 km, which is 204.608 g and three points until 2027-12-31.

- receiver-1 made three codes: USED, by which giver-1 gave 50 g, LIVE, and EXPIRED a week ago;
- pooler-2 made as many codes as may be used at once;
- pooler-1 and pooler-2 consented to pools; pooler-1 gave 100 g to autumn-2026, at ten points a kg;
- summer-2026 was closed with pooler-2's 150 g in it, and paid one point; spring-2027 opens later,
  and nobody gave anything to lonely-2026.
"""

import json
from datetime import timedelta
from typing import Any

from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.ports import Write
from shared.domain.gift_code import GiftCodeHolder, GiftCodes, new_code, shown
from shared.domain.instants import ledger_day
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features.expectations import Expectations
from tests.support.partners import dump, metro_event

USED, LIVE, EXPIRED = (new_code(bytes([number] * 7)) for number in (11, 22, 33))
CROWDED = [new_code(bytes([number] * 7)) for number in range(44, 49)]
SENT = {"code": shown(USED), "reduction_mg": 50_000}
CONTRIBUTED = {"pool_id": "autumn-2026", "reduction_mg": 100_000}


def a_pool(pool_id: str, **changes: Any) -> dict[str, Any]:
    """Return a pool's definition, as an operator writes it."""
    terms = {
        "pool_id": pool_id,
        "title": {"en": "Commuters of the autumn", "zh-Hans": "秋季通勤归集"},
        "market": {"en": "Demo inclusive carbon market", "zh-Hans": "示范碳普惠市场"},
        "opens_at": "2026-11-01T00:00:00+08:00",
        "closes_at": "2026-12-01T00:00:00+08:00",
        "target_mg": 1_000_000,
        "points_per_kg": 10,
    }
    return {**terms, **changes}


def build(cloud: Cloud, time: Any) -> None:
    """Add to the town what the payloads need; time is put back afterwards."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    riders = ("giver-1", "pooler-1", "pooler-2")
    for subject in riders:
        open_and_grant(cloud, time.now, subject, f"card-{subject}")
    cloud.request("open_account", subject="receiver-1")
    consent = {"scenario": "carbon-pool", "partner": "platform"}
    for subject in ("pooler-1", "pooler-2"):
        notice = dump({"notice_version": "2025-01"})
        status, body, _ = cloud.request("grant_consent", subject=subject, path=consent, body=notice)
        assert status == 200, body
    time.now = NOW - timedelta(minutes=30)
    rides = [metro_event(f"ride-{each}", subject=f"card-{each}") for each in riders]
    assert send(cloud, time.now, *rides) == 202
    cloud.drain()
    _make_codes(cloud, "receiver-1", {EXPIRED: -8, USED: -1, LIVE: -1})
    _make_codes(cloud, "pooler-2", dict.fromkeys(CROWDED, 0))
    _move(cloud, "send_gift", "giver-1", "gift-sent-before", SENT)
    for pool_id in ("autumn-2026", "summer-2026", "lonely-2026"):
        load("open_pool").handler(a_pool(pool_id), context())
    spring = {"opens_at": "2027-03-01T00:00:00Z", "closes_at": "2027-04-01T00:00:00Z"}
    load("open_pool").handler(a_pool("spring-2027", **spring), context())
    _move(cloud, "contribute_reductions", "pooler-1", "contributed-before", CONTRIBUTED)
    summer = {"pool_id": "summer-2026", "reduction_mg": 150_000}
    _move(cloud, "contribute_reductions", "pooler-2", "contributed-in-summer", summer)
    assert load("close_pool").handler({"pool_id": "summer-2026"}, context())["done"]
    cloud.drain()


def _make_codes(cloud: Cloud, subject: str, days: dict[str, int]) -> None:
    """Make codes that are not random, each some days from now."""
    documents, pseudonyms = DocumentTable("DocumentsTable"), SecretPseudonyms("PseudonymKey")
    account_id = cloud.request("get_account", subject=subject)[1]["account_id"]
    codes = GiftCodes(account_id, ledger_day(NOW))
    made: list[Any] = []
    for code, day in days.items():
        after = GiftCodes(account_id, ledger_day(NOW)).with_new(code, NOW + timedelta(days=day))
        made += after.codes
        documents.put(Write(GiftCodeHolder(pseudonyms.gift_code(code), account_id)))
    documents.put(Write(GiftCodes(account_id, codes.day, len(made), tuple(made), version=1)))


def _move(cloud: Cloud, function: str, subject: str, key: str, body: dict[str, Any]) -> None:
    headers = {"idempotency-key": key}
    status, answer, _ = cloud.request(function, subject=subject, headers=headers, body=dump(body))
    assert status == 201, answer


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return {**_codes(), **_gifts(), **_pools(), **_contributions(), **_operators()}


def _codes() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def withdraw(code: str, user: str = "receiver-1") -> dict[str, Any]:
        return http("withdraw_gift_code", user=user, path={"code": code})

    return {
        "make_gift_code/made.201": http("make_gift_code", user="receiver-1"),
        "make_gift_code/as_many_as_may_be.409": http("make_gift_code", user="pooler-2"),
        "make_gift_code/no_account.404": http("make_gift_code", user="user-9"),
        "list_gift_codes/listed.200": http("list_gift_codes", user="receiver-1"),
        "list_gift_codes/none.200": http("list_gift_codes", user="giver-1"),
        "list_gift_codes/no_account.404": http("list_gift_codes", user="user-9"),
        "withdraw_gift_code/withdrawn.200": withdraw(shown(LIVE)),
        "withdraw_gift_code/used_already.200": withdraw(shown(USED)),
        "withdraw_gift_code/of_somebody_else.200": withdraw(shown(LIVE), "giver-1"),
        "withdraw_gift_code/mistyped.422": withdraw("0000-0000-0001"),
        "withdraw_gift_code/no_account.404": withdraw(shown(LIVE), "user-9"),
    }


def _moving(
    function: str,
    body: Any,
    user: str,
    key: str | None = "a-new-request",
    **query: str,
) -> dict[str, Any]:
    from tests.support.payloads import http

    headers = {"content-type": "application/json"}
    if key:
        headers["idempotency-key"] = key
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return http(function, user=user, headers=headers, body=text, query=query)


def _gifts() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def send(body: Any, user: str = "giver-1", key: str | None = "a-new-gift", **query: str) -> Any:
        return _moving("send_gift", body, user, key, **query)

    live = {"code": shown(LIVE)}
    typed = {"code": shown(LIVE).lower().replace("-", " ")}
    files = {
        "reductions_sent.201": send({**live, "reduction_mg": 60_000}),
        "points_sent.201": send({**live, "points": 2}),
        "code_as_people_type_it.201": send({**typed, "points": 2}),
        "sent_before.201": send(SENT, key="gift-sent-before"),
        "dry_run.200": send({**live, "reduction_mg": 60_000}, dry_run="true"),
        "key_of_another_gift.422": send({**live, "points": 1}, key="gift-sent-before"),
        "more_than_there_is.409": send({**live, "reduction_mg": 154_609}),
        "more_points_than_there_are.409": send({**live, "points": 4}),
        "unknown_code.422": send({"code": shown(new_code(b"unknown")), "points": 1}),
        "expired_code.422": send({"code": shown(EXPIRED), "points": 1}),
        "used_code.422": send({"code": shown(USED), "points": 1}),
        "own_code.422": send({"code": shown(CROWDED[0]), "points": 1}, "pooler-2"),
        "mistyped_code.422": send({"code": "0000-0000-0001", "points": 1}),
        "nothing_to_give.422": send(live),
        "points_and_reductions.422": send({**live, "points": 1, "reduction_mg": 1}),
        "no_points.422": send({**live, "points": 0}),
        "less_than_nothing.422": send({**live, "reduction_mg": -1}),
        "half_a_milligram.422": send({**live, "reduction_mg": 0.5}),
        "message.422": send({**live, "points": 1, "message": "Have fun."}),
        "invalid_json.422": send("{"),
        "unknown_parameter.422": send({**live, "points": 1}, dry="true"),
        "no_key.400": send({**live, "points": 1}, key=None),
        "short_key.400": send({**live, "points": 1}, key="seven77"),
        "no_account.404": send({**live, "points": 1}, "user-9"),
    }
    lists = {
        "sent.200": http("list_gifts", user="giver-1"),
        "received.200": http("list_gifts", user="receiver-1"),
        "none_yet.200": http("list_gifts", user="pooler-1"),
        "limit_zero.422": http("list_gifts", user="giver-1", query={"limit": "0"}),
        "forged_cursor.400": http("list_gifts", user="giver-1", query={"cursor": "AAAA"}),
        "no_account.404": http("list_gifts", user="user-9"),
    }
    return {
        **{f"send_gift/{case}": each for case, each in files.items()},
        **{f"list_gifts/{case}": each for case, each in lists.items()},
    }


def _pools() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    return {"list_pools/listed.200": http("list_pools")}


def _contributions() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def contribute(
        body: Any = None,
        user: str = "pooler-2",
        key: str | None = "a-new-contribution",
        **query: str,
    ) -> Any:
        return _moving("contribute_reductions", body or wanted, user, key, **query)

    wanted = {"pool_id": "autumn-2026", "reduction_mg": 54_608}
    files = {
        "contributed.201": contribute(),
        "contributed_before.201": contribute(CONTRIBUTED, "pooler-1", "contributed-before"),
        "dry_run.200": contribute(dry_run="true"),
        "key_of_another_contribution.422": contribute(wanted, "pooler-1", "contributed-before"),
        "more_than_there_is.409": contribute({**wanted, "reduction_mg": 54_609}),
        "no_consent.409": contribute(wanted, "giver-1"),
        "closed_pool.409": contribute({**wanted, "pool_id": "summer-2026"}),
        "pool_of_next_year.409": contribute({**wanted, "pool_id": "spring-2027"}),
        "unknown_pool.404": contribute({**wanted, "pool_id": "winter-2026"}),
        "less_than_a_gram.422": contribute({**wanted, "reduction_mg": 999}),
        "number_as_text.422": contribute({**wanted, "reduction_mg": "54608"}),
        "extra_field.422": contribute({**wanted, "account_id": "a" + "1" * 26}),
        "invalid_json.422": contribute("{"),
        "no_key.400": contribute(key=None),
        "no_account.404": contribute(wanted, "user-9"),
    }
    lists = {
        "pooled.200": http("list_contributions", user="pooler-1"),
        "bought_back.200": http("list_contributions", user="pooler-2"),
        "none_yet.200": http("list_contributions", user="giver-1"),
        "limit_zero.422": http("list_contributions", user="pooler-1", query={"limit": "0"}),
        "forged_cursor.400": http("list_contributions", user="pooler-1", query={"cursor": "AAAA"}),
        "no_account.404": http("list_contributions", user="user-9"),
    }
    return {
        **{f"contribute_reductions/{case}": each for case, each in files.items()},
        **{f"list_contributions/{case}": each for case, each in lists.items()},
    }


def _operators() -> dict[str, dict[str, Any]]:
    new = a_pool("winter-2026")
    return {
        "open_pool/opened.ok": new,
        "open_pool/opened_before.ok": a_pool("autumn-2026"),
        "open_pool/opened_with_another_price.refused": a_pool("autumn-2026", points_per_kg=11),
        "open_pool/over_already.refused": a_pool(
            "winter-2026", closes_at="2026-11-10T12:00:00+08:00"
        ),
        "open_pool/closes_first.refused": a_pool("winter-2026", opens_at="2026-12-24T00:00:00Z"),
        "open_pool/without_chinese.refused": {**new, "title": {"en": "Winter"}},
        "open_pool/misspelt.refused": {**new, "tarjet_mg": 1},
        "close_pool/closed_and_paid.ok": {"pool_id": "autumn-2026"},
        "close_pool/closed_before.ok": {"pool_id": "summer-2026"},
        "close_pool/nobody_contributed.ok": {"pool_id": "lonely-2026"},
        "close_pool/unknown_pool.refused": {"pool_id": "winter-2026"},
        "close_pool/malformed.refused": {"pool_id": "Winter 2026"},
    }


_REFUSED_CODES = ("unknown_code", "expired_code", "used_code", "own_code", "mistyped_code")
_INVALID = (
    "send_gift/nothing_to_give.422", "send_gift/points_and_reductions.422",
    "send_gift/no_points.422", "send_gift/less_than_nothing.422", "send_gift/message.422",
    "send_gift/half_a_milligram.422", "send_gift/unknown_parameter.422",
    "list_gifts/limit_zero.422", "list_contributions/limit_zero.422",
    "contribute_reductions/less_than_a_gram.422", "contribute_reductions/number_as_text.422",
    "contribute_reductions/extra_field.422",
    "open_pool/opened_with_another_price.refused", "open_pool/over_already.refused",
    "open_pool/closes_first.refused", "open_pool/without_chinese.refused",
    "open_pool/misspelt.refused", "close_pool/malformed.refused",
)  # fmt: skip

EXPECTED = Expectations(
    codes={
        **dict.fromkeys(_INVALID, "invalid_request"),
        **{f"send_gift/{case}.422": "gift_code_refused" for case in _REFUSED_CODES},
        "withdraw_gift_code/mistyped.422": "gift_code_refused",
        "make_gift_code/as_many_as_may_be.409": "too_many_gift_codes",
        "send_gift/invalid_json.422": "malformed_body",
        "send_gift/key_of_another_gift.422": "idempotency_conflict",
        "send_gift/more_than_there_is.409": "insufficient_reductions",
        "send_gift/more_points_than_there_are.409": "insufficient_points",
        "send_gift/no_key.400": "missing_idempotency_key",
        "send_gift/short_key.400": "missing_idempotency_key",
        "contribute_reductions/invalid_json.422": "malformed_body",
        "contribute_reductions/key_of_another_contribution.422": "idempotency_conflict",
        "contribute_reductions/more_than_there_is.409": "insufficient_reductions",
        "contribute_reductions/no_consent.409": "consent_required",
        "contribute_reductions/closed_pool.409": "pool_not_open",
        "contribute_reductions/pool_of_next_year.409": "pool_not_open",
        "contribute_reductions/unknown_pool.404": "pool_not_found",
        "contribute_reductions/no_key.400": "missing_idempotency_key",
        "close_pool/unknown_pool.refused": "pool_not_found",
    },
    growth={
        "make_gift_code/made.201": {"DocumentsTable": 1},
        # The gift on both lists, and a line of each.
        "send_gift/reductions_sent.201": {"DocumentsTable": 2, "EntriesTable": 2},
        "send_gift/points_sent.201": {"DocumentsTable": 2, "EntriesTable": 2},
        "send_gift/code_as_people_type_it.201": {"DocumentsTable": 2, "EntriesTable": 2},
        # In the pool's list and in the account's.
        "contribute_reductions/contributed.201": {"DocumentsTable": 2, "EntriesTable": 1},
        # The pool and its 16 gates.
        "open_pool/opened.ok": {"DocumentsTable": 17},
        "close_pool/closed_and_paid.ok": {"EntriesTable": 1},
    },
    answers={
        "list_gift_codes/listed.200": {
            "codes": [
                {
                    "code": shown(LIVE),
                    "made_at": "2026-11-09T04:00:00.000Z",
                    "expires_at": "2026-11-16T04:00:00.000Z",
                }
            ]
        },
        "list_gift_codes/none.200": {"codes": []},
        "send_gift/points_sent.201": {
            "direction": "sent", "points": 2, "given_at": "2026-11-10T04:00:00.000Z",
        },
        "send_gift/sent_before.201": {"given_at": "2026-11-10T03:30:00.000Z"},
        "list_gifts/none_yet.200": {"gifts": []},
        "contribute_reductions/contributed.201": {"pool_id": "autumn-2026"},
        "list_contributions/none_yet.200": {"contributions": []},
    },
    reports={
        "open_pool/opened.ok": {"pool_id": "winter-2026", "state": "open"},
        "open_pool/opened_before.ok": {"pool_id": "autumn-2026", "state": "open"},
        "close_pool/closed_and_paid.ok": {
            "done": True, "counted": 1,
            "payout": {"points": 1, "bought_back": 1, "account_closed": 0},
        },
        "close_pool/closed_before.ok": {"done": True, "counted": 1},
        "close_pool/nobody_contributed.ok": {"done": True, "counted": 0},
    },
    cannot_fail=frozenset({"list_pools"}),
)  # fmt: skip
