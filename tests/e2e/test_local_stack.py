"""The project's own template on the runner: every function starts, reached as in the cloud."""

import json
from typing import Any

import pytest

from infra.local.http_client import Answer
from infra.local.places import PROJECT
from infra.local.routes import Route, RouteTable
from infra.local.stack import LocalStack
from infra.local.template import load_template

TEMPLATE = load_template(
    PROJECT / "template.yaml", bundle_key="unused", parameters={}, environment={}
)
ROUTES = RouteTable(TEMPLATE.api.body if TEMPLATE.api else {}).routes
EMPTY_BATCHES: dict[str, dict[str, Any]] = {
    "fulfil_redemptions": {"Records": []},
    "calculate_reductions": {"Records": []},
    "update_accounts": {"Records": []},
    "roll_up_totals": {
        "Records": [],
        "shardId": "shardId-00000000000000000000-00000000",
        "state": {},
        "window": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T00:01:00Z"},
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/y",
    },
}


def call(stack: LocalStack, route: Route, **changes: Any) -> Answer:
    segments = ("x" if segment.startswith("{") else segment for segment in route.segments)
    return stack.request(route.method or "GET", "/" + "/".join(segments), **changes)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_every_route_is_answered_by_its_function(stack: LocalStack, route: Route) -> None:
    answer = call(stack, route, token=stack.token("nobody"), body={})
    assert answer.status < 500
    # the gateway's own answers have a message, the functions' have not
    assert b'{"message"' not in answer.body


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.authorizer], ids=lambda route: route.key
)
def test_no_route_of_the_user_s_opens_without_a_token(stack: LocalStack, route: Route) -> None:
    assert call(stack, route).status == 401
    assert call(stack, route, token=stack.token("nobody", scopes=["other"])).status == 403


@pytest.mark.parametrize("function", sorted(EMPTY_BATCHES))
def test_every_consumer_takes_an_empty_batch(stack: LocalStack, function: str) -> None:
    answer = stack.invoke(function, EMPTY_BATCHES[function])
    assert not answer.get("batchItemFailures")


def test_nothing_ended_with_the_dead_letters(stack: LocalStack) -> None:
    stack.drain()
    for name, url in stack.outputs.items():
        if name.endswith("DeadLetterQueue"):
            counts = stack.clients("sqs").get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]
            assert counts == {"ApproximateNumberOfMessages": "0"}, name


def test_handlers_log_json_without_the_token_s_subject(stack: LocalStack) -> None:
    subject = "somebody-whose-name-must-not-be-logged"
    stack.request("POST", "/v1/me/account", token=stack.token(subject), body={})
    log = stack._state.handler_log
    assert subject not in log.read_text()
    for line in log.read_text().splitlines():
        for text in json.loads(line)["lines"]:
            json.loads(text)
