"""Reversals of the stack that runs, many at the same time, under the functions' own roles."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from infra.local.http_client import Answer
from infra.local.stack import LocalStack
from infra.seed.partners import METRO, seed_partners
from infra.verify.receipt import verify_receipt

RIDE_MG = 204_608
RIDES = ("ride-of-frank", "other-ride-of-frank", "third-ride-of-frank")


@pytest.fixture(scope="module", autouse=True)
def rides(stack: LocalStack) -> Iterator[None]:
    """Frank took three rides of 8 km."""
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)
    token = stack.token("frank")
    assert stack.request("POST", "/v1/me/account", token=token).status == 201
    notices = stack.request("GET", "/v1/notices").json()["notices"]
    [version] = [each["version"] for each in notices if each["scenario"] == "metro"]
    link = stack.link_token(METRO.partner, "card-of-frank")
    consent = {"notice_version": version, "partner_link_token": link}
    path = f"/v1/me/consents/metro/{METRO.partner}"
    assert stack.request("PUT", path, token=token, body=consent).status == 200
    events = [
        {
            "specversion": "1.0",
            "id": event_id,
            "source": METRO.source,
            "type": "carbon.metro.v1",
            "time": (stack.now() + timedelta(minutes=1)).isoformat(),
            "subject": "card-of-frank",
            "data": {"distance_km": 8},
        }
        for event_id in RIDES
    ]
    results = stack.send_events(METRO.partner, events)
    assert {each.status for each in results} == {"accepted"}
    stack.drain()
    yield
    stack.drain()


def reverse(stack: LocalStack, event_id: str, reason: str) -> Answer:
    body = json.dumps({"event_id": event_id, "reason": reason})
    headers = stack.partner(METRO.partner).sign(body, stack.now())
    return stack.request(
        "POST",
        f"/v1/partners/{METRO.partner}/events/{event_id}/reversal",
        headers={"content-type": "application/json", **headers},
        body=body.encode(),
    )


def read(stack: LocalStack, path: str) -> Any:
    answer = stack.request("GET", path, token=stack.token("frank"))
    assert answer.status == 200, answer.body
    return answer.json()


def reduction_mg(stack: LocalStack) -> int:
    amount_mg: int = read(stack, "/v1/me/account")["reduction_mg"]
    return amount_mg


def test_of_ten_same_requests_at_once_one_takes_back_and_all_are_told_so(stack: LocalStack) -> None:
    before_mg = reduction_mg(stack)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: reverse(stack, RIDES[0], "cancelled"), range(10)))
    # Eight lost races in a row are told as such, and the partner asks again.
    assert {each.status for each in answers} <= {200, 503}
    told = {
        each.body
        for each in (*answers, reverse(stack, RIDES[0], "cancelled"))
        if each.status == 200
    }
    assert len(told) == 1
    assert reduction_mg(stack) == before_mg - RIDE_MG
    outcome = stack.outcome(METRO.partner, RIDES[0]).json()
    assert (outcome["outcome"], outcome["reason"]) == ("reversed", "cancelled")


def test_of_ten_reasons_at_once_one_is_the_reason(stack: LocalStack) -> None:
    before_mg = reduction_mg(stack)
    reasons = ["duplicate", "fraud"] * 5
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda reason: reverse(stack, RIDES[1], reason), reasons))
    statuses = Counter(each.status for each in answers)
    assert set(statuses) <= {200, 409, 503}
    assert 1 <= statuses[200] <= 5
    [reason] = {each.json()["reason"] for each in answers if each.status == 200}
    assert reduction_mg(stack) == before_mg - RIDE_MG
    other = "fraud" if reason == "duplicate" else "duplicate"
    assert reverse(stack, RIDES[1], reason).status == 200
    assert reverse(stack, RIDES[1], other).json()["code"] == "already_reversed"


def test_an_operators_reversal_is_in_the_statement_and_its_receipt_verifies(
    stack: LocalStack,
) -> None:
    order = {
        "partner": METRO.partner,
        "event_id": RIDES[2],
        "reason": "wrong_data",
        "operator": "li",
    }
    before_mg = reduction_mg(stack)
    assert stack.invoke("reverse_entry", order)["reduction_mg"] == -RIDE_MG
    assert reduction_mg(stack) == before_mg
    assert stack.invoke("reverse_entry", {**order, "apply": True})["reduction_mg"] == -RIDE_MG
    assert reduction_mg(stack) == before_mg - RIDE_MG
    [entry] = [
        each
        for each in read(stack, "/v1/me/entries")["entries"]
        if each["event_id"] == RIDES[2] and each.get("amends") == "reversal"
    ]
    body = read(stack, f"/v1/me/entries/{entry['entry_id']}/receipt")
    published = stack.request("GET", "/v1/keys").json()["keys"]
    assert verify_receipt(body, published, {}).findings == []
    assert body["receipt"]["entry"]["reason"] == "wrong_data"
