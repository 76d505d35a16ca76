"""A function dies before or after each of its calls: what was asked for is done once, or not yet.

Whoever asked asks again, as one does that got no answer. What is stored then, and what is answered,
is the same as if nothing had happened.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from threading import current_thread, main_thread
from typing import Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from tests.integration.functions.conftest import Town, restore
from tests.support.cloud import context, load
from tests.support.killing import Killer, retried
from tests.support.payloads import payloads, ready
from tests.support.town import build_town, forget

CASES = (
    "reverse_event/reversed.200",
    "reverse_entry/reversed.ok",
    "retire_reductions/retired.201",
    "leave_household/left.200",
    "withdraw_dispute/withdrawn.200",
    "answer_question/right.200",
    "answer_question/wrong.200",
    "answer_question/first_of_all.200",
)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        cloud, time = build_town(patch)
        yield Town(cloud, time, cloud.store(), deepcopy(cloud.supplier.orders))


def ask(function: str, event: dict[str, Any]) -> Any:
    answer = load(function).handler(json.loads(json.dumps(event)), context())
    return (answer["statusCode"], answer["body"]) if "statusCode" in answer else answer


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("case", CASES)
def test_killed_at_any_call_it_is_done_once(town, monkeypatch, case, after):
    function, event = case.partition("/")[0], ready(payloads()[case])
    real = BotocoreStubber.__call__
    calls = 0

    def counted(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += current_thread() is main_thread()
        return real(self, event_name, request, **kwargs)

    # One salt for all, or a second try would not book the same bytes.
    monkeypatch.setattr("shared.adapters.chance.new_salt", lambda: "5a" * 16)
    forget(load(function))
    with monkeypatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", counted)
        answer = ask(function, event)
    world = town.look()
    assert world != town.store
    restore(town)
    assert calls > 3
    for at in range(1, calls + 1):
        killer = Killer(function, at, after)

        def sent(self: Any, event_name: str, request: Any, _killer=killer, **kwargs: Any) -> Any:
            return _killer.call(real, self, event_name, request, **kwargs)

        forget(load(function))
        with monkeypatch.context() as patch:
            patch.setattr(BotocoreStubber, "__call__", sent)
            again = retried(killer, function, lambda: ask(function, event))
        assert killer.calls >= at, "nothing was killed"
        assert town.look() == world, f"killed {function} at call {at}"
        assert again == answer
        restore(town)
