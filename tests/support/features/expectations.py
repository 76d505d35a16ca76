"""What is expected of a feature's payloads, each by `<function>/<case>.<outcome>`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Expectations:
    """`codes` of refusals, `growth` of tables and queues, parts of `answers` and `reports`."""

    codes: Mapping[str, str] = field(default_factory=dict)
    growth: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    # Functions to which nothing that is wrong can be sent.
    cannot_fail: frozenset[str] = frozenset()
