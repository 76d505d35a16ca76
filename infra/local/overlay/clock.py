"""The clock of the local stack: the project's own, set forward or back by the runner.

Stands in for shared/adapters/clock.py, which the bundle keeps as system_clock.py. The offset in
milliseconds is the content of the file that CARBON_CLOCK_FILE names; no file means no offset.
"""

import importlib
import os
from datetime import datetime, timedelta

_system_clock = importlib.import_module("shared.adapters.system_clock")
_path = os.environ.get("CARBON_CLOCK_FILE", "")
_seen: tuple[int, int] | None = None
_offset = timedelta()


def now() -> datetime:
    """Return the present instant in UTC, as the runner set it."""
    present: datetime = _system_clock.now()
    return present + _current_offset()


def _current_offset() -> timedelta:
    global _seen, _offset  # noqa: PLW0603 - one stat per call instead of one read
    try:
        status = os.stat(_path)  # noqa: PTH116 - a Path object would cost more than the call
    except FileNotFoundError:
        return timedelta()
    version = (status.st_mtime_ns, status.st_ino)
    if version != _seen:
        with open(_path, encoding="ascii") as file:  # noqa: PTH123 - as above
            _offset = timedelta(milliseconds=int(file.read()))
        _seen = version
    return _offset
