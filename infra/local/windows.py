"""Tumbling windows: which one a record belongs to, and what of it the event says."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True)
class Window:
    """From `start_s` for `length_s` (epoch seconds), with the state its invocations hand on."""

    start_s: int
    length_s: int
    state: Any = field(default_factory=dict)
    invoked: bool = False

    @property
    def end_s(self) -> int:
        return self.start_s + self.length_s

    def fields(self, shard_id: str, stream_arn: str, *, final: bool) -> dict[str, Any]:
        """Return what an event of the window has besides its records."""
        return {
            "window": {"start": _text(self.start_s), "end": _text(self.end_s)},
            "state": self.state,
            "shardId": shard_id,
            "eventSourceARN": stream_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": False,
        }


def window_start(instant_s: int, length_s: int) -> int:
    return instant_s - instant_s % length_s


def _text(instant_s: int) -> str:
    return datetime.fromtimestamp(instant_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
