"""An operator calls functions here and on AWS in one way."""

import argparse
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra import operating
from infra.local.places import DEFAULT_STATE
from infra.operating import RefusedError, add_place, deployed, invoker


class CloudFormation:
    def describe_stack_resource(self, **asked: str) -> dict[str, Any]:
        assert asked == {"StackName": "carbon", "LogicalResourceId": "RestateEntriesFunction"}
        return {"StackResourceDetail": {"PhysicalResourceId": "carbon-restate-1A2B"}}


class Lambda:
    def __init__(self, answer: Mapping[str, Any], error: str | None = None) -> None:
        self.answer = answer
        self.error = error
        self.payloads: list[Any] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        assert asked["FunctionName"] == "carbon-restate-1A2B"
        self.payloads.append(json.loads(asked["Payload"]))
        error = {"FunctionError": self.error} if self.error else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **error}


def clients(monkeypatch: pytest.MonkeyPatch, function: Lambda) -> None:
    made = {"cloudformation": CloudFormation(), "lambda": function}
    monkeypatch.setattr(boto3, "client", made.__getitem__)


def test_a_deployed_stacks_function_is_found_by_its_logical_id(monkeypatch):
    function = Lambda({"found": 3})
    clients(monkeypatch, function)
    assert deployed("carbon", "restate_entries")({"replaced": "old"}) == {"found": 3}
    assert function.payloads == [{"replaced": "old"}]


def test_what_a_deployed_function_refuses_is_told_on_one_line(monkeypatch):
    answer = {"errorType": "InvalidRequestError", "errorMessage": "Both must be\n  for credit."}
    clients(monkeypatch, Lambda(answer, error="Unhandled"))
    with pytest.raises(RefusedError, match=r"^carbon refused: Both must be for credit\.$"):
        deployed("carbon", "restate_entries")({"replaced": "old"})


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_place(parser)
    return parser.parse_args(arguments)


def test_without_a_stack_the_one_that_runs_here_is_called(monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(operating, "local", lambda *place: asked.append(place))
    monkeypatch.setattr(operating, "deployed", lambda *place: asked.append(place))
    invoker(options(), "reverse_entry")
    invoker(options("--state-dir", "here"), "reverse_entry")
    invoker(options("--stack", "carbon"), "reverse_entry")
    assert asked == [
        (DEFAULT_STATE, "reverse_entry"),
        (Path("here"), "reverse_entry"),
        ("carbon", "reverse_entry"),
    ]
