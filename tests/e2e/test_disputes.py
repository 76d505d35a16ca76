"""A dispute on the stack that runs: its partner answers one, and its schedule decides another."""

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.local.http_client import Answer
from infra.local.stack import LocalStack
from infra.seed.partners import METRO, seed_partners

DISPUTES = f"/v1/partners/{METRO.partner}/disputes"


@pytest.fixture(scope="module")
def entries(stack: LocalStack) -> list[dict[str, Any]]:
    """The entries of two rides of 8 km that dora took."""
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)
    token = stack.token("dora")
    assert stack.request("POST", "/v1/me/account", token=token).status == 201
    notices = stack.request("GET", "/v1/notices").json()["notices"]
    [version] = [each["version"] for each in notices if each["scenario"] == "metro"]
    link = stack.link_token(METRO.partner, "card-of-dora")
    consent = {"notice_version": version, "partner_link_token": link}
    path = f"/v1/me/consents/metro/{METRO.partner}"
    assert stack.request("PUT", path, token=token, body=consent).status == 200
    event = {
        "specversion": "1.0",
        "source": METRO.source,
        "type": "carbon.metro.v1",
        "time": (stack.now() + timedelta(minutes=1)).isoformat(),
        "subject": "card-of-dora",
        "data": {"distance_km": 8},
    }
    events = [{**event, "id": each} for each in ("ride-of-dora-1", "ride-of-dora-2")]
    assert [each.status for each in stack.send_events(METRO.partner, events)] == ["accepted"] * 2
    stack.drain()
    found: list[dict[str, Any]] = entries_of(stack)
    return found


def entries_of(stack: LocalStack) -> Any:
    return stack.request("GET", "/v1/me/entries", token=stack.token("dora")).json()["entries"]


def disputes_of(stack: LocalStack) -> Any:
    return stack.request("GET", "/v1/me/disputes", token=stack.token("dora")).json()["disputes"]


def dispute(stack: LocalStack, entry: dict[str, Any], body: Any, key: str) -> Any:
    path = f"/v1/me/entries/{entry['entry_id']}/disputes"
    headers = {"Idempotency-Key": key}
    answer = stack.request("POST", path, token=stack.token("dora"), body=body, headers=headers)
    assert answer.status == 201, answer.body
    return answer.json()


def answer(stack: LocalStack, dispute_id: str) -> Answer:
    body = json.dumps({"dispute_id": dispute_id, "answer": "accept"})
    headers = stack.partner(METRO.partner).sign(body, stack.now())
    headers["content-type"] = "application/json"
    path = f"{DISPUTES}/{dispute_id}/answer"
    return stack.request("POST", path, headers=headers, body=body.encode())


def test_one_is_answered_and_another_decided_by_silence(
    stack: LocalStack, entries: list[dict[str, Any]]
) -> None:
    claim = {"kind": "wrong_distance", "inputs": {"distance_km": 5}}
    first = dispute(stack, entries[0], claim, "dora-0001")
    second = dispute(stack, entries[1], {"kind": "not_mine"}, "dora-0002")
    headers = stack.partner(METRO.partner).sign(f"GET {DISPUTES}", stack.now())
    shown = stack.request("GET", DISPUTES, headers=headers).json()["disputes"]
    assert [each["dispute_id"] for each in shown] == sorted(
        (first["dispute_id"], second["dispute_id"]), reverse=True
    )
    assert answer(stack, first["dispute_id"]).json()["state"] == "accepted"
    stack.set_clock(stack.now() + timedelta(days=15, minutes=1))
    try:
        assert stack.fire("settle_disputes")["decided_for_user"] == 1
        assert answer(stack, second["dispute_id"]).status == 409
        states = {each["dispute_id"]: each["state"] for each in disputes_of(stack)}
    finally:
        stack.set_clock(None)
    assert states == {first["dispute_id"]: "accepted", second["dispute_id"]: "decided_for_user"}
    stack.drain()
    # 5 km at 25.576 g, and nothing of the other ride.
    assert sum(each["reduction_mg"] for each in entries_of(stack)) == 127_880
