"""Partial batches: what could be read, what could not, and what to report.

Powertools' processor works record by record; these functions work by account and by shard, so they
only need the reading and the report.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

_T = TypeVar("_T")


def read_batch(
    event: Mapping[str, Any], read: Callable[[str], _T]
) -> tuple[dict[str, _T], frozenset[str]]:
    """Return a queue's messages by id, and the ids of those that cannot be read: poison."""
    messages: dict[str, _T] = {}
    poison: set[str] = set()
    for record in event.get("Records", ()):
        try:
            messages[record["messageId"]] = read(record["body"])
        except ValueError:
            poison.add(record["messageId"])
    return messages, frozenset(poison)


def failures(message_ids: Iterable[str]) -> dict[str, Any]:
    """Return the report that makes the queue deliver exactly these messages again."""
    return {"batchItemFailures": [{"itemIdentifier": each} for each in sorted(message_ids)]}


def read_stream(
    event: Mapping[str, Any], read: Callable[[Mapping[str, Any]], _T]
) -> tuple[Sequence[_T], int | None]:
    """Return the records before the first unreadable one, and its position (None: all read)."""
    values: list[_T] = []
    for position, record in enumerate(event.get("Records", ())):
        try:
            values.append(read(record))
        except ValueError:
            return values, position
    return values, None


def stream_failure(event: Mapping[str, Any], position: int | None) -> dict[str, Any]:
    """Return the report that makes a stream go on from a position; with None it is done.

    The event source has a window only so that events name their shard: its state stays empty.
    """
    report: dict[str, Any] = {"batchItemFailures": [], "state": {}}
    records = event.get("Records", ())
    if position is not None and records:
        sequence = records[position]["dynamodb"]["SequenceNumber"]
        report["batchItemFailures"] = [{"itemIdentifier": sequence}]
    return report
