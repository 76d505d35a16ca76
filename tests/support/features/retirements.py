"""Retirements: what they add to the town, their payloads, and what is expected of them.

retiree-1 and retiree-2 have a ride of 8 km each, and retiree-2 a footprint, put a minute ago.
retiree-1 has retired 100 g of theirs, with the Idempotency-Key KEY.
"""

import hashlib
import hmac
from datetime import timedelta
from functools import partial
from typing import Any

from shared.adapters import chance
from shared.application import cursors
from shared.domain.canonical import canonical_json, digest
from shared.domain.identifiers import derived_id
from shared.domain.retirement import Retirement
from tests.support.cloud import PSEUDONYM_KEY, Cloud
from tests.support.features.expectations import Expectations
from tests.support.homes import HOUSEHOLD
from tests.support.partners import METRO, METRO_SECRET, dump, link_token, metro_event, signed

KEY, NEW_KEY = "retire-once-0001", "retire-anew-0001"
ACCOUNTS = {"retiree-1": "a" + "retiree" * 3 + "11111", "retiree-2": "a" + "retiree" * 3 + "22222"}
STANDING: dict[str, Any] = {
    "reduction_mg": 100_000,
    "occasion": "爱丽丝的生日 🎂",
    "beneficiary": "Alice",
    "language": "en",
}


def build(cloud: Cloud, time: Any) -> None:
    """Add to the town what the payloads need; time is put back afterwards."""
    numbered = chance.new_account_id
    now = time.now
    try:
        for subject, account_id in ACCOUNTS.items():
            chance.new_account_id = partial(str, account_id)
            _open(cloud, time, subject)
    finally:
        chance.new_account_id = numbered
    time.now = now - timedelta(minutes=1)
    rides = [metro_event(f"ride-of-{each}", subject=f"rider-of-{each}") for each in ACCOUNTS]
    body = dump(rides)
    status, _, _ = cloud.request(
        "receive_events",
        path={"partner": METRO.partner},
        headers=signed(body, METRO_SECRET, time.now),
        body=body,
        subject=None,
    )
    assert status == 202
    cloud.drain()
    answers = dump({"answers": HOUSEHOLD})
    assert cloud.request("put_footprint", subject="retiree-2", body=answers)[0] == 200
    status, answer, _ = cloud.request(
        "retire_reductions",
        subject="retiree-1",
        headers={"Idempotency-Key": KEY},
        body=dump(STANDING),
    )
    assert (status, answer["certificate_id"]) == (201, certificate_id()), answer


def _open(cloud: Cloud, time: Any, subject: str) -> None:
    """Open an account before its ride, and consent to metro rides."""
    now = time.now
    time.now = now - timedelta(days=2)
    assert cloud.request("open_account", subject=subject)[0] == 201
    token = link_token(METRO.partner, f"rider-of-{subject}", METRO_SECRET, time.now)
    status, answer, _ = cloud.request(
        "grant_consent",
        subject=subject,
        path={"scenario": "metro", "partner": METRO.partner},
        body=dump({"notice_version": "2025-01", "partner_link_token": token}),
    )
    assert status == 200, answer
    time.now = now


def certificate_id() -> str:
    """Return the id of retiree-1's certificate, as only who knows the secret can work it out."""
    asked = b"payload\n" + canonical_json([Retirement.KIND, KEY])
    secret = hmac.new(PSEUDONYM_KEY.encode(), asked, hashlib.sha256).hexdigest()
    return derived_id("c", ACCOUNTS["retiree-1"], secret)


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return _retire() | _list() | _certificates()


def _retire() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def post(
        user: str = "retiree-2",
        key: str | None = NEW_KEY,
        query: dict[str, str] | None = None,
        raw: str | None = None,
        content_type: str = "application/json",
        **body: Any,
    ) -> dict[str, Any]:
        wanted = {"reduction_mg": 50_000, "occasion": "植树节", **body}
        headers = {"content-type": content_type} | ({"idempotency-key": key} if key else {})
        return http(
            "retire_reductions",
            user=user,
            headers=headers,
            query=query,
            body=dump(wanted) if raw is None else raw,
        )

    dry = {"dry_run": "true"}
    year: dict[str, Any] = {"occasion": None, "footprint_year": 2026}
    cases = {
        "retired.201": post(),
        "for_own_footprint.201": post(**year),
        "for_own_footprint_that_is_not_kept.201": post("retiree-1", **year),
        "all_that_is_left.201": post("retiree-1", reduction_mg=104_608),
        "for_somebody.201": post(beneficiary="王小明一家 👨‍👩‍👧"),
        "repeated.201": post("retiree-1", KEY, **STANDING),
        "dry_run.200": post(query=dry),
        "dry_run_of_what_was_retired.200": post("retiree-1", KEY, dry, **STANDING),
        "same_key_for_another_amount.422": post(
            "retiree-1", KEY, **{**STANDING, "reduction_mg": 1}
        ),
        "a_milligram_too_much.409": post("retiree-1", reduction_mg=104_609),
        "dry_run_of_too_much.409": post("retiree-1", query=dry, reduction_mg=104_609),
        "no_account.404": post("user-9"),
        "without_key.400": post(key=None),
        "short_key.400": post(key="short"),
        "nothing_at_all.422": post(reduction_mg=0),
        "less_than_nothing.422": post(reduction_mg=-1),
        "amount_as_text.422": post(reduction_mg="50000"),
        "half_a_milligram.422": post(reduction_mg=0.5),
        "for_nothing.422": post(occasion=None),
        "for_both.422": post(footprint_year=2026),
        "next_year.422": post(occasion=None, footprint_year=2027),
        "link_as_beneficiary.422": post(beneficiary="see evil.com"),
        "telephone_as_occasion.422": post(occasion="138 1234 5678"),
        "markup_as_beneficiary.422": post(beneficiary="<script>alert(1)</script>"),
        "overridden_direction.422": post(beneficiary="ecila\u202e"),
        "long_beneficiary.422": post(beneficiary="王" * 41),
        "claim_as_occasion.422": post(occasion="我的碳中和婚礼"),
        "unknown_language.422": post(language="fr"),
        "unknown_field.422": post(account_id=ACCOUNTS["retiree-1"]),
        "unknown_parameter.422": post(query={"dryrun": "true"}),
        "invalid_json.422": post(raw="{"),
        "empty_body.422": post(raw=""),
        "text_plain.415": post(content_type="text/plain"),
        "body_of_17_kb.413": post(raw="<17408 times  >"),
    }
    return {f"retire_reductions/{case}": payload for case, payload in cases.items()}


def _list() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    other = cursors.encode("0000000002", digest([Retirement.KIND, ACCOUNTS["retiree-2"]]))
    cases: dict[str, tuple[str, dict[str, str]]] = {
        "listed.200": ("retiree-1", {}),
        "none.200": ("retiree-2", {"limit": "1"}),
        "no_account.404": ("user-9", {}),
        "limit_zero.422": ("retiree-1", {"limit": "0"}),
        "unknown_parameter.422": ("retiree-1", {"account_id": ACCOUNTS["retiree-2"]}),
        "forged_cursor.400": ("retiree-1", {"cursor": "AAAAAAAAAAAAAAAAAAAA"}),
        "cursor_of_another_user.400": ("retiree-1", {"cursor": other}),
    }
    return {
        f"list_retirements/{case}": http("list_retirements", user=user, query=query)
        for case, (user, query) in cases.items()
    }


def _certificates() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def get(
        name: str, query: dict[str, str] | None = None, *, picture: bool = False
    ) -> dict[str, Any]:
        route = int(picture)
        return http("get_certificate", path={"certificate_id": name}, query=query, route=route)

    standing, unknown = certificate_id(), "c" + "a" * 26
    cases = {
        "found.200": get(standing),
        "picture.200": get(standing, picture=True),
        "picture_in_chinese.200": get(standing, {"lang": "zh-Hans"}, picture=True),
        "unknown.404": get(unknown),
        "not_an_id.404": get("CA-2026-0000-0000-0000"),
        "id_in_capitals.404": get(standing.upper()),
        "longer_id.404": get(standing + "a"),
        "long_id.404": get("c" * 3000),
        "escaped_path.404": get("..%2F..%2Fadmin"),
        "picture_of_nothing.404": get(unknown, picture=True),
        "picture_in_another_language.422": get(standing, {"lang": "fr"}, picture=True),
        "picture_with_unknown_parameter.422": get(standing, {"href": "x"}, picture=True),
    }
    return {f"get_certificate/{case}": payload for case, payload in cases.items()}


_RETIRED = {"EntriesTable": 1, "DocumentsTable": 2}
_CODES = {
    f"retire_reductions/{case}.422": "invalid_request"
    for case in (
        "nothing_at_all", "less_than_nothing", "amount_as_text", "for_nothing", "for_both",
        "next_year", "link_as_beneficiary", "telephone_as_occasion", "markup_as_beneficiary",
        "overridden_direction", "long_beneficiary", "claim_as_occasion", "unknown_language",
        "unknown_field", "unknown_parameter", "half_a_milligram",
    )
}  # fmt: skip

EXPECTED = Expectations(
    codes=_CODES
    | {f"retire_reductions/{case}.422": "malformed_body" for case in ("invalid_json", "empty_body")}
    | {
        "retire_reductions/same_key_for_another_amount.422": "idempotency_conflict",
        "retire_reductions/a_milligram_too_much.409": "insufficient_reductions",
        "retire_reductions/dry_run_of_too_much.409": "insufficient_reductions",
        "retire_reductions/without_key.400": "missing_idempotency_key",
        "retire_reductions/short_key.400": "missing_idempotency_key",
        "list_retirements/limit_zero.422": "invalid_request",
        "list_retirements/unknown_parameter.422": "invalid_request",
        "get_certificate/picture_in_another_language.422": "invalid_request",
        "get_certificate/picture_with_unknown_parameter.422": "invalid_request",
    }
    | {
        f"get_certificate/{case}.404": "certificate_not_found"
        for case in (
            "unknown",
            "not_an_id",
            "id_in_capitals",
            "longer_id",
            "long_id",
            "escaped_path",
            "picture_of_nothing",
        )
    },
    growth={
        f"retire_reductions/{case}.201": _RETIRED
        for case in (
            "retired",
            "for_own_footprint",
            "for_own_footprint_that_is_not_kept",
            "all_that_is_left",
            "for_somebody",
        )
    },
    answers={
        "retire_reductions/retired.201": {
            "retired_at": "2026-11-10T04:00:00.000Z",
            "methodologies": [
                {"methodology": "metro-distance@2025.1", "reduction_mg": 50_000, "lots": 1}
            ],
            "occasion": "植树节",
            "language": "zh-Hans",
        },
        # 50 g of 3 936.852892 kg are 12.7 millionths.
        "retire_reductions/for_own_footprint.201": {"footprint_year": 2026},
        "retire_reductions/repeated.201": {
            "certificate_id": certificate_id(),
            "certificate": f"/v1/certificates/{certificate_id()}",
            "picture": f"/v1/certificates/{certificate_id()}/picture",
            "retired_at": "2026-11-10T03:59:00.000Z",
            "beneficiary": "Alice",
        },
        "retire_reductions/dry_run_of_what_was_retired.200": {"certificate_id": certificate_id()},
        "list_retirements/none.200": {"retirements": []},
    },
)
