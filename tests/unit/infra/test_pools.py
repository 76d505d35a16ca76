"""The operator's command for pools: open one, close it to the end, list all."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from functions.open_pool.handler import OpenPoolBody
from infra import pools as command
from infra.local.errors import InvocationError
from infra.operating import RefusedError
from infra.pools import LISTING, PoolError, close, definition, main, settled, shown
from tests.support.features.transfers import a_pool

DEFINITION = """
pool_id = "autumn-2026"
opens_at = 2026-11-01T00:00:00+08:00
closes_at = "2026-12-01T00:00:00+08:00"
target_mg = 1_000_000
points_per_kg = 10

[title]
en = "Commuters of the autumn"
zh-Hans = "秋季通勤归集"

[market]
en = "Demo inclusive carbon market"
zh-Hans = "示范碳普惠市场"
"""
PAYOUT = {"points": 1234, "bought_back": 5, "account_closed": 1}


def a_shown_pool(**changes: Any) -> dict[str, Any]:
    return {**a_pool("autumn-2026"), "state": "open", **changes}


def a_sealed_pool() -> dict[str, Any]:
    lot = {"lot_id": "lot-1", "contributions": 1234, "total": {"reduction_mg": 300_000}}
    return a_shown_pool(state="paid", lot=lot)


class Stack:
    """A stack whose functions answer with these, and raise what is an error among them."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.function = ""

    def of(self, _: Any, function: str) -> "Stack":
        """Stand in for `invoker`."""
        self.function = function
        return self

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((self.function, event))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def text_of(shown_table: Any) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(shown_table)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_a_definition_is_what_the_function_reads(tmp_path):
    file = tmp_path / "pool.toml"
    file.write_text(DEFINITION, "utf-8")
    assert definition(file) == a_pool("autumn-2026")
    assert OpenPoolBody.model_validate(definition(file)).pool_id == "autumn-2026"


def test_what_is_no_definition_is_told_with_its_file(tmp_path):
    file = tmp_path / "pool.toml"
    file.write_text("pool_id = ", "utf-8")
    with pytest.raises(PoolError, match=r"pool\.toml"):
        definition(file)
    with pytest.raises(PoolError, match=r"missing\.toml"):
        definition(tmp_path / "missing.toml")


def test_closing_goes_on_until_it_is_done():
    last = {"pool": a_sealed_pool(), "done": True, "payout": PAYOUT}
    stack = Stack({"done": False}, {"done": False}, last)
    assert close(stack.of(None, "close_pool"), "autumn-2026") == last
    assert stack.asked == [("close_pool", {"pool_id": "autumn-2026"})] * 3


def test_a_closing_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(command, "CALLS_MAX", 2)
    with pytest.raises(PoolError, match="more than 2 calls"):
        close(Stack(*[{"done": False}] * 3), "autumn-2026")


def test_pools_are_shown_with_the_lots_that_came_of_them():
    text = text_of(shown([a_shown_pool(pool_id="spring-2027"), a_sealed_pool()]))
    assert text.startswith("Pools")
    assert "spring-2027 │ open" in text
    assert "autumn-2026 │ paid" in text
    assert "lot-1" in text
    assert "0.300000" in text
    assert "1,234" in text
    assert settled(PAYOUT) == (
        "1,234 points paid for 5 contributions; 1 passed over, because their accounts are closed."
    )


# The command


def test_the_command_opens_closes_and_lists(monkeypatch, capsys, tmp_path):
    file = tmp_path / "pool.toml"
    file.write_text(DEFINITION, "utf-8")
    listed = {"body": json.dumps({"pools": [a_shown_pool(), a_sealed_pool()]})}
    done = {"pool": a_sealed_pool(), "done": True, "payout": PAYOUT}
    stack = Stack(a_shown_pool(), done, listed)
    monkeypatch.setattr(command, "invoker", stack.of)
    for arguments in (["open", str(file)], ["close", "autumn-2026"], ["list"]):
        main(arguments)
    assert stack.asked == [
        ("open_pool", a_pool("autumn-2026")),
        ("close_pool", {"pool_id": "autumn-2026"}),
        ("list_pools", LISTING),
    ]
    printed = capsys.readouterr().out
    assert "autumn-2026" in printed
    assert "1,234 points paid" in printed
    assert printed.count("lot-1") == 2


def test_the_listing_is_an_event_that_the_function_answers(monkeypatch):
    from functions.list_pools import handler as function

    monkeypatch.setattr(function, "list_pools", lambda _: [])
    context = type("Context", (), {"aws_request_id": "r"})()
    answer = function.handler(dict(LISTING), context)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"pools": []})


@pytest.mark.parametrize(
    "error", [RefusedError("carbon refused: [no]"), InvocationError("it failed: [no]")]
)
def test_a_refusal_is_shown_as_it_is_and_fails_the_command(monkeypatch, capsys, error):
    monkeypatch.setattr(command, "invoker", Stack(error).of)
    with pytest.raises(SystemExit) as ended:
        main(["--stack", "carbon", "close", "autumn-2026"])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err.strip(), printed.out) == (1, str(error), "")


@pytest.mark.parametrize(
    "arguments", [[], ["open"], ["close"], ["--stack", "a", "--state-dir", "b", "list"]]
)
def test_a_command_and_one_place_are_asked_for(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m infra.pools" in capsys.readouterr().err
