"""Ports whose caller dies before or after one of its calls, for use cases over the fakes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.killing import KilledError


@dataclass
class Death:
    """Comes at the `at`-th call of any port, before or after the call took effect."""

    at: int
    after: bool = False
    calls: int = 0

    def call(self, do: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls != self.at:
            return do(*args, **kwargs)
        if self.after:
            do(*args, **kwargs)
        raise KilledError


class Dying:
    """A port that counts its calls, and lets its caller die at one."""

    def __init__(self, port: Any, death: Death) -> None:
        self._port = port
        self._death = death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._death.call(method, *args, **kwargs)

        return call
