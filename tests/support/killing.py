"""A function's environment that dies before or after one of its calls, and comes again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread
from typing import Any

from tests.support.cloud import load
from tests.support.template import functions
from tests.support.town import forget

TRIES_MAX = 5


class KilledError(BaseException):
    """The function's environment is gone: nothing in it can catch this."""


@dataclass
class Killer:
    """Kills at the `at`-th call of `function`, before or after the call took effect."""

    function: str = ""
    at: int = 0
    after: bool = False
    running: str = ""
    calls: int = 0

    def call(self, send: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # A stack that other tests run in this process has threads of its own.
        if self.running != self.function or current_thread() is not main_thread():
            return send(*args, **kwargs)
        self.calls += 1
        if self.calls != self.at:
            return send(*args, **kwargs)
        if self.after:
            send(*args, **kwargs)
        raise KilledError

    @contextmanager
    def watching(self, function: str) -> Iterator[None]:
        self.running = function
        try:
            yield
        finally:
            self.running = ""


def retried(killer: Killer, function: str, step: Callable[[], Any]) -> Any:
    """Do as an event source does: when the function died, deliver again."""
    for _ in range(TRIES_MAX):
        try:
            with killer.watching(function):
                return step()
        except KilledError:
            for name in functions():
                # A new environment starts with nothing in memory.
                forget(load(name))
    raise AssertionError("The function died again and again.")
