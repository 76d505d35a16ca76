"""Disputes: what they add to the town, their payloads, and what is expected of them.

disputer-1 rode four times with metro-demo, 8 km each. It disputes ride-d1 (open, not mine) and
ride-d2 (5 km instead, declined), has withdrawn its dispute of ride-d3, and has none of ride-d4.
disputer-2 rode once, and misses a ride of 5 km, whose dispute is open. All were opened at NOW, so
that their deadline is 12:00 on 2026-11-25 in UTC+8.
"""

from typing import Any

import pytest

from shared.adapters import chance
from shared.application.get_entry import entry_id
from shared.domain.dispute import dispute_id_for
from shared.domain.entry import Cause
from tests.support.builders import at
from tests.support.cloud import NOW, Cloud
from tests.support.features.expectations import Expectations
from tests.support.partners import METRO_SECRET, dump, metro_event, signed

ACCOUNTS = {
    "disputer-1": "a" + "disputer" * 3 + "11",
    "disputer-2": "a" + "disputer" * 3 + "22",
}
RIDES = ("ride-d1", "ride-d2", "ride-d3", "ride-d4")
MISSING = {
    "scenario": "metro", "partner": "metro-demo", "occurred_at": "2026-11-09T19:30:00+08:00",
    "inputs": {"distance_km": 5},
}  # fmt: skip
FIVE_KM = {"kind": "wrong_distance", "inputs": {"distance_km": 5}}
OPEN = dispute_id_for(ACCOUNTS["disputer-1"], "dispute-1", NOW)
DECLINED = dispute_id_for(ACCOUNTS["disputer-1"], "dispute-2", NOW)
WITHDRAWN = dispute_id_for(ACCOUNTS["disputer-1"], "dispute-3", NOW)
MISSED = dispute_id_for(ACCOUNTS["disputer-2"], "dispute-1", NOW)
UNKNOWN = "d" + "0" * 26
DEADLINE = at("2026-11-25T12:00:00+08:00")


def entry_of(event_id: str, amendment: int = 0) -> str:
    """Return the public id of an entry of a ride with metro-demo."""
    return entry_id(Cause("metro-demo", event_id, amendment))


def dispute(cloud: Cloud, user: str, event_id: str, key: str, body: Any) -> Any:
    """Open a dispute of a ride and return it."""
    status, answer, _ = cloud.request(
        "dispute_entry",
        subject=user,
        path={"entry_id": entry_of(event_id)},
        headers={"idempotency-key": key},
        body=dump(body),
    )
    assert status == 201, answer
    return answer


def report(cloud: Cloud, user: str, key: str, body: Any) -> Any:
    """Report a missing ride and return the dispute."""
    status, answer, _ = cloud.request(
        "report_missing", subject=user, headers={"idempotency-key": key}, body=dump(body)
    )
    assert status == 201, answer
    return answer


def say(cloud: Cloud, now: Any, dispute_id: str, **said: Any) -> tuple[int, Any]:
    """Send metro-demo's answer to a dispute."""
    body = dump({"dispute_id": dispute_id, **said})
    status, answer, _ = cloud.request(
        "answer_dispute",
        path={"partner": "metro-demo", "dispute_id": dispute_id},
        headers=signed(body, METRO_SECRET, now),
        body=body,
        subject=None,
    )
    return status, answer


def build(cloud: Cloud, time: Any) -> None:
    """Add the disputers, their rides and their disputes."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    ids = iter(ACCOUNTS.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chance, "new_account_id", lambda: next(ids))
        for user in ACCOUNTS:
            open_and_grant(cloud, time.now, user, f"card-of-{user}")
    time.now = NOW
    rides = [metro_event(each, subject="card-of-disputer-1") for each in RIDES]
    other = metro_event("ride-of-disputer-2", subject="card-of-disputer-2")
    assert send(cloud, time.now, *rides, other) == 202
    cloud.drain()
    dispute(cloud, "disputer-1", "ride-d1", "dispute-1", {"kind": "not_mine"})
    dispute(cloud, "disputer-1", "ride-d2", "dispute-2", FIVE_KM)
    dispute(cloud, "disputer-1", "ride-d3", "dispute-3", {"kind": "duplicate"})
    report(cloud, "disputer-2", "dispute-1", MISSING)
    status, answer = say(cloud, time.now, DECLINED, answer="decline", reason="records_differ")
    assert status == 200, answer
    status, answer, _ = cloud.request(
        "withdraw_dispute", subject="disputer-1", path={"dispute_id": WITHDRAWN}
    )
    assert status == 200, answer


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return {**_opened(), **_reported(), **_of_the_user(), **_of_the_partner()}


def _headers(key: str) -> dict[str, str]:
    return {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})


def _opened() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def event(
        event_id: str = "ride-d4",
        body: Any = None,
        key: str = "dispute-4",
        user: str = "disputer-1",
        text: str | None = None,
        **query: str,
    ) -> dict[str, Any]:
        return http(
            "dispute_entry",
            user=user,
            path={"entry_id": entry_of(event_id)},
            query=query,
            headers=_headers(key),
            body=dump(body or {"kind": "not_mine"}) if text is None else text,
        )

    files = {
        "not_mine.201": event(),
        "duplicate.201": event(body={"kind": "duplicate"}),
        "wrong_distance.201": event(body=FIVE_KM),
        "dry_run.200": event(body=FIVE_KM, dry_run="true"),
        "opened_before.201": event("ride-d1", key="dispute-1"),
        "withdrawn_before.201": event("ride-d3"),
        "disputed_already.409": event("ride-d1"),
        "declined_already.409": event("ride-d2"),
        "key_of_another_request.422": event("ride-d4", key="dispute-1"),
        "without_key.400": event(key=""),
        "entry_of_another_user.404": event("ride-1"),
        "unknown_entry.404": event("ride-9"),
        "taken_back.409": event("ride-gone", user="mender-1"),
        "wrong_distance_without_the_right_one.422": event(body={"kind": "wrong_distance"}),
        "distance_that_stands.422": event(
            body={"kind": "wrong_distance", "inputs": {"distance_km": 8}}
        ),
        "distance_too_far.422": event(
            body={"kind": "wrong_distance", "inputs": {"distance_km": 121}}
        ),
        "distance_where_none_is_wrong.422": event(body={**FIVE_KM, "kind": "duplicate"}),
        "unknown_input.422": event(body={"kind": "wrong_distance", "inputs": {"km": 5}}),
        "unknown_kind.422": event(body={"kind": "missing"}),
        "unknown_field.422": event(body={"kind": "not_mine", "why": "because"}),
        "invalid_json.422": event(text="{"),
        "no_account.404": event(user="user-9"),
    }
    return {f"dispute_entry/{case}": payload for case, payload in files.items()}


def _reported() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def missing(
        key: str = "dispute-4", user: str = "disputer-1", query: Any = None, **changes: Any
    ) -> dict[str, Any]:
        return http(
            "report_missing",
            user=user,
            query=query,
            headers=_headers(key),
            body=dump({**MISSING, **changes}),
        )

    files = {
        "reported.201": missing(),
        "without_distance.201": missing(inputs={}),
        "dry_run.200": missing(query={"dry_run": "true"}),
        "reported_before.201": missing("dispute-1", "disputer-2"),
        "same_hour.409": missing(
            "dispute-2", "disputer-2", occurred_at="2026-11-09T19:59:59+08:00"
        ),
        "key_of_another_request.422": missing(key="dispute-1", user="disputer-1"),
        "without_key.400": missing(key=""),
        "booked_already.409": missing(occurred_at="2026-11-09T08:20:00+08:00"),
        "before_the_consent.409": missing(occurred_at="2026-11-08T11:59:59+08:00"),
        "without_consent.409": missing(scenario="bus"),
        "partner_does_not_report_it.404": missing(scenario="walking"),
        "unknown_partner.404": missing(partner="nobody"),
        "suspended_partner.404": missing(partner="old-metro"),
        "in_the_future.422": missing(occurred_at="2026-11-10T12:00:01+08:00"),
        "too_long_ago.422": missing(occurred_at="2026-10-20T11:59:59+08:00"),
        "time_without_offset.422": missing(occurred_at="2026-11-09T19:30:00"),
        "distance_too_far.422": missing(inputs={"distance_km": 121}),
        "unknown_field.422": missing(card="1234"),
        "no_account.404": missing(user="user-9"),
    }
    return {f"report_missing/{case}": payload for case, payload in files.items()}


def _of_the_user() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http

    def disputes(user: str = "disputer-2", **query: str) -> dict[str, Any]:
        return http("list_disputes", user=user, query=query)

    def withdrawal(dispute_id: str = OPEN, user: str = "disputer-1") -> dict[str, Any]:
        return http("withdraw_dispute", user=user, path={"dispute_id": dispute_id})

    return {
        "list_disputes/of_a_missing_ride.200": disputes(),
        "list_disputes/none.200": disputes("user-3"),
        "list_disputes/first_page.200": disputes("disputer-1", limit="1"),
        "list_disputes/limit_zero.422": disputes(limit="0"),
        "list_disputes/forged_cursor.400": disputes(cursor="AAAAAAAAAAAAAAAAAAAA"),
        "list_disputes/no_account.404": disputes("user-9"),
        "withdraw_dispute/withdrawn.200": withdrawal(),
        "withdraw_dispute/withdrawn_before.200": withdrawal(WITHDRAWN),
        "withdraw_dispute/declined.409": withdrawal(DECLINED),
        "withdraw_dispute/of_another_user.404": withdrawal(user="disputer-2"),
        "withdraw_dispute/unknown.404": withdrawal(UNKNOWN),
        "withdraw_dispute/no_id_at_all.404": withdrawal("..%2F..%2Fadmin"),
        "withdraw_dispute/no_account.404": withdrawal(user="user-9"),
    }


def _of_the_partner() -> dict[str, dict[str, Any]]:
    from tests.support.payloads import http, signed_http

    def disputes(partner: str = "metro-demo", key: str | None = None) -> dict[str, Any]:
        return signed_http("list_partner_disputes", path={"partner": partner}, key=key)

    def answer(
        dispute_id: str = OPEN,
        said: Any = None,
        *,
        partner: str = "metro-demo",
        path_id: str | None = None,
        text: str | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        body = dump({"dispute_id": dispute_id, **(said or {"answer": "accept"})})
        return signed_http(
            "answer_dispute",
            path={"partner": partner, "dispute_id": path_id or dispute_id},
            body=body if text is None else text,
            **changes,
        )

    no = {"answer": "decline", "reason": "records_differ"}
    six_km = {"answer": "accept", "inputs": {"distance_km": 6}}
    files = {
        "accepted.200": answer(),
        "declined.200": answer(said=no),
        "missing_ride_accepted.200": answer(MISSED),
        "missing_ride_of_six_km.200": answer(MISSED, six_km),
        "answered_before.200": answer(DECLINED, no),
        "answered_otherwise_before.409": answer(DECLINED),
        "withdrawn.409": answer(WITHDRAWN),
        "after_the_deadline.401": answer(),
        "unknown_dispute.404": answer(UNKNOWN),
        "dispute_of_another_partner.404": answer(partner="bank-core"),
        "of_another_dispute.422": answer(path_id=MISSED),
        "unknown_answer.422": answer(said={"answer": "perhaps"}),
        "declined_without_reason.422": answer(said={"answer": "decline"}),
        "accepted_with_a_reason.422": answer(said={**no, "answer": "accept"}),
        "declined_with_inputs.422": answer(said={**six_km, **no}),
        "inputs_where_none_are_disputed.422": answer(said=six_km),
        "inputs_of_nothing.422": answer(MISSED, {"answer": "accept", "inputs": {}}),
        "distance_too_far.422": answer(
            MISSED, {"answer": "accept", "inputs": {"distance_km": 121}}
        ),
        "invalid_json.422": answer(text="{"),
        "signed_by_another_partner.401": answer(key="bank-core"),
        "form.415": answer(media_type="application/x-www-form-urlencoded"),
    }
    forged = http(
        "list_partner_disputes",
        path={"partner": "metro-demo"},
        query={"cursor": "AAAAAAAAAAAAAAAAAAAA"},
        headers=disputes()["headers"],
    )
    return {
        "list_partner_disputes/four.200": disputes(),
        "list_partner_disputes/none.200": disputes("bank-core"),
        "list_partner_disputes/signed_by_another_partner.401": disputes(key="bank-core"),
        "list_partner_disputes/suspended_partner.401": disputes("old-metro"),
        "list_partner_disputes/forged_cursor.400": forged,
        **{f"answer_dispute/{case}": payload for case, payload in files.items()},
        "settle_disputes/nothing_is_due.ok": {},
        "settle_disputes/two_were_not_answered.ok": {},
    }


_OPENED = {"opened_at": "2026-11-10T04:00:00.000Z", "deadline": "2026-11-25T04:00:00.000Z"}
_MISSED = {
    **_OPENED, "dispute_id": MISSED, "kind": "missing", "scenario": "metro",
    "occurred_at": "2026-11-09T11:30:00.000Z", "inputs": {"distance_km": "5"},
}  # fmt: skip
_NEW, _AGAIN = {"DocumentsTable": 4}, {"DocumentsTable": 3}
_INVALID = (
    "dispute_entry/wrong_distance_without_the_right_one.422",
    "dispute_entry/distance_that_stands.422",
    "dispute_entry/distance_too_far.422",
    "dispute_entry/distance_where_none_is_wrong.422",
    "dispute_entry/unknown_input.422",
    "dispute_entry/unknown_kind.422",
    "dispute_entry/unknown_field.422",
    "report_missing/time_without_offset.422",
    "report_missing/distance_too_far.422",
    "report_missing/unknown_field.422",
    "list_disputes/limit_zero.422",
    "answer_dispute/of_another_dispute.422",
    "answer_dispute/unknown_answer.422",
    "answer_dispute/declined_without_reason.422",
    "answer_dispute/accepted_with_a_reason.422",
    "answer_dispute/declined_with_inputs.422",
    "answer_dispute/inputs_where_none_are_disputed.422",
    "answer_dispute/inputs_of_nothing.422",
    "answer_dispute/distance_too_far.422",
)

EXPECTED = Expectations(
    codes={
        **dict.fromkeys(_INVALID, "invalid_request"),
        "dispute_entry/disputed_already.409": "dispute_exists",
        "dispute_entry/declined_already.409": "dispute_exists",
        "dispute_entry/key_of_another_request.422": "idempotency_conflict",
        "dispute_entry/without_key.400": "missing_idempotency_key",
        "dispute_entry/entry_of_another_user.404": "entry_not_found",
        "dispute_entry/unknown_entry.404": "entry_not_found",
        "dispute_entry/taken_back.409": "not_disputable",
        "dispute_entry/invalid_json.422": "malformed_body",
        "report_missing/same_hour.409": "dispute_exists",
        "report_missing/key_of_another_request.422": "idempotency_conflict",
        "report_missing/without_key.400": "missing_idempotency_key",
        "report_missing/booked_already.409": "not_disputable",
        "report_missing/before_the_consent.409": "not_consented",
        "report_missing/without_consent.409": "not_consented",
        "report_missing/partner_does_not_report_it.404": "consent_unavailable",
        "report_missing/unknown_partner.404": "consent_unavailable",
        "report_missing/suspended_partner.404": "consent_unavailable",
        "report_missing/in_the_future.422": "event_in_future",
        "report_missing/too_long_ago.422": "event_too_old",
        "withdraw_dispute/declined.409": "dispute_ended",
        "withdraw_dispute/of_another_user.404": "dispute_not_found",
        "withdraw_dispute/unknown.404": "dispute_not_found",
        "withdraw_dispute/no_id_at_all.404": "dispute_not_found",
        "answer_dispute/answered_otherwise_before.409": "dispute_ended",
        "answer_dispute/withdrawn.409": "dispute_ended",
        "answer_dispute/unknown_dispute.404": "dispute_not_found",
        "answer_dispute/dispute_of_another_partner.404": "dispute_not_found",
        "answer_dispute/invalid_json.422": "malformed_body",
    },
    growth={
        "dispute_entry/not_mine.201": _NEW,
        "dispute_entry/duplicate.201": _NEW,
        "dispute_entry/wrong_distance.201": _NEW,
        # The lock is there.
        "dispute_entry/withdrawn_before.201": _AGAIN,
        "report_missing/reported.201": _NEW,
        "report_missing/without_distance.201": _NEW,
        "answer_dispute/accepted.200": {"EntriesTable": 1},
        "answer_dispute/missing_ride_accepted.200": {"EntriesTable": 1},
        "answer_dispute/missing_ride_of_six_km.200": {"EntriesTable": 1},
        "settle_disputes/two_were_not_answered.ok": {"EntriesTable": 2},
    },
    answers={
        "dispute_entry/wrong_distance.201": {
            **_OPENED, "kind": "wrong_distance", "scenario": "metro", "partner": "metro-demo",
            "entry_id": entry_of("ride-d4"), "inputs": {"distance_km": "5"},
        },
        "dispute_entry/opened_before.201": {**_OPENED, "dispute_id": OPEN},
        "report_missing/reported_before.201": {
            **_MISSED, "partner": "metro-demo", "entry_id": entry_of(f"dispute-{MISSED}"),
        },
        "list_disputes/of_a_missing_ride.200": {
            "disputes": [
                {
                    **_MISSED, "partner": "metro-demo", "state": "open", "entries": [],
                    "entry_id": entry_of(f"dispute-{MISSED}"),
                }
            ]
        },
        "list_disputes/none.200": {"disputes": []},
        "withdraw_dispute/withdrawn.200": {"dispute_id": OPEN, "state": "withdrawn"},
        "withdraw_dispute/withdrawn_before.200": {"state": "withdrawn"},
        "list_partner_disputes/none.200": {"disputes": []},
        "answer_dispute/accepted.200": {
            **_OPENED, "dispute_id": OPEN, "event_id": "ride-d1", "state": "accepted",
            "ended_at": "2026-11-10T04:00:00.000Z",
        },
        "answer_dispute/missing_ride_accepted.200": {**_MISSED, "state": "accepted"},
        "answer_dispute/answered_before.200": {"state": "declined", "reason": "records_differ"},
    },
    reports={
        "settle_disputes/nothing_is_due.ok": {
            "decided_for_user": 0, "declined": 0, "ended_before": 0, "left": 0,
        },
        "settle_disputes/two_were_not_answered.ok": {"decided_for_user": 2, "left": 0},
    },
    times={
        "settle_disputes/two_were_not_answered.ok": DEADLINE,
        # What was signed then is too old to be taken, whatever became of the dispute.
        "answer_dispute/after_the_deadline.401": DEADLINE,
    },
    cannot_fail=frozenset({"settle_disputes"}),
)  # fmt: skip
