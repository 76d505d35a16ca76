"""Share cards: what they add to the town, their payloads, and what is expected of them.

share-1 and share-2 rode 8 km each and consented to cards. share-1 has a card that is shown and one
that was revoked; share-2 has one too, and has withdrawn the consent since.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from shared.adapters import chance
from shared.domain.identifiers import derived_id
from tests.support.cloud import NOW, Cloud
from tests.support.features.expectations import Expectations
from tests.support.partners import dump, metro_event

ACCOUNTS = {"share-1": "a" + "shares" * 4 + "11", "share-2": "a" + "shares" * 4 + "22"}
KEY, REVOKED_KEY, NEW_KEY = "share-once-0001", "share-revoked-0001", "share-anew-0001"
SHOWN, REVOKED, WITHDRAWN = (f"token{number}".ljust(26, "a") for number in (1, 2, 3))
CARD: dict[str, Any] = {
    "period": "2026-11",
    "style": "leaf",
    "language": "zh-Hans",
    "nickname": "骑行的小明",
}
CONSENT = {"scenario": "share-card", "partner": "platform"}


def share_id(key: str = KEY) -> str:
    return derived_id("s", ACCOUNTS["share-1"], key)


def build(cloud: Cloud, time: Any) -> None:
    """Add to the town what the payloads need; time is put back afterwards."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    numbered = chance.new_account_id
    try:
        for subject, account_id in ACCOUNTS.items():
            chance.new_account_id = partial(str, account_id)
            open_and_grant(cloud, time.now, subject, f"rider-{subject}")
    finally:
        chance.new_account_id = numbered
    notice = dump({"notice_version": "2025-01"})
    for subject in ACCOUNTS:
        status, answer, _ = cloud.request(
            "grant_consent", subject=subject, path=CONSENT, body=notice
        )
        assert status == 200, answer
    time.now = NOW - timedelta(minutes=10)
    rides = [metro_event(f"ride-{each}", subject=f"rider-{each}") for each in ACCOUNTS]
    assert send(cloud, time.now, *rides) == 202
    cloud.drain()
    for subject, key in (("share-1", KEY), ("share-1", REVOKED_KEY), ("share-2", KEY)):
        status, answer, _ = make(cloud, subject, key, CARD)
        assert status == 201, answer
    path = {"share_id": share_id(REVOKED_KEY)}
    assert cloud.request("revoke_share", subject="share-1", path=path)[0] == 200
    assert cloud.request("withdraw_consent", subject="share-2", path=CONSENT)[0] == 200


def make(cloud: Cloud, subject: str, key: str, card: dict[str, Any]) -> tuple[int, Any, Any]:
    headers = {"Idempotency-Key": key}
    return cloud.request("make_share", subject=subject, headers=headers, body=dump(card))


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http

    def wanted(
        user: str = "share-1", key: str | None = NEW_KEY, body: str = "", **changes: Any
    ) -> dict[str, Any]:
        headers = {"content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        text = body or dump({**CARD, **changes})
        return http("make_share", user=user, headers=headers, body=text)

    def shown(token: str, route: int) -> dict[str, Any]:
        return http("get_share", path={"token": token}, route=route)

    def revoke(card: str, user: str = "share-1") -> dict[str, Any]:
        return http("revoke_share", user=user, path={"share_id": card})

    return {
        "make_share/made.201": wanted(),
        "make_share/of_everything.201": wanted(period="all", style="ink", language="en"),
        "make_share/of_a_year.201": wanted(period="2026", style="sky"),
        "make_share/made_before.201": wanted(key=KEY),
        "make_share/revoked_since.201": wanted(key=REVOKED_KEY),
        "make_share/key_of_another_card.422": wanted(key=KEY, style="ink"),
        "make_share/nothing_in_the_month.422": wanted(period="2026-10"),
        "make_share/thirteenth_month.422": wanted(period="2026-13"),
        "make_share/year_of_the_dinosaurs.422": wanted(period="0001"),
        "make_share/unknown_style.422": wanted(style="gold"),
        "make_share/nickname_with_a_link.422": wanted(nickname="www.example.com"),
        "make_share/nickname_that_claims.422": wanted(nickname="碳中和达人"),
        "make_share/long_nickname.422": wanted(nickname="W" * 25),
        "make_share/nickname_with_an_emoji.422": wanted(nickname="小明\U0001f6b2"),
        "make_share/invalid_json.422": wanted(body="{"),
        "make_share/no_consent.409": wanted(user="share-2"),
        "make_share/no_key.400": wanted(key=None),
        "make_share/no_account.404": wanted(user="user-9"),
        "list_shares/listed.200": http("list_shares", user="share-1"),
        "list_shares/none_yet.200": http("list_shares", user="user-3"),
        "list_shares/no_account.404": http("list_shares", user="user-9"),
        "revoke_share/revoked.200": revoke(share_id()),
        "revoke_share/revoked_before.200": revoke(share_id(REVOKED_KEY)),
        "revoke_share/of_somebody_else.404": revoke(share_id(), "share-2"),
        "revoke_share/no_cards_at_all.404": revoke(share_id(), "user-3"),
        "revoke_share/no_account.404": revoke(share_id(), "user-9"),
        "get_share/page.200": shown(SHOWN, 0),
        "get_share/picture.200": shown(SHOWN, 1),
        "get_share/pixels.200": shown(SHOWN, 2),
        "get_share/pixels_of_revoked.410": shown(REVOKED, 2),
        "get_share/revoked.410": shown(REVOKED, 1),
        "get_share/consent_withdrawn.410": shown(WITHDRAWN, 1),
        "get_share/expired.410": shown(SHOWN, 1),
        "get_share/unknown_token.404": shown("b" * 26, 1),
        "get_share/not_a_token.404": shown("b" * 3000, 1),
    }


_INVALID = (
    "nothing_in_the_month", "thirteenth_month", "year_of_the_dinosaurs", "unknown_style",
    "nickname_with_a_link", "nickname_that_claims", "long_nickname",
    "nickname_with_an_emoji",
)  # fmt: skip
_NOT_FOUND = (
    "revoke_share/of_somebody_else.404", "revoke_share/no_cards_at_all.404",
    "get_share/unknown_token.404", "get_share/not_a_token.404",
)  # fmt: skip
_MADE_AT = NOW - timedelta(minutes=10)

EXPECTED = Expectations(
    codes={
        **{f"make_share/{case}.422": "invalid_request" for case in _INVALID},
        **dict.fromkeys(_NOT_FOUND, "share_not_found"),
        "make_share/key_of_another_card.422": "idempotency_conflict",
        "make_share/invalid_json.422": "malformed_body",
        "make_share/no_consent.409": "consent_required",
        "make_share/no_key.400": "missing_idempotency_key",
        "get_share/pixels_of_revoked.410": "share_ended",
        "get_share/revoked.410": "share_ended",
        "get_share/consent_withdrawn.410": "share_ended",
        "get_share/expired.410": "share_ended",
    },
    # The way from the link; the account's list is replaced.
    growth={
        f"make_share/{case}.201": {"DocumentsTable": 1}
        for case in ("made", "of_everything", "of_a_year")
    },
    answers={
        "make_share/made.201": {
            "period": "2026-11", "style": "leaf", "nickname": "骑行的小明",
            "created_at": "2026-11-10T04:00:00.000Z", "expires_at": "2027-02-08T04:00:00.000Z",
        },
        "make_share/revoked_since.201": {"share_id": share_id(REVOKED_KEY)},
        "make_share/made_before.201": {
            "share_id": share_id(), "created_at": "2026-11-10T03:50:00.000Z",
        },
        "list_shares/none_yet.200": {"shares": []},
        "revoke_share/revoked.200": {"ended": True},
    },
    times={"get_share/expired.410": _MADE_AT + timedelta(days=90)},
)  # fmt: skip
