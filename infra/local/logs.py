"""The functions' log lines on the console, short and in colour, as they come."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TextIO

from rich.console import Console
from rich.text import Text

POLL_S = 0.1
LINE_CHARS_MAX = 2000
STOP_TIMEOUT_S = 2.0

LEVEL_STYLES = {
    "DEBUG": "dim",
    "INFO": "green",
    "WARNING": "yellow",
    "ERROR": "bold red",
    "CRITICAL": "bold red",
}
STATUS_STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "bold red"}
NAME_WIDTH = 20

# What Powertools adds to every line, the same each time; `exception` is shown below its line.
USUAL_KEYS = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "cold_start",
    "exception",
    "exception_name",
    "stack_trace",
    "function_arn",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "sampling_rate",
    "xray_trace_id",
}


class LogTail:
    """Follows the handlers' log file from its present end; `names` shortens function names."""

    def __init__(self, path: Path, names: Mapping[str, str], console: Console) -> None:
        self._names = names
        self._console = console
        path.touch()
        self._file: TextIO = path.open(encoding="utf-8")
        self._file.seek(0, 2)
        self._rest = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT_S)
        self._print_new()
        self._file.close()

    def _run(self) -> None:
        while not self._stopping.wait(POLL_S):
            self._print_new()

    def _print_new(self) -> None:
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        for line in lines:
            record = json.loads(line)
            name = self._names.get(record["function"], record["function"])
            for text in render(name, record):
                self._console.print(text, soft_wrap=True)


def render(name: str, record: Mapping[str, Any]) -> list[Text]:
    """Return the console lines of one invocation, as the endpoint recorded it."""
    at = datetime.fromtimestamp(record["at"], UTC).astimezone()
    lines = [
        rendered
        for line in record["lines"]
        if (rendered := _line(at, name, line[:LINE_CHARS_MAX])) is not None
    ]
    if record["error"]:
        lines.append(_text(at, name, "ERROR", f"failed after {record['duration_ms']} ms", ""))
    return lines


def access_line(method: str, path: str, status: int, seconds: float) -> Text:
    """Return the console line of one HTTP request."""
    text = _head(datetime.now(UTC).astimezone(), "http")
    text.append(f"{status} ", STATUS_STYLES.get(status // 100, ""))
    return text.append(f"{method} {path}").append(f" {seconds * 1000:.0f} ms", "dim")


def _line(at: datetime, name: str, line: str) -> Text | None:
    if not line.strip():
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return _text(at, name, "", line, "")
    if not isinstance(entry, dict):
        return _text(at, name, "", line, "")
    if "_aws" in entry:  # metrics in the embedded format, for CloudWatch and no reader
        return None
    details = " ".join(
        f"{key}={value if isinstance(value, str) else json.dumps(value)}"
        for key, value in entry.items()
        if key not in USUAL_KEYS and value is not None
    )
    message = entry.get("message", "")
    text = _text(
        at,
        name,
        str(entry.get("level", "")),
        message if isinstance(message, str) else json.dumps(message),
        details,
    )
    if entry.get("exception"):
        text.append(f"\n{entry['exception']}", "red")
    return text


def _text(at: datetime, name: str, level: str, message: str, details: str) -> Text:
    text = _head(at, name)
    if level:
        text.append(f"{level} ", LEVEL_STYLES.get(level, ""))
    return text.append(message).append(f" {details}" if details else "", "dim")


def _head(at: datetime, name: str) -> Text:
    return Text().append(f"{at:%H:%M:%S} ", "dim").append(f"{name:<{NAME_WIDTH}} ", "cyan")
