"""How often a scenario may be credited per day and month, counted by when it occurred.

Counting the day of the behaviour, not of its booking, means that a partner that reports late costs
its users nothing. A window is written in one short text so that an account stays below 1 KB.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
COUNT_MAX = len(_DIGITS) - 1


class CapPeriod(StrEnum):
    """The span that a cap counts over."""

    DAY = "day"
    MONTH = "month"

    def number(self, day: date) -> int:
        """Return the running number of the day, or of the month, that `day` falls in."""
        return day.toordinal() if self is CapPeriod.DAY else day.year * 12 + day.month - 1

    @property
    def span_max(self) -> int:
        """How many periods back an event may still be committed, with one to spare.

        A day's window holds the longest acceptance (31 days) and the longest wait in a queue (4)
        and its dead letters (14); it is kept in the account's one KB.
        """
        return 50 if self is CapPeriod.DAY else 5


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` credits of a scenario per period; 1 <= count <= COUNT_MAX."""

    period: CapPeriod
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= COUNT_MAX:
            raise ValueError(f"A cap counts from 1 to {COUNT_MAX}.")


@dataclass(frozen=True, slots=True)
class CapWindow:
    """Credits counted per recent period: `counts[0]` belongs to period `first`."""

    first: int = 0
    counts: tuple[int, ...] = ()

    def count(self, index: int) -> int:
        position = index - self.first
        return self.counts[position] if 0 <= position < len(self.counts) else 0

    def reaches(self, index: int, span_max: int) -> bool:
        """Tell whether a period is still counted, if only the last `span_max` of them are."""
        return not self.counts or index > self.first + len(self.counts) - 1 - span_max

    def with_more(
        self, index: int, span_max: int, amount: int = 1, count_max: int = COUNT_MAX
    ) -> "CapWindow":
        """Return the window with more counted at `index`, forgetting what is out of reach."""
        first = min(self.first, index) if self.counts else index
        last = max(self.first + len(self.counts) - 1, index) if self.counts else index
        first = max(first, last - span_max + 1)
        counts = [self.count(position) for position in range(first, last + 1)]
        if index >= first:
            counts[index - first] = min(counts[index - first] + amount, count_max)
        return CapWindow(first, tuple(counts))

    def encode(self) -> str:
        """Return `<first>:<one base-36 digit per period>`."""
        return f"{self.first}:{''.join(_DIGITS[count] for count in self.counts)}"

    @classmethod
    def decode(cls, text: str) -> "CapWindow":
        first, _, digits = text.partition(":")
        return cls(int(first), tuple(_DIGITS.index(digit) for digit in digits))


@dataclass(frozen=True, slots=True)
class CapCounters:
    """The windows of one account by (scenario, period)."""

    windows: Mapping[tuple[str, CapPeriod], CapWindow] = field(default_factory=dict)

    def reached(self, scenario: str, caps: tuple[Cap, ...], day: date) -> bool:
        """Tell whether one more credit for behaviour on `day` would pass a cap."""
        return any(self.count(scenario, cap.period, day) >= cap.count for cap in caps)

    def count(self, scenario: str, period: CapPeriod, day: date) -> int:
        """Return the credits of the period that `day` falls in, as far as they are counted."""
        window = self.windows.get((scenario, period), CapWindow())
        return window.count(period.number(day))

    def counted(self, scenario: str, caps: tuple[Cap, ...], day: date) -> "CapCounters":
        """Return the counters after one more credit for behaviour on `day`."""
        windows = dict(self.windows)
        for cap in caps:
            window = windows.get((scenario, cap.period), CapWindow())
            windows[scenario, cap.period] = window.with_more(
                cap.period.number(day), cap.period.span_max
            )
        return CapCounters(windows)
