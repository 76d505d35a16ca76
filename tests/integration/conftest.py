"""The stack over moto, at a fixed time, with two partners."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.adapters import chance, clock
from tests.support.cloud import Cloud, load
from tests.support.partners import BANK, BANK_SECRET, METRO, METRO_SECRET
from tests.support.template import functions
from tests.support.town import Time, forget

__all__ = ["Time", "forget"]


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    fixed = Time()
    monkeypatch.setattr(clock, "now", fixed)
    monkeypatch.setattr(chance, "pause", lambda _: None)
    return fixed


@pytest.fixture
def cloud(time: Time) -> Iterator[Cloud]:
    with mock_aws():
        stack = Cloud()
        stack.register(METRO, METRO_SECRET)
        stack.register(BANK, BANK_SECRET)
        for function in functions():
            forget(load(function))
        yield stack
