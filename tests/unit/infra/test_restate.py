"""The operator's command for a restatement: page after page, and one table at the end."""

import io
import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from rich.console import Console

from infra import restate as command
from infra.local.errors import InvocationError
from infra.local.places import DEFAULT_STATE
from infra.restate import Restatement, RestatementError, deployed, main, restate, shown

OLD, NEW = "metro-distance@2025.1", "metro-distance@2026.1"


def page(next_key: str | None = None, **changes: Any) -> dict[str, Any]:
    facts = {
        "corrected": 3,
        "unchanged": 2,
        "unmeasurable": 1,
        "raised_mg": 1_500_000,
        "lowered_mg": 250_000,
        "accounts": ["a1", "a2"],
    }
    return {**facts, **changes, "next_key": next_key}


class Stack:
    """A stack whose function answers with these pages, and raises what is an error among them."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(event)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def text_of(done: Restatement, *, apply: bool) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(shown(done, OLD, NEW, apply=apply))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_every_page_is_asked_for_with_the_key_of_the_one_before():
    stack = Stack(page("k1"), page("k2"), page())
    restate(stack, OLD, NEW, apply=True)
    assert stack.asked == [
        {"replaced": OLD, "replacement": NEW, "apply": True, "after": after}
        for after in (None, "k1", "k2")
    ]


def test_without_apply_nothing_is_asked_to_be_posted():
    stack = Stack(page())
    restate(stack, OLD, NEW, apply=False)
    assert [event["apply"] for event in stack.asked] == [False]


def test_pages_are_added_up_and_an_account_on_two_of_them_is_one():
    stack = Stack(page("k1"), page(accounts=["a2", "a3"], raised_mg=1))
    done = restate(stack, OLD, NEW, apply=False)
    assert (done.corrected, done.unchanged, done.unmeasurable) == (6, 4, 2)
    assert (done.raised_mg, done.lowered_mg) == (1_500_001, 500_000)
    assert done.accounts == {"a1", "a2", "a3"}


def test_a_ledger_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(command, "PAGES_MAX", 2)
    with pytest.raises(RestatementError, match="more than 2 pages"):
        restate(Stack(page("k1"), page("k2"), page()), OLD, NEW, apply=False)


def test_the_table_says_what_a_dry_run_would_change():
    done = Restatement(1234, 5, 6, 1_500_000, 250_000, {"a1", "a2"})
    text = text_of(done, apply=False)
    assert f"Dry run: nothing was changed: {OLD} by {NEW}" in " ".join(text.split())
    rows = [line.split("│")[1:3] for line in text.splitlines() if "│" in line]
    assert [(what.strip(), figure.strip()) for what, figure in rows] == [
        ("accounts touched", "2"),
        ("entries to correct", "1,234"),
        ("entries unchanged", "5"),
        ("entries that cannot be measured", "6"),
        ("raised by, kg CO2e", "1.500000"),
        ("lowered by, kg CO2e", "0.250000"),
    ]


def test_the_table_says_what_was_posted():
    text = text_of(Restatement(corrected=3), apply=True)
    assert f"Corrections posted: {OLD} by {NEW}" in " ".join(text.split())
    assert "entries corrected" in text


# The command


def test_the_command_prints_the_table(monkeypatch, capsys):
    stack = Stack(page())
    monkeypatch.setattr(command, "local", {DEFAULT_STATE: stack}.__getitem__)
    main([OLD, NEW])
    assert [event["apply"] for event in stack.asked] == [False]
    assert "Dry run: nothing was changed" in capsys.readouterr().out


def test_the_command_posts_only_when_it_is_told_to(monkeypatch, capsys):
    stack = Stack(page())
    monkeypatch.setattr(command, "deployed", {"carbon": stack}.__getitem__)
    main([OLD, NEW, "--apply", "--stack", "carbon"])
    assert [event["apply"] for event in stack.asked] == [True]
    assert "Corrections posted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "error", [RestatementError("carbon refused: [no]"), InvocationError("it failed: [no]")]
)
def test_a_refusal_is_shown_as_it_is_and_fails_the_command(monkeypatch, capsys, error):
    monkeypatch.setattr(command, "local", lambda _: Stack(page("k1"), error))
    with pytest.raises(SystemExit) as ended:
        main([OLD, NEW, "--apply"])
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.err.strip() == str(error)
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments", [[], [OLD], [OLD, NEW, "--stack", "carbon", "--state-dir", "here"]]
)
def test_two_methodologies_and_one_place_are_asked_for(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m infra.restate" in capsys.readouterr().err


# A deployed stack


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
    function = Lambda(page())
    clients(monkeypatch, function)
    assert deployed("carbon")({"replaced": OLD}) == page()
    assert function.payloads == [{"replaced": OLD}]


def test_what_a_deployed_function_refuses_is_told_on_one_line(monkeypatch):
    answer = {"errorType": "InvalidRequestError", "errorMessage": "Both must be\n  for credit."}
    clients(monkeypatch, Lambda(answer, error="Unhandled"))
    with pytest.raises(RestatementError, match=r"^carbon refused: Both must be for credit\.$"):
        deployed("carbon")({"replaced": OLD})
