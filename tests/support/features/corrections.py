"""Reversals: what they add to the town, their payloads, and what is expected of them.

mender-1 rode three times with metro-demo, 8 km each, for 3 points each. ride-mend stands,
ride-gone was taken back by the partner, and ride-wrong by an operator.
"""

from typing import Any

from shared.application.get_entry import entry_id
from shared.domain.entry import Cause
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features.expectations import Expectations
from tests.support.partners import METRO_SECRET, dump, metro_event, signed

_ORDER = {
    "partner": "metro-demo", "event_id": "ride-mend", "reason": "fraud", "operator": "li",
    "apply": True,
}  # fmt: skip
_WRONG = {**_ORDER, "event_id": "ride-wrong", "reason": "wrong_data"}


def build(cloud: Cloud, time: Any) -> None:
    """Add mender-1, its rides and their reversals."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    open_and_grant(cloud, time.now, "mender-1", "mender")
    time.now = NOW
    rides = [
        metro_event(each, subject="mender") for each in ("ride-mend", "ride-gone", "ride-wrong")
    ]
    assert send(cloud, time.now, *rides) == 202
    cloud.drain()
    body = dump({"event_id": "ride-gone", "reason": "cancelled"})
    status, answer, _ = cloud.request(
        "reverse_event",
        path={"partner": "metro-demo", "event_id": "ride-gone"},
        headers=signed(body, METRO_SECRET, time.now),
        body=body,
        subject=None,
    )
    assert status == 200, answer
    load("reverse_entry").handler(_WRONG, context())
    cloud.drain()


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http, signed_http

    def reverse(
        event_id: str = "ride-mend",
        reason: Any = "cancelled",
        path_id: str | None = None,
        body: str | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        return signed_http(
            "reverse_event",
            path={"partner": "metro-demo", "event_id": path_id or event_id},
            body=dump({"event_id": event_id, "reason": reason}) if body is None else body,
            **changes,
        )

    def outcome(event_id: str) -> dict[str, Any]:
        return signed_http("get_outcome", path={"partner": "metro-demo", "event_id": event_id})

    reversal = {"entry_id": entry_id(Cause("metro-demo", "ride-wrong", 1))}
    event = {
        "reversed.200": reverse(),
        "dry_run.200": reverse(query={"dry_run": "true"}),
        "reversed_before.200": reverse("ride-gone"),
        "reversed_for_another_reason.409": reverse("ride-gone", "fraud"),
        "reversed_by_an_operator.409": reverse("ride-wrong", "wrong_data"),
        "unknown_event.404": reverse("ride-9"),
        "rejected_event.404": reverse("ride-early"),
        "amendment.404": reverse("ride-gone~1"),
        "reversal_of_another_event.422": reverse(path_id="ride-gone"),
        "unknown_reason.422": reverse(reason="boredom"),
        "reason_as_number.422": reverse(reason=1),
        "without_reason.422": reverse(body=dump({"event_id": "ride-mend"})),
        "invalid_json.422": reverse(body="{"),
        "signed_by_another_partner.401": reverse(key="bank-core"),
        "form.415": reverse(media_type="application/x-www-form-urlencoded"),
    }
    entry = {
        "dry_run.ok": {**_ORDER, "apply": False},
        "reversed.ok": _ORDER,
        "reversed_before.ok": _WRONG,
        "reversed_by_the_partner.refused": {**_ORDER, "event_id": "ride-gone"},
        "unknown_event.refused": {**_ORDER, "event_id": "ride-9"},
        "amendment.refused": {**_ORDER, "event_id": "ride-gone~1"},
        "unknown_reason.refused": {**_ORDER, "reason": "boredom"},
        "nobody_asks.refused": {**_ORDER, "operator": ""},
        "misspelt.refused": {**_ORDER, "aply": True},
    }
    return {
        **{f"reverse_event/{case}": payload for case, payload in event.items()},
        **{f"reverse_entry/{case}": payload for case, payload in entry.items()},
        "get_outcome/reversed.200": outcome("ride-gone"),
        "get_entry/reversal.200": http("get_entry", path=reversal, user="mender-1"),
        "get_receipt/reversal.200": http("get_receipt", path=reversal, user="mender-1"),
        "list_entries/with_reversals.200": http("list_entries", user="mender-1"),
        "get_account/with_reversals.200": http("get_account", user="mender-1"),
    }


_TAKEN = {"reduction_mg": -204_608, "points": -3}

EXPECTED = Expectations(
    codes={
        "reverse_event/reversed_for_another_reason.409": "already_reversed",
        "reverse_event/reversed_by_an_operator.409": "already_reversed",
        "reverse_event/unknown_event.404": "outcome_not_found",
        "reverse_event/rejected_event.404": "outcome_not_found",
        "reverse_event/amendment.404": "outcome_not_found",
        "reverse_event/reversal_of_another_event.422": "invalid_request",
        "reverse_event/unknown_reason.422": "invalid_request",
        "reverse_event/reason_as_number.422": "invalid_request",
        "reverse_event/without_reason.422": "invalid_request",
        "reverse_event/invalid_json.422": "malformed_body",
        "reverse_entry/reversed_by_the_partner.refused": "already_reversed",
        "reverse_entry/unknown_event.refused": "outcome_not_found",
        "reverse_entry/amendment.refused": "invalid_request",
        "reverse_entry/unknown_reason.refused": "invalid_request",
        "reverse_entry/nobody_asks.refused": "invalid_request",
        "reverse_entry/misspelt.refused": "invalid_request",
    },
    growth={
        "reverse_event/reversed.200": {"EntriesTable": 1},
        "reverse_entry/reversed.ok": {"EntriesTable": 1},
    },
    answers={
        "reverse_event/reversed.200": {
            **_TAKEN, "event_id": "ride-mend", "outcome": "reversed", "reason": "cancelled",
            "reversed_at": "2026-11-10T04:00:00.000Z",
        },
        "reverse_event/dry_run.200": {**_TAKEN, "event_id": "ride-mend"},
        "reverse_event/reversed_before.200": {**_TAKEN, "event_id": "ride-gone"},
        "get_outcome/reversed.200": {
            "outcome": "reversed", "reason": "cancelled", "reduction_mg": 204_608,
            "reversed_at": "2026-11-10T04:00:00.000Z",
        },
        "get_entry/reversal.200": {
            "amends": "reversal", "reason": "wrong_data", "reduction_mg": -204_608,
            "standing_mg": 0, "points": -3,
        },
        # Three rides were booked, and two of them taken back.
        "get_account/with_reversals.200": {
            "reduction_mg": 204_608, "lines": 5,
            "reductions": {"available_mg": 204_608, "on_hold_mg": 0, "debt_mg": 0},
        },
    },
    reports={
        "reverse_entry/dry_run.ok": {**_TAKEN, "cause": "event#metro-demo#ride-mend~1"},
        "reverse_entry/reversed.ok": {**_TAKEN, "reason": "fraud"},
        "reverse_entry/reversed_before.ok": {**_TAKEN, "reason": "wrong_data"},
    },
)  # fmt: skip
