"""The payloads under events/: one file for each trigger, case and outcome of every function.

`python -m tests.support.payloads` writes them; a test holds them to this module, and another sends
each through its handler. What must be made just before sending stands as a marker in `<...>`, which
`ready` replaces: signatures and link tokens (they hang on keys), and long runs of one character.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from shared.adapters.entries import EntryRow
from shared.adapters.messages import write_event, write_postings
from shared.application import cursors
from shared.application.get_entry import entry_id
from shared.application.ports import StatementFilter
from shared.domain.canonical import canonical_json
from shared.domain.caps import Cap, CapPeriod
from shared.domain.entry import Cause
from shared.domain.webhook import decode_secret, sign
from tests.support.builders import (
    a_correction,
    a_posting,
    a_reported_event,
    an_entry,
    at,
    postings_for,
)
from tests.support.cloud import ACCOUNT, NOW, PSEUDONYM_KEY, REGION
from tests.support.homes import EVERY_ANSWER, HOUSEHOLD
from tests.support.partners import (
    BANK_SECRET,
    GRID_SECRET,
    METRO_NEXT_SECRET,
    METRO_SECRET,
    bank_event,
    link_token,
    metro_event,
)
from tests.support.template import ROOT, functions

EVENTS = ROOT / "events"
# The accounts of user-1 and user-2 in the town that the payloads are sent to.
FIRST, SECOND = "a" + "1" * 26, "a" + "2" * 26
SECRETS = {
    "metro-demo": METRO_SECRET,
    "the next key of metro-demo": METRO_NEXT_SECRET,
    "bank-core": BANK_SECRET,
    "grid-demo": GRID_SECRET,
    "old-metro": METRO_SECRET,
    "stranger": METRO_SECRET,
}
NOW_S = int(NOW.timestamp())
_SIGNED = re.compile(r"<signed by ([^>]+)>")
_TOKEN = re.compile(r"<(expired )?link token of ([^>]+) for ([^>]+)>")
_RUN = re.compile(r"<(\d+) times (.)>")

Payload = dict[str, Any]


def ready(payload: Payload) -> Payload:
    """Return the payload as it is sent: markers replaced, then signed over what they became."""
    event: Payload = json.loads(json.dumps(payload))
    if "body" in event:
        text = _RUN.sub(lambda run: run[2] * int(run[1]), event["body"])
        event["body"] = _TOKEN.sub(_link_token, text)
    headers = event.get("headers", {})
    if "webhook-signature" in headers:
        body = event.get("body", "").encode()
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body)
        if event["requestContext"]["http"]["method"] == "GET":
            body = f"GET {event['rawPath']}".encode()
        headers["webhook-signature"] = _SIGNED.sub(
            lambda match: _signature(headers, body, SECRETS[match[1]]),
            headers["webhook-signature"],
        )
    return event


def _signature(headers: dict[str, str], body: bytes, secret: str) -> str:
    """Sign what the headers say, so that only the case's own flaw is wrong."""
    timestamp = headers.get("webhook-timestamp", "")
    at_s = int(timestamp) if re.fullmatch(r"[0-9]{10}", timestamp) else NOW_S
    return sign(decode_secret(secret), headers.get("webhook-id", ""), at_s, body)


def _link_token(match: re.Match[str]) -> str:
    changes = {"exp": NOW_S} if match[1] else {}
    return link_token(match[2], match[3], SECRETS[match[2]], NOW, **changes)


# HTTP


def _route(function: str, number: int = 0) -> tuple[str, str]:
    properties = [each["Properties"] for each in functions()[function]["Events"].values()][number]
    return properties["Method"], properties["Path"]


def http(
    function: str,
    *,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    raw: bytes | None = None,
    user: str | None = None,
    route: int = 0,
    raw_path: str | None = None,
) -> Payload:
    """Return an event of payload format 2.0 as the HTTP API sends it."""
    method, template_path = _route(function, route)
    filled = template_path
    for name, value in (path or {}).items():
        filled = filled.replace("{" + name + "}", value)
    raw_path = raw_path or filled
    event: Payload = {
        "version": "2.0",
        "routeKey": f"{method} {template_path}",
        "rawPath": raw_path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {
            "accept": "*/*",
            "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "carbon-account-tests",
            "x-forwarded-proto": "https",
            **(headers or {}),
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "carbon-account-tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{method} {template_path}",
            "stage": "$default",
            "time": "10/Nov/2026:04:00:00 +0000",
            "timeEpoch": NOW_S * 1000,
        },
        "isBase64Encoded": raw is not None,
    }
    if user:
        claims = {
            "aud": "carbon-account",
            "exp": str(NOW_S + 600),
            "iss": "https://issuer.test",
            "scope": "carbon:read carbon:write carbon:consent",
            "sub": user,
        }
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    if path:
        event["pathParameters"] = path
    if query:
        event["queryStringParameters"] = query
    if raw is not None:
        event["body"] = base64.b64encode(raw).decode()
    elif body is not None:
        event["body"] = body
    return event


def signed_http(
    function: str,
    *,
    path: dict[str, str],
    body: str | None = None,
    query: dict[str, str] | None = None,
    key: str | None = None,
    media_type: str = "application/json",
) -> Payload:
    """Return a partner's request that its own key, or the one of `key`, has signed."""
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW_S),
        "webhook-signature": f"<signed by {key or path['partner']}>",
    }
    if body is not None:
        headers["content-type"] = media_type
    return http(function, path=path, query=query, headers=headers, body=body)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _users() -> dict[str, Payload]:
    files = {
        "open_account/opened.201": http("open_account", user="user-9"),
        "open_account/opened_before.200": http("open_account", user="user-1"),
        "get_account/found.200": http("get_account", user="user-1"),
        "get_account/no_account.404": http("get_account", user="user-9"),
        "close_account/closed.200": http("close_account", user="user-1"),
        "close_account/no_account.404": http("close_account", user="user-9"),
        "list_consents/listed.200": http("list_consents", user="user-1"),
        "list_consents/no_account.404": http("list_consents", user="user-9"),
    }
    metro = {"scenario": "metro", "partner": "metro-demo"}
    for case, user, path in (
        ("withdrawn.200", "user-1", metro),
        ("never_granted.200", "user-1", {**metro, "scenario": "bus"}),
        ("no_account.404", "user-9", metro),
    ):
        files[f"withdraw_consent/{case}"] = http("withdraw_consent", path=path, user=user)
    for case, query in {
        "listed.200": {},
        "first_page.200": {"limit": "1"},
        "filtered.200": {
            "from": "2026-11-09T00:00:00+08:00",
            "to": "2026-11-10T00:00:00+08:00",
            "scenario": "metro",
            "partner": "metro-demo",
        },
        "limit_zero.422": {"limit": "0"},
        "limit_below_zero.422": {"limit": "-1"},
        "limit_of_a_billion.422": {"limit": "1000000000"},
        "limit_as_text.422": {"limit": "abc"},
        "limit_twice.422": {"limit": "1,2"},
        "unknown_parameter.422": {"user_id": "user-2"},
        "naive_from.422": {"from": "2026-11-09T00:00:00"},
        "reversed_range.422": {"from": "2026-11-10T00:00:00Z", "to": "2026-11-09T00:00:00Z"},
        "forged_cursor.400": {"cursor": "AAAAAAAAAAAAAAAAAAAA"},
        "long_cursor.400": {"cursor": "A" * 401},
        "cursor_of_another_user.400": {"cursor": _cursor(SECOND)},
        "cursor_of_another_filter.400": {"cursor": _cursor(FIRST), "scenario": "metro"},
    }.items():
        files[f"list_entries/{case}"] = http("list_entries", query=query, user="user-1")
    files["list_entries/no_account.404"] = http("list_entries", user="user-9")
    for case, public_id in {
        "found.200": entry_id(Cause("metro-demo", "ride-1")),
        "another_users_entry.404": entry_id(Cause("metro-demo", "ride-2")),
        "rejected_event.404": entry_id(Cause("metro-demo", "ride-early")),
        "unknown_entry.404": entry_id(Cause("metro-demo", "ride-9")),
        "not_an_id.404": "ride-1",
        "escaped_path.404": "..%2F..%2Fadmin",
    }.items():
        files[f"get_entry/{case}"] = http("get_entry", path={"entry_id": public_id}, user="user-1")
    files["get_entry/no_account.404"] = http(
        "get_entry", path={"entry_id": entry_id(Cause("metro-demo", "ride-1"))}, user="user-9"
    )
    november = {"from": "2026-11-01", "to": "2026-11-30"}
    for case, query in {
        "by_day.200": november,
        "by_month.200": {"granularity": "month", **november},
        "reversed.422": {"from": "2026-11-30", "to": "2026-11-01"},
        "ten_years.422": {"granularity": "month", "from": "2016-11-01", "to": "2026-11-01"},
        "end_of_the_calendar.422": {"from": "9999-12-31", "to": "9999-12-31"},
        "beginning_of_the_calendar.422": {"from": "0001-01-01", "to": "0001-01-02"},
        "no_such_day.422": {"from": "2026-02-29", "to": "2026-03-01"},
        "unknown_granularity.422": {"granularity": "week", **november},
        "without_to.422": {"from": "2026-11-01"},
    }.items():
        files[f"get_totals/{case}"] = http("get_totals", query=query, user="user-1")
    files["get_totals/no_account.404"] = http("get_totals", query=november, user="user-9")
    for case, query in {
        "since_the_beginning.200": november,
        "of_one_day.200": {"from": "2026-11-10", "to": "2026-11-10"},
        "reversed.422": {"from": "2026-11-30", "to": "2026-11-01"},
        "no_such_day.422": {"from": "2026-02-29", "to": "2026-03-01"},
        "without_to.422": {"from": "2026-11-01"},
        "unknown_parameter.422": {"user_id": "user-2", **november},
    }.items():
        files[f"get_bridge/{case}"] = http("get_bridge", query=query, user="user-1")
    files["get_bridge/no_account.404"] = http("get_bridge", query=november, user="user-9")
    return files


def _cursor(account_id: str) -> str:
    place = f"2026-11-09T00:12:33.000Z#0000000001|{Cause('metro-demo', 'ride-1').key}"
    return cursors.encode(place, cursors.binding(account_id, StatementFilter()))


def _grants() -> dict[str, Payload]:
    def put(
        scenario: str = "bus",
        partner: str = "metro-demo",
        user: str = "user-1",
        word: str = "<link token of metro-demo for rider-1>",
        body: str | None = None,
        version: str = "2025-01",
        **headers: str,
    ) -> Payload:
        if body is None:
            body = _dump({"notice_version": version, "partner_link_token": word})
        given = {"content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        path = {"scenario": scenario, "partner": partner}
        return http("grant_consent", path=path, body=body, user=user, headers=given)

    whole = {"notice_version": "2025-01", "partner_link_token": "t"}
    files = {
        "granted.200": put(),
        "granted_before.200": put("metro"),
        "granted_to_the_platform.200": put(
            "carbon-pool", "platform", body=_dump({"notice_version": "2025-01"})
        ),
        "scenario_of_a_partner_to_the_platform.404": put("metro", "platform"),
        "notice_has_changed.409": put(version="2024-12"),
        "reference_of_another_user.409": put(
            user="user-3", word="<link token of metro-demo for rider-2>"
        ),
        "other_reference_of_the_same_user.409": put(word="<link token of metro-demo for rider-7>"),
        "unknown_partner.404": put(partner="nobody"),
        "partner_with_a_long_name.404": put(partner="p" * 3000),
        "suspended_partner.404": put("metro", "old-metro"),
        "partner_of_another_scenario.404": put("metro", "bank-core"),
        "unknown_scenario.404": put("rocket"),
        "no_account.404": put(user="user-9"),
        "forged_token.422": put(word="a.b.c"),
        "expired_token.422": put(word="<expired link token of metro-demo for rider-1>"),
        "token_of_another_partner.422": put(word="<link token of bank-core for rider-1>"),
        "invalid_json.422": put(body="{"),
        "empty_body.422": put(body=""),
        "duplicate_key.422": put(body='{"notice_version":"2025-01","notice_version":"2025-01"}'),
        "unknown_field.422": put(body=_dump({**whole, "account_id": SECOND})),
        "missing_token.422": put(body=_dump({"notice_version": "2025-01"})),
        "version_as_number.422": put(body=_dump({**whole, "notice_version": 2025})),
        "bundle_of_purposes.422": put(body=_dump([whole, whole])),
        "text_plain.415": put(content_type="text/plain"),
        "gzip.415": put(content_encoding="gzip"),
        "body_of_17_kb.413": put(body="<17408 times  >"),
    }
    return {f"grant_consent/{case}": payload for case, payload in files.items()}


def _public() -> dict[str, Payload]:
    files = {
        "list_notices/listed.200": http("list_notices"),
        "list_methodologies/listed.200": http("list_methodologies"),
        "describe_api/description.200": http("describe_api"),
        "describe_api/page.200": http("describe_api", route=1),
        "describe_api/other_path.404": http("describe_api", raw_path="/v1/other"),
        "describe_api/file_that_is_not_listed.404": http(
            "describe_api", path={"file": "handler.py"}, route=2
        ),
        "describe_api/path_out_of_the_folder.404": http(
            "describe_api", path={"file": "..%2F..%2Fshared%2Fruntime%2Fhttp.py"}, route=2
        ),
    }
    for case, file in (
        ("own_script.200", "docs.js"),
        ("swagger_ui.200", "swagger-ui-bundle.min.js"),
        ("style_of_swagger_ui.200", "swagger-ui.min.css"),
    ):
        files[f"describe_api/{case}"] = http("describe_api", path={"file": file}, route=2)
    for case, methodology_id, version in (
        ("found.200", "metro-distance", "2025.1"),
        ("unknown_version.404", "metro-distance", "1999.1"),
        ("unknown_methodology.404", "rocket", "2025.1"),
    ):
        files[f"get_methodology/{case}"] = http(
            "get_methodology", path={"id": methodology_id, "version": version}
        )
    for case, day in (
        ("sealed.200", "2026-11-09"),
        ("open_day.404", "2026-11-10"),
        ("day_to_come.404", "2026-12-24"),
        ("before_the_ledger.404", "2020-01-01"),
        ("no_such_day.422", "2026-02-29"),
        ("not_a_day.422", "yesterday"),
    ):
        files[f"get_sealed_day/{case}"] = http("get_sealed_day", path={"day": day})
    return files


def _explanations() -> dict[str, Payload]:
    """Receipts with their keys, and comparisons."""
    files = {"list_keys/listed.200": http("list_keys")}
    for function in ("get_receipt", "compare_entry"):
        for case, user, cause in (
            ("credited.200", "user-1", Cause("metro-demo", "ride-1")),
            ("provisional.200", "user-2", Cause("metro-demo", "ride-open")),
            ("completed.200", "user-2", Cause("metro-demo", "ride-half", 1)),
            ("another_users_entry.404", "user-1", Cause("metro-demo", "ride-2")),
            ("rejected_event.404", "user-1", Cause("metro-demo", "ride-early")),
            ("unknown_entry.404", "user-1", Cause("metro-demo", "ride-9")),
            ("unknown_amendment.404", "user-1", Cause("metro-demo", "ride-1", 1)),
            ("no_account.404", "user-9", Cause("metro-demo", "ride-1")),
        ):
            path = {"entry_id": entry_id(cause)}
            files[f"{function}/{case}"] = http(function, path=path, user=user)
        path = {"entry_id": "ride-1"}
        files[f"{function}/not_an_id.404"] = http(function, path=path, user="user-1")
    return files | _comparisons()


def _comparisons() -> dict[str, Payload]:
    def post(body: object, content_type: str = "application/json") -> Payload:
        text = body if isinstance(body, str) else _dump(body)
        return http("compare_rules", body=text, headers={"content-type": content_type})

    def ride(**changes: object) -> Payload:
        return post({"scenario": "metro", "inputs": {"distance_km": 8}, **changes})

    files = {
        "by_distance.200": ride(),
        "at_an_earlier_time.200": ride(occurred_at="2025-06-01T08:00:00+08:00"),
        "without_distance.200": ride(inputs={}),
        "distance_is_null.200": ride(inputs={"distance_km": None}),
        "input_that_no_rule_knows.200": ride(inputs={"distance_km": 8, "colour": "green"}),
        "one_rule_only.200": ride(scenario="e-statement", inputs={}),
        "negative_distance.422": ride(inputs={"distance_km": -8}),
        "distance_of_a_billion_km.422": ride(inputs={"distance_km": 10**9}),
        "distance_as_text.422": ride(inputs={"distance_km": "8"}),
        "distance_as_truth.422": ride(inputs={"distance_km": True}),
        "distance_as_object.422": ride(inputs={"distance_km": {"value": 8}}),
        "inputs_as_list.422": ride(inputs=[8]),
        "twenty_one_inputs.422": ride(inputs={f"input_{number}": 1 for number in range(21)}),
        "missing_inputs.422": post({"scenario": "metro"}),
        "missing_scenario.422": post({"inputs": {}}),
        "unknown_field.422": ride(account_id=SECOND),
        "naive_time.422": ride(occurred_at="2026-11-09T08:12:33"),
        "unknown_scenario.422": ride(scenario="rocket"),
        "footprint_is_no_scenario.422": ride(scenario="footprint"),
        "before_any_rule.422": ride(occurred_at="2020-01-01T00:00:00Z"),
        "last_second_of_the_calendar.422": ride(occurred_at="9999-12-31T23:59:59Z"),
        "exponent.422": post('{"scenario":"metro","inputs":{"distance_km":8e0}}'),
        "duplicate_key.422": post('{"scenario":"metro","scenario":"bus","inputs":{}}'),
        "invalid_json.422": post("{"),
        "empty_body.422": post(""),
        "text_plain.415": post({"scenario": "metro", "inputs": {}}, "text/plain"),
        "body_of_17_kb.413": post("<17408 times  >"),
    }
    return {f"compare_rules/{case}": payload for case, payload in files.items()}


def _footprints() -> dict[str, Payload]:
    """Answers of anybody; user-2 has put the first of these, user-1 has put none."""

    def send(function: str, body: object, user: str | None, **headers: str) -> Payload:
        given = {"content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if isinstance(body, str) else _dump(body)
        return http(function, body=text, user=user, headers=given)

    def answers(**given: object) -> dict[str, object]:
        return {"answers": given}

    put, calculate = "put_footprint", "calculate_footprint"
    bodies: dict[str, object] = {
        "unknown_answer.422": answers(yachts=1),
        "answer_with_a_slash.422": {"answers": {"a/b~c": 1}},
        "unknown_choice.422": answers(diet="carnivore"),
        "choice_as_number.422": answers(grid_region=0.5306),
        "choice_as_list.422": answers(diet=["vegan"]),
        "number_as_text.422": answers(household_size="3"),
        "number_as_truth.422": answers(household_size=True),
        "number_as_null.422": answers(household_size=None),
        "nobody_at_home.422": answers(household_size=0),
        "electricity_below_zero.422": answers(electricity_kwh_per_month=-1),
        "electricity_of_a_billion.422": answers(electricity_kwh_per_month=10**9),
        "two_decimals_too_many.422": answers(electricity_kwh_per_month=206.712),
        "several_bad_answers.422": answers(household_size=0, diet="carnivore", yachts=1, lpg="no"),
        "hundred_and_one_answers.422": answers(**{f"answer_{each}": 1 for each in range(101)}),
        "answers_as_list.422": {"answers": [3]},
        "missing_answers.422": {},
        "unknown_field.422": {**answers(), "account_id": SECOND},
        "exponent.422": '{"answers":{"household_size":3e0}}',
        "duplicate_key.422": '{"answers":{"household_size":3,"household_size":4}}',
        "invalid_json.422": "{",
        "empty_body.422": "",
        "body_of_17_kb.413": "<17408 times  >",
    }
    files = {
        f"{function}/{case}": send(function, body, user)
        for function, user in ((put, "user-1"), (calculate, None))
        for case, body in bodies.items()
    }
    for function, user in ((put, "user-1"), (calculate, None)):
        files[f"{function}/text_plain.415"] = send(
            function, answers(), user, content_type="text/plain"
        )
        files[f"{function}/gzip.415"] = send(function, answers(), user, content_encoding="gzip")
    other = answers(**{**HOUSEHOLD, "diet": "vegan"})
    return files | {
        f"{calculate}/by_default.200": send(calculate, answers(), None),
        f"{calculate}/some_answers.200": send(calculate, answers(**HOUSEHOLD), None),
        f"{calculate}/every_answer.200": send(calculate, answers(**EVERY_ANSWER), None),
        f"{put}/put.200": send(put, answers(**HOUSEHOLD), "user-1"),
        f"{put}/replaced.200": send(put, other, "user-2"),
        f"{put}/put_again.200": send(put, answers(**HOUSEHOLD), "user-2"),
        f"{put}/no_account.404": send(put, answers(), "user-9"),
        "get_footprint/found.200": http("get_footprint", user="user-2"),
        "get_footprint/nothing_put.404": http("get_footprint", user="user-1"),
        "get_footprint/no_account.404": http("get_footprint", user="user-9"),
    }


# Partners


def _post(
    body: object,
    *,
    partner: str = "metro-demo",
    key: str | None = None,
    raw: bytes | None = None,
    **headers: str | None,
) -> Payload:
    """Return a signed POST of events; a header that is None is left out."""
    given: dict[str, str | None] = {
        "content-type": "application/cloudevents+json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW_S),
        "webhook-signature": f"<signed by {key or partner}>",
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return http(
        "receive_events",
        path={"partner": partner},
        headers={name: value for name, value in given.items() if value is not None},
        body=None if raw is not None else body if isinstance(body, str) else _dump(body),
        raw=raw,
    )


def _without(event: Payload, name: str) -> Payload:
    return {key: value for key, value in event.items() if key != name}


def _accepted_events() -> dict[str, Payload]:
    ride, other = metro_event("ride-7"), metro_event("ride-8")
    altered = metro_event("ride-7", data={"distance_km": 9})
    rich = metro_event(
        "ride-7", data={"distance_km": 8, "stations": ["A", "B"], "phone": "13800000000"}
    )
    own = "<signed by metro-demo>"
    return {
        "accepted.202": _post(ride),
        "batch.202": _post([ride, other], content_type="application/cloudevents-batch+json"),
        "batch_of_100.202": _post([metro_event(f"r-{number}") for number in range(100)]),
        "application_json.202": _post(ride, content_type="application/json; charset=utf-8"),
        "base64.202": _post(None, raw=_dump(ride).encode()),
        "data_that_was_not_asked_for.202": _post(rich),
        "extra_attribute.202": _post({**ride, "datacontenttype": "application/json", "x": {}}),
        "nanoseconds.202": _post(metro_event("ride-7", time="2026-11-09T08:12:33.123456789+08:00")),
        "five_minutes_ahead.202": _post(metro_event("ride-7", time="2026-11-10T12:05:00+08:00")),
        "thirty_days_old.202": _post(metro_event("ride-7", time="2026-10-11T12:00:00+08:00")),
        "unknown_subject.202": _post(metro_event("ride-7", subject="nobody")),
        "id_used_before.202": _post(metro_event("ride-1")),
        "next_key_during_rotation.202": _post(ride, key="the next key of metro-demo"),
        "two_signatures.202": _post(ride, webhook_signature=f"v1,{'A' * 43}= {own}"),
        "unknown_scheme_beside_a_signature.202": _post(ride, webhook_signature=f"v1a,zz  {own}"),
        "four_minutes_late.202": _post(ride, webhook_timestamp=str(NOW_S - 299)),
        "statement_without_inputs.202": _post(bank_event("bill-1"), partner="bank-core"),
        "without_distance.202": _post(metro_event("ride-7", data={})),
        "distance_unknown.202": _post(metro_event("ride-7", data={"distance_km": None})),
        "distance_of_another_name.202": _post(metro_event("ride-7", data={"distance_mi": 5})),
        "completes_another.202": _post(
            metro_event("ride-7", data={"completes": "ride-open", "distance_km": 8})
        ),
        "duplicate_in_batch.202": _post([ride, ride]),
        "conflict_in_batch.207": _post([ride, altered]),
        "one_of_three_is_refused.207": _post(
            [ride, metro_event("ride-9", data={"distance_km": -8}), other]
        ),
        "one_of_two_is_malformed.207": _post([{"id": "#"}, other]),
    }


def _refused_signatures() -> dict[str, Payload]:
    ride = metro_event("ride-7")
    own = "<signed by metro-demo>"
    altered = _post(ride)
    altered["headers"]["webhook-signature"] = sign(
        decode_secret(METRO_SECRET), "msg_1", NOW_S, json.dumps(ride).encode()
    )
    return {
        "wrong_signature.401": _post(ride, webhook_signature=f"v1,{'A' * 43}="),
        "signed_over_other_spacing.401": altered,
        "no_id.401": _post(ride, webhook_id=None),
        "no_timestamp.401": _post(ride, webhook_timestamp=None),
        "no_signature.401": _post(ride, webhook_signature=None),
        "empty_signature.401": _post(ride, webhook_signature=""),
        "signature_without_comma.401": _post(ride, webhook_signature="v1"),
        "signature_with_two_commas.401": _post(ride, webhook_signature="v1,a,b"),
        "signature_that_is_not_base64.401": _post(ride, webhook_signature="v1,%%%"),
        "signatures_joined_by_a_comma.401": _post(ride, webhook_signature=f"{own},{own}"),
        "fifty_one_signatures.401": _post(ride, webhook_signature=" ".join([own] * 51)),
        "five_minutes_and_a_second_old.401": _post(ride, webhook_timestamp=str(NOW_S - 301)),
        "five_minutes_and_a_second_ahead.401": _post(ride, webhook_timestamp=str(NOW_S + 301)),
        "fraction_in_timestamp.401": _post(ride, webhook_timestamp=f"{NOW_S}.5"),
        "id_with_a_dot.401": _post(ride, webhook_id="msg.1"),
        "key_of_another_partner.401": _post(ride, key="bank-core"),
        "unknown_partner.401": _post(ride, partner="stranger"),
        "suspended_partner.401": _post(
            metro_event("ride-7", source="urn:partner:old-metro"), partner="old-metro"
        ),
        "source_of_another_partner.401": _post(
            metro_event("ride-7", source="urn:partner:bank-core")
        ),
        "one_source_of_another_partner.401": _post(
            [ride, metro_event("ride-8", source="urn:partner:bank-core")]
        ),
    }


def _refused_bodies() -> dict[str, Payload]:
    ride = metro_event("ride-7")
    text = _dump(ride)
    return {
        "body_of_64_kb_and_a_byte.413": _post("<65537 times  >"),
        "body_of_1_mb.413": _post("<1048576 times  >"),
        "text_plain.415": _post(ride, content_type="text/plain"),
        "no_content_type.415": _post(ride, content_type=None),
        "other_charset.415": _post(ride, content_type="application/json; charset=gb18030"),
        "gzip.415": _post(ride, content_encoding="gzip"),
        "empty_body.422": _post(""),
        "invalid_json.422": _post(text[:-1]),
        "invalid_utf_8.422": _post(None, raw=b'{"id": "\xff"}'),
        "byte_order_mark.422": _post(None, raw=b"\xef\xbb\xbf" + text.encode()),
        "null.422": _post("null"),
        "text.422": _post('"ride-7"'),
        "duplicate_key.422": _post(text.replace('{"specversion"', '{"id":"a","specversion"')),
        "nan.422": _post(text.replace(":8}", ":NaN}")),
        "infinity.422": _post(text.replace(":8}", ":Infinity}")),
        "minus_zero.422": _post(text.replace(":8}", ":-0}")),
        "exponent.422": _post(text.replace(":8}", ":8e0}")),
        "number_of_5000_digits.422": _post(text.replace(":8}", ":<5000 times 9>}")),
        "sixty_thousand_levels.422": _post("<60000 times [>"),
        "lone_surrogate.422": _post(text.replace("rider-1", "\\ud800")),
        "nul_in_text.422": _post(text.replace("rider-1", "rider\\u0000")),
        "batch_of_none.422": _post([]),
        "batch_of_101.422": _post([{}] * 101),
        "batch_of_texts.422": _post(["ride-7"]),
    }


def _refused_events() -> dict[str, Payload]:
    def ride(**changes: Any) -> Payload:
        return _post(metro_event("ride-7", **changes))

    def distance(value: object) -> Payload:
        return ride(data={"distance_km": value})

    ids = {
        "id_with_a_delimiter": "a#b",
        "id_with_a_space": "A1 ",
        "id_with_a_line_end": "A1\n",
        "id_with_a_slash": "../A1",
        "id_not_in_ascii": "ｒide",
        "id_decomposed": "e\u0301",
        "id_empty": "",
        "id_of_65_characters": "a" * 65,
    }
    times = {
        "naive_timestamp": "2026-11-09T08:12:33",
        "leap_second": "2026-11-08T23:59:60Z",
        "no_such_day": "2026-02-29T08:12:33Z",
        "month_13": "2026-13-01T08:12:33Z",
        "year_0": "0000-11-09T08:12:33Z",
        "year_10000": "10000-11-09T08:12:33Z",
        "last_second_of_the_calendar": "9999-12-31T23:59:59Z",
        "first_second_of_the_calendar": "0001-01-01T00:00:00Z",
        "six_minutes_ahead": "2026-11-10T12:06:00+08:00",
        "a_second_too_old": "2026-10-11T11:59:59+08:00",
    }
    files = {f"{case}.422": ride(id=event_id) for case, event_id in ids.items()}
    files |= {f"{case}.422": ride(time=time) for case, time in times.items()}
    return files | {
        "epoch_timestamp.422": ride(time=NOW_S),
        "missing_time.422": _post(_without(metro_event("ride-7"), "time")),
        "missing_id.422": _post(_without(metro_event("ride-7"), "id")),
        "missing_subject.422": _post(_without(metro_event("ride-7"), "subject")),
        "subject_with_a_delimiter.422": ride(subject="rider#1"),
        "subject_of_129_characters.422": ride(subject="r" * 129),
        "other_specversion.422": ride(specversion="0.3"),
        "unknown_type.422": ride(type="carbon.rocket.v1"),
        "type_of_another_partner.422": ride(type="carbon.e-statement.v1"),
        "later_version_of_a_type.422": ride(type="carbon.metro.v2"),
        "missing_data.422": _post(_without(metro_event("ride-7"), "data")),
        "data_is_a_list.422": ride(data=[8]),
        "negative_distance.422": distance(-8),
        "zero_distance.422": distance(0),
        "distance_of_a_billion_km.422": distance(10**9),
        "distance_with_4_decimals.422": _post(
            _dump(metro_event("ride-7")).replace(":8}", ":8.1234}")
        ),
        "distance_as_text.422": distance("8"),
        "distance_as_truth.422": distance(True),
        "distance_with_a_unit.422": distance({"value": 8, "unit": "公里"}),
        "completes_without_distance.422": ride(data={"completes": "ride-open"}),
        "completes_itself.422": ride(data={"completes": "ride-7", "distance_km": 8}),
        "completes_a_number.422": ride(data={"completes": 7, "distance_km": 8}),
        "completes_an_amendment.422": ride(data={"completes": "ride-open~1", "distance_km": 8}),
    }


def _outcomes() -> dict[str, Payload]:
    def get(
        event_id: str, *, partner: str = "metro-demo", key: str | None = None, **headers: str
    ) -> Payload:
        given = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(NOW_S),
            "webhook-signature": f"<signed by {key or partner}>",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        path = {"partner": partner, "event_id": event_id}
        return http("get_outcome", path=path, headers=given)

    body_signature = sign(decode_secret(METRO_SECRET), "msg_1", NOW_S, b"")
    files = {
        "credited.200": get("ride-0"),
        "credited_with_a_conflict.200": get("ride-1"),
        "rejected.200": get("ride-early"),
        "rejected_for_a_stranger.200": get("ride-nobody"),
        "provisional.200": get("ride-open"),
        "completing.200": get("ride-rest"),
        "undecided.404": get("ride-7"),
        "event_of_another_partner.404": get("ride-1", partner="bank-core"),
        "amendment_of_an_event.404": get("ride-half~1"),
        "id_with_a_delimiter.404": get("a%23b"),
        "id_of_3000_characters.404": get("r" * 3000),
        "wrong_signature.401": get("ride-1", webhook_signature=f"v1,{'A' * 43}="),
        "signature_of_an_empty_body.401": get("ride-1", webhook_signature=body_signature),
        "key_of_another_partner.401": get("ride-1", key="bank-core"),
        "five_minutes_and_a_second_old.401": get("ride-1", webhook_timestamp=str(NOW_S - 301)),
        "unknown_partner.401": get("ride-1", partner="stranger"),
        "suspended_partner.401": get("ride-1", partner="old-metro"),
    }
    return {f"get_outcome/{case}": payload for case, payload in files.items()}


# The pipeline


def _hmac(use: str, value: bytes) -> str:
    """Hash as the pseudonyms do, under the key of the tests' stack."""
    content = use.encode() + b"\n" + value
    return hmac.new(PSEUDONYM_KEY.encode(), content, hashlib.sha256).hexdigest()


def _reference(reference: str) -> str:
    return _hmac("reference#metro-demo", reference.encode())[:40]


RIDE_1_DIGEST = _hmac(
    "payload",
    canonical_json(
        {
            "event_id": "ride-1",
            "inputs": {"distance_km": "8"},
            "occurred_at": "2026-11-09T00:12:33.000Z",
            "reference": "rider-1",
            "scenario": "metro",
            "source": "urn:partner:metro-demo",
        }
    ),
)


def _sqs(queue: str, bodies: dict[str, str]) -> Payload:
    """Return a batch of a queue; messages that must come again are named `again-...`."""
    return {
        "Records": [
            {
                "messageId": message_id,
                "receiptHandle": f"AQEB{message_id}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(NOW_S * 1000),
                    "SenderId": "AROAEXAMPLE:receive_events",
                    "ApproximateFirstReceiveTimestamp": str(NOW_S * 1000 + 5),
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
            for message_id, body in bodies.items()
        ]
    }


def _measuring() -> dict[str, Payload]:
    def event(event_id: str, rider: str = "rider-1", **changes: Any) -> str:
        reported = a_reported_event(event_id, reference_hash=_reference(rider), **changes)
        return write_event(reported)

    batches = {
        "measured.ok": {"m-1": event("ride-7")},
        "two_of_one_account_and_one_of_another.ok": {
            "m-1": event("ride-7"),
            "m-2": event("ride-8", "rider-2"),
            "m-3": event("ride-9"),
        },
        "nobody.ok": {"m-1": event("ride-7", "nobody")},
        "without_distance.ok": {"m-1": event("ride-7", inputs={})},
        "completes_another.ok": {"m-1": event("ride-7", completes="ride-open")},
        "empty.ok": {},
        "one_of_three_is_poison.partial1": {
            "m-1": event("ride-7"),
            "again-1": "{",
            "m-2": event("ride-9"),
        },
        "unknown_scenario.partial1": {
            "again-1": event("ride-7", scenario="rocket"),
            "m-1": event("ride-8"),
        },
        "other_version_of_the_message.partial1": {
            "again-1": event("ride-7").replace('{"v":2', '{"v":3')
        },
        "all_poison.partial2": {"again-1": "", "again-2": "null"},
    }
    return {
        f"calculate_reductions/{case}": _sqs("EventsQueue", bodies)
        for case, bodies in batches.items()
    }


def _booking() -> dict[str, Payload]:
    def postings(*event_ids: str, account: str | None = FIRST, **changes: Any) -> str:
        caps = (Cap(CapPeriod.DAY, 5),)
        wanted = (a_posting(each, caps=caps, **changes) for each in event_ids)
        return write_postings(postings_for(account, *wanted))

    def correction(replaced: str) -> str:
        stands = replace(an_entry("ride-2"), methodology=replaced)
        return write_postings(postings_for(SECOND, a_correction(stands, 190_000)))

    known = json.loads(postings("ride-1"))
    known["postings"][0]["payload_digest"] = RIDE_1_DIGEST
    batches = {
        "credited.ok": {"m-1": postings("ride-7")},
        "two_of_one_account_in_two_messages.ok": {
            "m-1": postings("ride-7"),
            "m-2": postings("ride-8"),
        },
        "two_accounts.ok": {
            "m-1": postings("ride-7"),
            "m-2": postings("ride-8", account=SECOND),
        },
        "duplicate.ok": {"m-1": _dump(known)},
        "same_message_twice.ok": {"m-1": postings("ride-7"), "m-2": postings("ride-7")},
        "conflict.ok": {"m-1": postings("ride-1", payload="altered")},
        "not_consented.ok": {"m-1": postings("ride-7", scenario="bus")},
        "nobody.ok": {"m-1": postings("ride-7", account=None)},
        "outside_consent.ok": {
            "m-1": postings("ride-7", occurred_at=at("2026-11-08T11:59:59.999+08:00"))
        },
        # One ride of that day stands; four more fit.
        "cap_reached.ok": {
            "m-1": postings(
                "r-1", "r-2", "r-3", "r-4", "r-5", occurred_at=at("2026-11-09T09:00+08:00")
            )
        },
        "empty.ok": {},
        "one_of_three_is_poison.partial1": {
            "m-1": postings("ride-7"),
            "again-1": '{"v":2}',
            "m-2": postings("ride-8", account=SECOND),
        },
        "negative_reduction.partial1": {
            "again-1": postings("ride-7", reduction_mg=-1),
            "m-1": postings("ride-8"),
        },
        "excluded.ok": {"m-1": postings("ride-7", exclusive_with=("metro",))},
        "provisional.ok": {"m-1": postings("ride-7", missing=("distance_km",))},
        "completed.ok": {"m-1": postings("ride-7", account=SECOND, completes="ride-open")},
        "nothing_to_complete.ok": {
            "m-1": postings("ride-7", account=SECOND, completes="ride-unheard-of")
        },
        "already_complete.ok": {"m-1": postings("ride-7", account=SECOND, completes="ride-half")},
        "ride_of_another_account.ok": {"m-1": postings("ride-7", completes="ride-open")},
        "corrected.ok": {"m-1": correction("metro-distance@2025.1")},
        "correction_superseded.ok": {"m-1": correction("metro-distance@2024.1")},
    }
    return {
        f"update_accounts/{case}": _sqs("PostingsQueue", bodies) for case, bodies in batches.items()
    }


def _stream() -> dict[str, Payload]:
    """Batches of the entries' stream; the record to go on from is the first with `1...99`."""

    def record(number: int, event_id: str, *, booked: str | None = None) -> Payload:
        image = EntryRow.of(an_entry(event_id)).to_dynamodb_dict()
        if booked:
            image["decided_at"] = {"S": booked}
        return {
            "eventID": hashlib.md5(event_id.encode(), usedforsecurity=False).hexdigest(),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": {
                "ApproximateCreationDateTime": NOW_S,
                "Keys": {"cause": image["cause"], "record": image["record"]},
                "NewImage": image,
                "SequenceNumber": f"1000000000000000000{number:02d}",
                "SizeBytes": 800,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/EntriesTable/stream/1",
        }

    poison = record(99, "ride-8")
    del poison["dynamodb"]["NewImage"]["seq"]
    one, two = record(1, "ride-7"), record(2, "ride-9")
    late = record(1, "ride-7", booked="2026-11-09T15:59:59.000Z")
    batches = {
        "counted.ok": [one, two],
        "record_twice.ok": [one, one],
        "late_record_of_a_sealed_day.ok": [late],
        "end_of_a_window.ok": [],
        "one_of_three_is_poison.partial1": [one, poison, two],
        "poison_first.partial1": [poison, one],
    }
    window = {"start": "2026-11-10T04:00:00Z", "end": "2026-11-10T04:01:00Z"}
    return {
        f"roll_up_totals/{case}": {
            "Records": records,
            "window": window,
            "state": {},
            "shardId": "shardId-00000001794283200000-0a1b2c3d",
            "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/EntriesTable/stream/1",
            "isFinalInvokeForWindow": case.startswith("end"),
            "isWindowTerminatedEarly": False,
        }
        for case, records in batches.items()
    }


def _restatement() -> dict[str, Payload]:
    def event(**changes: Any) -> Payload:
        wanted = {
            "replaced": "metro-distance@2025.1",
            "replacement": "metro-distance@2025.1",
            "apply": False,
            "after": None,
        }
        return {**wanted, **changes}

    new, old = "saved-electricity-day@2026.1", "saved-electricity-day@2025.1"
    files = {
        "dry_run.ok": event(replaced=new, replacement=old),
        "applied.ok": event(replaced=new, replacement=old, apply=True),
        "nothing_measured_by_it.ok": event(replaced=old, replacement=new, apply=True),
        "by_itself.refused": event(),
        "of_another_scenario.refused": event(replacement="bus-distance@2025.1"),
        "by_what_is_only_compared.refused": event(replacement="metro-ant-forest@2025.1"),
        "never_released.refused": event(replacement="metro-distance@1999.1"),
        "malformed.refused": event(replaced="metro"),
        "misspelt.refused": {**event(), "aply": True},
        "from_nowhere.refused": event(replaced=new, replacement=old, after="nowhere"),
    }
    return {f"restate_entries/{case}": payload for case, payload in files.items()}


def _schedule() -> dict[str, Payload]:
    # EventBridge Scheduler sends what its target's input says; the template says nothing.
    return {"close_day/nothing_to_seal.ok": {}, "close_day/two_days_to_seal.ok": {}}


def payloads() -> dict[str, Payload]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    received = _accepted_events() | _refused_signatures() | _refused_bodies() | _refused_events()
    return {
        **_users(),
        **_grants(),
        **_public(),
        **_explanations(),
        **_footprints(),
        **{f"receive_events/{case}": payload for case, payload in received.items()},
        **_outcomes(),
        **_measuring(),
        **_booking(),
        **_stream(),
        **_restatement(),
        **_schedule(),
        **{name: each for feature in _features() for name, each in feature.payloads().items()},
    }


def _features() -> tuple[ModuleType, ...]:
    # They use the forms above.
    from tests.support.features import FEATURES

    return FEATURES


def written(payload: Payload) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def main(folder: Path = EVENTS) -> None:
    wanted = {folder / f"{name}.json": written(payload) for name, payload in payloads().items()}
    for path in folder.glob("*/*.json"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
