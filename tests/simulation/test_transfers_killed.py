"""A function dies after each of its calls: gifts, contributions and lots are whole, or not there.

To die before a call is to die after the one before it. Whoever asked asks again, as a client does
that got no answer. What is stored then, and what is answered, is the same as if nothing had
happened.
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
from tests.support.features.transfers import payloads
from tests.support.killing import Killer, retried
from tests.support.town import build_town, forget

CASES = (
    "send_gift/reductions_sent.201",
    "contribute_reductions/contributed.201",
    "close_pool/closed_and_paid.ok",
)
# A code is random, so that a client that asks again gets another one.
MADE_ANEW = "make_gift_code/made.201"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        cloud, time = build_town(patch)
        yield Town(cloud, time, cloud.store(), deepcopy(cloud.supplier.orders))


def ask(function: str, event: dict[str, Any]) -> Any:
    answer = load(function).handler(json.loads(json.dumps(event)), context())
    return (answer["statusCode"], answer["body"]) if "statusCode" in answer else answer


def sent_by(killer: Killer, real: Any) -> Any:
    def sent(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        return killer.call(real, self, event_name, request, **kwargs)

    return sent


@pytest.mark.parametrize("case", CASES)
def test_killed_after_any_call_the_end_is_the_same(town, monkeypatch, case):
    function, event = case.partition("/")[0], payloads()[case]
    real = BotocoreStubber.__call__
    # They are all closed in the same way.
    monkeypatch.setattr("shared.application.close_pool.GATES", 2)
    calls = 0

    def counted(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += current_thread() is main_thread()
        return real(self, event_name, request, **kwargs)

    forget(load(function))
    with monkeypatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", counted)
        answer = ask(function, event)
    world = town.look()
    assert world != town.store
    restore(town)
    assert calls > 4
    for at in range(1, calls + 1):
        killer = Killer(function, at, after=True)
        forget(load(function))
        with monkeypatch.context() as patch:
            patch.setattr(BotocoreStubber, "__call__", sent_by(killer, real))
            again = retried(killer, function, lambda: ask(function, event))
        assert killer.calls >= at, "nothing was killed"
        assert town.look() == world, f"killed {function} at call {at}"
        assert again == answer
        restore(town)


def test_a_code_whose_answer_never_came_is_one_of_those_that_are_listed(town, monkeypatch):
    event, listing = payloads()[MADE_ANEW], payloads()["list_gift_codes/listed.200"]
    real = BotocoreStubber.__call__
    for at in range(1, 6):
        killer = Killer("make_gift_code", at, after=True)
        forget(load("make_gift_code"))
        with monkeypatch.context() as patch:
            patch.setattr(BotocoreStubber, "__call__", sent_by(killer, real))
            status, made = retried(killer, "make_gift_code", lambda: ask("make_gift_code", event))
        assert status == 201
        listed = [each["code"] for each in json.loads(ask("list_gift_codes", listing)[1])["codes"]]
        assert json.loads(made)["code"] in listed
        # The one that was there before, the new one, and perhaps one that nobody was told of.
        assert 2 <= len(listed) <= 3
        restore(town)
