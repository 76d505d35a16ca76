"""Queued messages that survive a kill: every message that comes or goes is a line in a file.

MiniStack saves its queues when it stops, not before, so a killed endpoint would lose events that
were acknowledged. A line is written before the caller has its answer; the operating system keeps it
when the process dies (a power cut is another matter). How often a message was received is not kept:
after a kill it is counted anew.
"""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from infra.local.emulator import ministack

logger = logging.getLogger("queue_journal")

# The file is written anew from what is queued when it has grown to this.
JOURNAL_BYTES_MAX = 64 * 1024 * 1024

Message = dict[str, Any]


class Journal:
    """The file, and what it says is queued: message ids by queue name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._written: dict[str, set[str]] = {}

    def read(self) -> dict[str, dict[str, Message]]:
        """Return the queued messages by queue name and id, oldest first."""
        queued: dict[str, dict[str, Message]] = {}
        try:
            with self._path.open(encoding="utf-8") as file:
                for line in _whole_lines(file):
                    queue, came, gone = json.loads(line)
                    messages = queued.setdefault(queue, {})
                    messages.update((message["id"], message) for message in came)
                    for message_id in gone:
                        messages.pop(message_id, None)
        except FileNotFoundError:
            pass
        return queued

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def restart(self, queues: dict[str, list[Message]]) -> None:
        """Write the file anew from what is queued now."""
        self.close()
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            for name, messages in queues.items():
                file.write(json.dumps([name, messages, []]) + "\n")
        fresh.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8", buffering=1)
        self._written = {
            name: {message["id"] for message in messages} for name, messages in queues.items()
        }

    def record(self, queues: dict[str, list[Message]]) -> None:
        """Write what came and went since the last call."""
        for name, messages in queues.items():
            now = {message["id"]: message for message in messages}
            before = self._written.get(name, set())
            if now.keys() == before:
                continue
            came = [message for message_id, message in now.items() if message_id not in before]
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8", buffering=1)
            self._file.write(json.dumps([name, came, sorted(before - now.keys())]) + "\n")
            self._written[name] = set(now)
        if self._file is not None and self._file.tell() > JOURNAL_BYTES_MAX:
            self.restart(queues)


def _whole_lines(file: TextIO) -> Iterator[str]:
    for line in file:
        if line.endswith("\n"):  # the last one may have been cut short, before it was answered
            yield line


def install(path: Path) -> None:
    queues = ministack("services.sqs")
    journal = Journal(path)
    dispatch, restore_state = queues._dispatch, queues._restore_state  # noqa: SLF001

    def messages() -> dict[str, list[Message]]:
        return {queue["name"]: queue["messages"] for queue in queues._queues.all_values()}  # noqa: SLF001

    async def dispatch_and_record(action: str, data: Any, queue_url: str) -> Any:
        try:
            return await dispatch(action, data, queue_url)
        finally:
            journal.record(messages())

    def restore_state_and_messages(state: Any) -> None:
        restore_state(state)
        by_name = {queue["name"]: queue for queue in queues._queues.all_values()}  # noqa: SLF001
        for name, queued in journal.read().items():
            if name not in by_name:
                logger.warning("%d messages of the former queue %s are gone", len(queued), name)
                continue
            for message in queued.values():
                # Whoever had received it is dead.
                message["visible_at"] = min(message["visible_at"], time.time())
                message["receipt_handle"] = None
            by_name[name]["messages"] = list(queued.values())
        journal.restart(messages())

    queues._dispatch = dispatch_and_record  # noqa: SLF001
    queues._restore_state = restore_state_and_messages  # noqa: SLF001
