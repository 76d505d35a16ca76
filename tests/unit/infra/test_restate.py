"""The operator's command for a restatement: page after page, and one table at the end."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from infra import operating
from infra import restate as restating
from infra.local.errors import InvocationError
from infra.local.places import DEFAULT_STATE
from infra.operating import RefusedError
from infra.restate import FUNCTION, Restatement, main, restate, shown

LOCAL, DEPLOYED = (DEFAULT_STATE, FUNCTION), ("carbon", FUNCTION)
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
    monkeypatch.setattr(restating, "PAGES_MAX", 2)
    with pytest.raises(RefusedError, match="more than 2 pages"):
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
    monkeypatch.setattr(operating, "local", lambda *place: {LOCAL: stack}[place])
    main([OLD, NEW])
    assert [event["apply"] for event in stack.asked] == [False]
    assert "Dry run: nothing was changed" in capsys.readouterr().out


def test_the_command_posts_only_when_it_is_told_to(monkeypatch, capsys):
    stack = Stack(page())
    monkeypatch.setattr(operating, "deployed", lambda *place: {DEPLOYED: stack}[place])
    main([OLD, NEW, "--apply", "--stack", "carbon"])
    assert [event["apply"] for event in stack.asked] == [True]
    assert "Corrections posted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "error", [RefusedError("carbon refused: [no]"), InvocationError("it failed: [no]")]
)
def test_a_refusal_is_shown_as_it_is_and_fails_the_command(monkeypatch, capsys, error):
    monkeypatch.setattr(operating, "local", lambda *_: Stack(page("k1"), error))
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
