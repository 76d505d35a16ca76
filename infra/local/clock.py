"""The stack's time of day: the machine's, moved by an offset that all functions read.

Tokens of users, schedules and the endpoint's own timers keep the machine's time, as in the cloud
they would keep AWS's; what the functions do follows the offset.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.files import write_text


class StackClock:
    """The runner's side of the clock file; the functions' side is overlay/clock.py."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the instant that the functions take for the present, in UTC."""
        try:
            offset = timedelta(milliseconds=int(self._path.read_text(encoding="ascii")))
        except FileNotFoundError:
            offset = timedelta()
        return datetime.now(UTC) + offset

    def set(self, instant: datetime | None) -> None:
        """Let it be `instant` now and time go on from there; None is the machine's time again."""
        if instant is None:
            self._path.unlink(missing_ok=True)
            return
        offset = instant - datetime.now(UTC)  # a naive datetime is refused by the subtraction
        write_text(self._path, str(round(offset / timedelta(milliseconds=1))))
