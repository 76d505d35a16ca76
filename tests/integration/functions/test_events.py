"""Every file under events/ has the outcome in its name, and changes what it should: often nothing.

`<case>.<status>` is answered with that status; `<case>.refused` ends in an error with a code, of
what is called directly; `<case>.ok` reports no message; `<case>.partialN`
reports exactly the N messages (or, of a stream, the one record) that the file names for it.
"""

import json
import re
from typing import Any

import pytest

from shared.domain.errors import CarbonAccountError
from tests.integration.functions.conftest import Town
from tests.support.builders import at
from tests.support.capacity import Meter
from tests.support.cloud import PARTNER_PREFIX, SUPPLIER_PREFIX, context, load
from tests.support.features import FEATURES
from tests.support.payloads import EVENTS, payloads, ready, written
from tests.support.template import functions

FILES = sorted(f"{path.parent.name}/{path.stem}" for path in EVENTS.glob("*/*.json"))

# What a refusal is called, where its status alone does not say.
CODES_BY_STATUS = {
    "400": "invalid_cursor",
    "401": "signature_refused",
    "413": "body_too_large",
    "415": "unsupported_media_type",
}
CODES_BY_FUNCTION = {
    ("get_methodology", "404"): "methodology_not_found",
    ("get_outcome", "404"): "outcome_not_found",
    ("get_sealed_day", "404"): "day_not_sealed",
    ("get_sealed_day", "422"): "invalid_request",
    ("get_entry", "404"): "entry_not_found",
    ("get_footprint", "404"): "footprint_not_found",
    ("get_receipt", "404"): "entry_not_found",
    ("compare_entry", "404"): "entry_not_found",
    ("compare_rules", "422"): "invalid_request",
    ("calculate_footprint", "422"): "invalid_request",
    ("put_footprint", "422"): "invalid_request",
    ("get_totals", "422"): "invalid_request",
    ("get_bridge", "422"): "invalid_request",
    ("list_entries", "422"): "invalid_request",
    ("receive_events", "422"): "invalid_request",
    ("describe_api", "404"): "route_not_found",
    ("grant_consent", "404"): "consent_unavailable",
    ("grant_consent", "422"): "invalid_request",
}
MALFORMED = {
    "calculate_footprint": {"invalid_json", "empty_body", "duplicate_key", "exponent"},
    "compare_rules": {"invalid_json", "empty_body", "duplicate_key", "exponent"},
    "grant_consent": {"invalid_json", "empty_body", "duplicate_key"},
    "put_footprint": {"invalid_json", "empty_body", "duplicate_key", "exponent"},
    "receive_events": {
        "empty_body", "invalid_json", "invalid_utf_8", "byte_order_mark", "null", "text",
        "duplicate_key", "nan", "infinity", "minus_zero", "exponent", "number_of_5000_digits",
        "sixty_thousand_levels", "lone_surrogate", "nul_in_text", "batch_of_none", "batch_of_101",
        "batch_of_texts",
    },
}  # fmt: skip
CODES = {
    f"{function}/{case}.422": "malformed_body"
    for function, cases in MALFORMED.items()
    for case in cases
} | {
    "compare_rules/before_any_rule.422": "no_methodology",
    "compare_rules/last_second_of_the_calendar.422": "no_methodology",
    "compare_rules/footprint_is_no_scenario.422": "no_methodology",
    "compare_rules/unknown_scenario.422": "no_methodology",
    "grant_consent/missing_token.422": "link_token_refused",
    "grant_consent/expired_token.422": "link_token_refused",
    "grant_consent/forged_token.422": "link_token_refused",
    "grant_consent/token_of_another_partner.422": "link_token_refused",
    "grant_consent/notice_has_changed.409": "notice_changed",
    "grant_consent/other_reference_of_the_same_user.409": "reference_linked",
    "grant_consent/reference_of_another_user.409": "reference_linked",
    "receive_events/unknown_type.422": "unknown_event_type",
    "receive_events/type_of_another_partner.422": "unknown_event_type",
    "receive_events/later_version_of_a_type.422": "unknown_event_type",
    "receive_events/six_minutes_ahead.422": "event_in_future",
    "receive_events/last_second_of_the_calendar.422": "event_in_future",
    "receive_events/a_second_too_old.422": "event_too_old",
    "receive_events/first_second_of_the_calendar.422": "event_too_old",
}

# How many items or messages each case adds; nothing where it is not named.
ONE_EVENT = {"EventsQueue": 1}
GROWTH: dict[str, dict[str, int]] = {
    "open_account/opened.201": {"AccountsTable": 2},
    # A receipt more; the pointer of the subject, and the two halves of the link less.
    "close_account/closed.200": {"AccountsTable": -1, "ConsentsTable": -1},
    "put_footprint/put.200": {"AccountsTable": 1},
    "grant_consent/granted.200": {"ConsentsTable": 1},
    "grant_consent/granted_to_the_platform.200": {"ConsentsTable": 1},
    "withdraw_consent/withdrawn.200": {"ConsentsTable": -1},
    "receive_events/accepted.202": ONE_EVENT,
    "receive_events/application_json.202": ONE_EVENT,
    "receive_events/base64.202": ONE_EVENT,
    "receive_events/batch.202": {"EventsQueue": 2},
    "receive_events/batch_of_100.202": {"EventsQueue": 100},
    "receive_events/conflict_in_batch.207": ONE_EVENT,
    "receive_events/data_that_was_not_asked_for.202": ONE_EVENT,
    "receive_events/duplicate_in_batch.202": {"EventsQueue": 2},
    "receive_events/completes_another.202": ONE_EVENT,
    "receive_events/distance_of_another_name.202": ONE_EVENT,
    "receive_events/distance_unknown.202": ONE_EVENT,
    "receive_events/without_distance.202": ONE_EVENT,
    "receive_events/extra_attribute.202": ONE_EVENT,
    "receive_events/five_minutes_ahead.202": ONE_EVENT,
    "receive_events/four_minutes_late.202": ONE_EVENT,
    "receive_events/id_used_before.202": ONE_EVENT,
    "receive_events/nanoseconds.202": ONE_EVENT,
    "receive_events/next_key_during_rotation.202": ONE_EVENT,
    "receive_events/one_of_three_is_refused.207": {"EventsQueue": 2},
    "receive_events/one_of_two_is_malformed.207": ONE_EVENT,
    "receive_events/statement_without_inputs.202": ONE_EVENT,
    "receive_events/thirty_days_old.202": ONE_EVENT,
    "receive_events/two_signatures.202": ONE_EVENT,
    "receive_events/unknown_scheme_beside_a_signature.202": ONE_EVENT,
    "receive_events/unknown_subject.202": ONE_EVENT,
    "calculate_reductions/measured.ok": {"PostingsQueue": 1},
    "calculate_reductions/completes_another.ok": {"PostingsQueue": 1},
    "calculate_reductions/nobody.ok": {"PostingsQueue": 1},
    "calculate_reductions/without_distance.ok": {"PostingsQueue": 1},
    "calculate_reductions/one_of_three_is_poison.partial1": {"PostingsQueue": 1},
    "calculate_reductions/two_of_one_account_and_one_of_another.ok": {"PostingsQueue": 2},
    "calculate_reductions/unknown_scenario.partial1": {"PostingsQueue": 1},
    "update_accounts/already_complete.ok": {"EntriesTable": 1},
    "update_accounts/cap_reached.ok": {"EntriesTable": 5},
    # The amendment, and the outcome of the event that completes.
    "update_accounts/completed.ok": {"EntriesTable": 2},
    "update_accounts/corrected.ok": {"EntriesTable": 1},
    "update_accounts/excluded.ok": {"EntriesTable": 1},
    "update_accounts/nothing_to_complete.ok": {"EntriesTable": 1},
    "update_accounts/provisional.ok": {"EntriesTable": 1},
    "update_accounts/ride_of_another_account.ok": {"EntriesTable": 1},
    # One of user-2, and one that a household shares.
    "restate_entries/applied.ok": {"PostingsQueue": 2},
    "update_accounts/conflict.ok": {"EntriesTable": 1},
    "update_accounts/credited.ok": {"EntriesTable": 1},
    "update_accounts/negative_reduction.partial1": {"EntriesTable": 1},
    "update_accounts/nobody.ok": {"EntriesTable": 1},
    "update_accounts/not_consented.ok": {"EntriesTable": 1},
    "update_accounts/one_of_three_is_poison.partial1": {"EntriesTable": 2},
    "update_accounts/outside_consent.ok": {"EntriesTable": 1},
    "update_accounts/same_message_twice.ok": {"EntriesTable": 1},
    "update_accounts/two_accounts.ok": {"EntriesTable": 2},
    "update_accounts/two_of_one_account_in_two_messages.ok": {"EntriesTable": 2},
    # The shard's part of the day and a row of leaves.
    "roll_up_totals/counted.ok": {"TotalsTable": 2},
    "roll_up_totals/one_of_three_is_poison.partial1": {"TotalsTable": 2},
    "roll_up_totals/record_twice.ok": {"TotalsTable": 2},
    # The leaves that were tried under the sealed day are not counted there.
    "roll_up_totals/late_record_of_a_sealed_day.ok": {"TotalsTable": 3},
    # 16 gates and a seal for each of two days.
    "close_day/two_days_to_seal.ok": {"TotalsTable": 34},
}
TIMES = {"close_day/two_days_to_seal.ok": at("2026-11-12T00:15:00+08:00")}

# A ride of 8 km: 8 x 0.23 x (195.2 - 84) = 204.608 g. Its factors allow from 8 x 0.10 x (162.72 -
# 96.6) = 52.896 to 8 x 0.31 x (224.8 - 27.8) = 488.56, its distance 5 %, 10.231 rounded up.
ONE_RIDE = {
    "count": 1, "reduction_mg": 204_608, "low_mg": 42_665, "high_mg": 498_791,
    "evidence_mg": {"1": 204_608}, "provisional_mg": 0, "label": "derived",
    "display": {"value": "200", "low": "40", "high": "500", "unit": "g"},
}  # fmt: skip
# Factors twice; distances in quadrature, 10.231 x 1.41422 = 14.469 rounded up.
TWO_RIDES = {
    "count": 2, "reduction_mg": 409_216, "low_mg": 91_323, "high_mg": 991_589,
    "evidence_mg": {"1": 409_216}, "provisional_mg": 0, "label": "derived",
    "display": {"value": "410", "low": "90", "high": "990", "unit": "g"},
}  # fmt: skip
NOTHING = {
    "count": 0, "reduction_mg": 0, "low_mg": 0, "high_mg": 0,
    "evidence_mg": {}, "provisional_mg": 0, "label": "published",
    "display": {"value": "0", "low": "0", "high": "0", "unit": "g"},
}  # fmt: skip

# A part of the answer, where there is more to say than the status.
ANSWERS: dict[str, Any] = {
    "get_account/found.200": {"account_id": "a" + "1" * 26, "reduction_mg": 409_216, "entries": 2},
    "close_account/closed.200": {"state": "closed", "reduction_mg": 409_216, "active_consents": 0},
    "grant_consent/granted.200": {"scenario": "bus", "active": True, "receipt_number": 2},
    "grant_consent/granted_to_the_platform.200": {"partner": "platform", "active": True},
    "grant_consent/granted_before.200": {"receipt_number": 1, "since": "2026-11-08T04:00:00.000Z"},
    "withdraw_consent/withdrawn.200": {"active": False},
    "withdraw_consent/never_granted.200": {"active": False},
    "get_entry/found.200": {"event_id": "ride-1", "reduction_mg": 204_608, "seq": 2},
    "get_totals/by_month.200": {
        "periods": [
            {
                "period": "2026-11",
                "total": TWO_RIDES,
                "by_scenario": {"metro": TWO_RIDES},
            }
        ]
    },
    "get_sealed_day/sealed.200": {
        "day": "2026-11-09",
        "total": ONE_RIDE,
        "by_partner": {"metro-demo": ONE_RIDE},
    },
    "get_bridge/since_the_beginning.200": {
        "opening": NOTHING, "rules": NOTHING, "behaviour": TWO_RIDES, "closing": TWO_RIDES,
        "by_rule": [],
    },
    "get_bridge/of_one_day.200": {
        "opening": ONE_RIDE, "rules": NOTHING, "behaviour": ONE_RIDE, "closing": TWO_RIDES,
        "by_rule": [],
    },
    "calculate_footprint/by_default.200": {
        "methodology": "personal-footprint@2025.1", "label": "illustrative",
        "total": {
            "low_mg": 2_992_748_994, "central_mg": 3_936_852_892, "high_mg": 4_861_349_669,
            "share_percent": "100.0",
            "display": {"value": "3.94", "low": "2.99", "high": "4.86", "unit": "t"},
        },
    },
    "get_footprint/found.200": {
        "methodology": "personal-footprint@2025.1", "newer_version_exists": False,
        "calculated_at": "2026-11-10T03:59:00.000Z",
    },
    "put_footprint/put.200": {"calculated_at": "2026-11-10T04:00:00.000Z"},
    "put_footprint/put_again.200": {"calculated_at": "2026-11-10T03:59:00.000Z"},
    "put_footprint/replaced.200": {"calculated_at": "2026-11-10T04:00:00.000Z"},
    "get_methodology/found.200": {"id": "metro-distance", "version": "2025.1"},
    "get_outcome/credited.200": {
        "event_id": "ride-0", "partner": "metro-demo", "outcome": "credited",
        "reduction_mg": 204_608, "conflicts": [],
    },
    "get_outcome/credited_with_a_conflict.200": {
        "outcome": "credited", "reduction_mg": 204_608, "conflicts": ["2026-11-10T03:59:00.000Z"],
    },
    "get_outcome/provisional.200": {
        "outcome": "credited", "reduction_mg": 2_557, "missing": ["distance_km"],
        "evidence_grade": 3, "label": "illustrative",
    },
    "get_outcome/completing.200": {
        "event_id": "ride-rest", "outcome": "credited", "reduction_mg": 202_051, "missing": [],
        "evidence_grade": 1, "label": "derived",
    },
    "get_outcome/rejected.200": {"outcome": "rejected", "reason": "outside_consent"},
    "get_outcome/rejected_for_a_stranger.200": {"outcome": "rejected", "reason": "not_consented"},
    "receive_events/accepted.202": {"results": [{"event_id": "ride-7", "status": "accepted"}]},
}  # fmt: skip
# Of mixed batches: the code of each event's problem, None where it was accepted.
RESULTS = {
    "receive_events/conflict_in_batch.207": [("ride-7", None), ("ride-7", "event_conflict")],
    "receive_events/one_of_three_is_refused.207": [
        ("ride-7", None), ("ride-9", "invalid_request"), ("ride-8", None),
    ],
    "receive_events/one_of_two_is_malformed.207": [(None, "invalid_request"), ("ride-8", None)],
}  # fmt: skip


for feature in FEATURES:
    CODES |= feature.EXPECTED.codes
    GROWTH |= feature.EXPECTED.growth
    ANSWERS |= feature.EXPECTED.answers
    TIMES |= feature.EXPECTED.times


def size(stored: Any) -> int:
    return stored if isinstance(stored, int) else len(stored)


def grown(before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    growth = {name: size(after[name]) - size(before[name]) for name in before}
    return {name: number for name, number in growth.items() if number}


def expected_code(name: str) -> str:
    function, _, rest = name.partition("/")
    status = rest.rpartition(".")[2]
    if rest.startswith("no_account"):
        return "account_not_found"
    return CODES.get(name) or CODES_BY_STATUS.get(status) or CODES_BY_FUNCTION[function, status]


MEDIA_TYPES = {
    "application/json",
    "image/png",
    "image/svg+xml",
    "text/css; charset=utf-8",
    "text/html; charset=utf-8",
    "text/javascript; charset=utf-8",
}


def check_answer(name: str, outcome: str, answer: dict[str, Any]) -> None:
    media_type = answer["headers"]["Content-Type"]
    body = json.loads(answer["body"]) if "json" in media_type else answer["body"]
    assert answer["statusCode"] == int(outcome), body
    if int(outcome) >= 400:
        assert media_type == "application/problem+json"
        assert (body["status"], body["code"]) == (int(outcome), expected_code(name))
        assert body["type"] == f"urn:carbon-account:problem:{body['code']}"
        return
    assert media_type in MEDIA_TYPES
    wanted = ANSWERS.get(name, {})
    assert {key: body[key] for key in wanted} == wanted
    if name in RESULTS:
        results = [(each.get("event_id"), each.get("problem")) for each in body["results"]]
        assert [(one, problem and problem["code"]) for one, problem in results] == RESULTS[name]


REFUSED = {
    "restate_entries/by_itself.refused": "invalid_request",
    "restate_entries/of_another_scenario.refused": "invalid_request",
    "restate_entries/by_what_is_only_compared.refused": "invalid_request",
    "restate_entries/never_released.refused": "methodology_not_found",
    "restate_entries/malformed.refused": "invalid_request",
    "restate_entries/misspelt.refused": "invalid_request",
    "restate_entries/from_nowhere.refused": "invalid_cursor",
}
# 4 kWh x (536.6 - 530.6) g = 24 g more by the older grid factor, each.
REPORTS: dict[str, dict[str, Any]] = {
    "restate_entries/dry_run.ok": {"corrected": 2, "raised_mg": 48_000, "lowered_mg": 0},
    "restate_entries/applied.ok": {"corrected": 2, "accounts": ["a" + "2" * 26, "a" + "c" * 26]},
    "restate_entries/nothing_measured_by_it.ok": {"corrected": 0, "unchanged": 0},
}


def check_refusal(name: str, event: dict[str, Any]) -> dict[str, Any]:
    """What calls a function directly is told by an error; the batch that failed is empty."""
    with pytest.raises(CarbonAccountError) as refusal:
        load(name.partition("/")[0]).handler(event, context())
    assert refusal.value.code == (CODES.get(name) or REFUSED[name])
    return {}


def check_report(outcome: str, event: dict[str, Any], report: dict[str, Any]) -> None:
    failed = [each["itemIdentifier"] for each in report.get("batchItemFailures", [])]
    if outcome in {"ok", "refused"}:
        assert failed == []
        return
    records = event["Records"]
    if "shardId" in event:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        assert failed == [number for number in numbers if number.endswith("99")]
    else:
        ids = [record["messageId"] for record in records]
        assert failed == [each for each in ids if each.startswith("again-")]
    assert len(failed) == int(outcome.removeprefix("partial"))


def granted(function: str) -> set[tuple[str, str]]:
    """Return what the function's role allows, as (action, resource)."""
    statements = [
        statement
        for policy in functions()[function].get("Policies", ())
        for statement in policy["Statement"]
    ]
    return {
        (action, resource)
        for statement in statements
        for action in as_list(statement["Action"])
        for resource in [resource_name(statement["Resource"])]
    }


def as_list(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def resource_name(value: dict[str, str]) -> str:
    [(_, text)] = value.items()
    name = text.removesuffix(".Arn")
    if "${PartnerSecretPrefix}*" in name:
        return "a partner's secret"
    if "${SupplierSecretPrefix}*" in name:
        return "a supplier's secret"
    return re.sub(r"\$\{(\w+)\.Arn\}/index/", r"\1/", name)


def used_resource(resource: str) -> str:
    if resource.startswith(SUPPLIER_PREFIX):
        return "a supplier's secret"
    return "a partner's secret" if resource.startswith(PARTNER_PREFIX) else resource


for feature in FEATURES:
    REPORTS |= feature.EXPECTED.reports
    REFUSED |= {
        name: code for name, code in feature.EXPECTED.codes.items() if name.endswith(".refused")
    }


@pytest.mark.parametrize("name", FILES)
def test_an_event_has_the_outcome_in_its_name(name: str, town: Town):
    function, _, rest = name.partition("/")
    outcome = rest.rpartition(".")[2]
    event = ready(json.loads((EVENTS / f"{name}.json").read_text("utf-8")))
    town.time.now = TIMES.get(name, town.time.now)
    with Meter().counting() as used:
        if outcome == "refused":
            answer = check_refusal(name, event)
        else:
            answer = load(function).handler(event, context())
    if name in REPORTS:
        assert answer == answer | REPORTS[name]
    if outcome.isdigit():
        check_answer(name, outcome, answer)
    else:
        check_report(outcome, event, answer)

    after = town.look()
    assert grown(town.store, after) == GROWTH.get(name, {})
    if outcome.startswith(("4", "5", "refused")):
        assert after == town.store, "A refused request changes nothing."
    calls = {(action, used_resource(resource)) for action, resource in used.calls}
    assert calls <= granted(function), "The function does more than its role allows."


def test_the_files_are_those_that_the_generator_writes():
    assert {name: (EVENTS / f"{name}.json").read_text("utf-8") for name in FILES} == {
        name: written(payload) for name, payload in payloads().items()
    }


def test_every_function_has_an_event_that_succeeds_and_one_that_does_not():
    # Nothing that can be sent to these is wrong.
    cannot_fail = {"open_account", "list_keys", "list_notices", "list_methodologies", "close_day"}
    cannot_fail |= {function for each in FEATURES for function in each.EXPECTED.cannot_fail}
    failing = {
        name.partition("/")[0]
        for name in FILES
        if name[-3] == "4" or "partial" in name or name.endswith("refused")
    }
    succeeding = {
        name.partition("/")[0] for name in FILES if name[-3] == "2" or name.endswith("ok")
    }
    assert succeeding == set(functions())
    assert failing == set(functions()) - cannot_fail


def test_what_is_expected_is_expected_of_a_file_that_exists():
    named = {*CODES, *GROWTH, *ANSWERS, *RESULTS, *TIMES, *REFUSED, *REPORTS}
    assert named <= set(FILES)
