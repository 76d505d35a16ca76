"""How far each stream was read, kept so that a restart goes on from there."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.files import read_json, write_json


@dataclass(frozen=True, slots=True)
class Position:
    """The last record of a shard that was dealt with; `closed` once nothing can follow it."""

    after: str | None = None
    closed: bool = False


class Positions:
    """Positions by mapping, stream and shard. A stream that was made anew starts anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._content: dict[str, Any] = read_json(path) or {}

    def get(self, mapping: str, stream_arn: str, shard_id: str) -> Position | None:
        """Return the shard's position, None if it was never read."""
        with self._lock:
            entry = self._content.get(mapping, {})
            if entry.get("stream") != stream_arn or shard_id not in entry["shards"]:
                return None
            return Position(**entry["shards"][shard_id])

    def put(self, mapping: str, stream_arn: str, shard_id: str, position: Position) -> None:
        with self._lock:
            entry = self._content.get(mapping)
            if entry is None or entry["stream"] != stream_arn:
                entry = self._content[mapping] = {"stream": stream_arn, "shards": {}}
            entry["shards"][shard_id] = {"after": position.after, "closed": position.closed}
            write_json(self._path, self._content)

    def forget_shards(self, mapping: str, existing: set[str]) -> None:
        """Drop the shards that the stream no longer has."""
        with self._lock:
            shards = self._content.get(mapping, {}).get("shards", {})
            for shard_id in set(shards) - existing:
                del shards[shard_id]
