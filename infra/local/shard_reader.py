"""Reads one shard in order into its function: retries, bisection, partial failures, windows.

As Lambda does it, with shorter waits: a record that fails holds up those behind it until its
retries are used up; then it goes to the on-failure destination and the shard goes on.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from infra.local.batches import InvalidBatchResponseError, failed_items
from infra.local.filters import RecordFilter
from infra.local.invoker import EndpointUnavailableError, FunctionError
from infra.local.positions import Position
from infra.local.stream_client import (
    Page,
    PlaceLostError,
    Record,
    Shard,
    StreamClient,
    sequence_number,
)
from infra.local.windows import Window, window_start

logger = logging.getLogger("local.streams")

DEFAULT_BATCH_SIZE = 100
# A whole batching window would only make a person wait; this much gathers one commit's records.
GATHER_S_MAX = 0.05
BACKOFF_S = 0.2
BACKOFF_S_MAX = 10.0
# A window is over when nothing can come that belongs to it.
WINDOW_GRACE_S = 1.0

Json = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """Records that are handled together; `upto` is where the shard stands after them."""

    records: list[Record]
    upto: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A batch that is given up, with why."""

    records: Sequence[Record]
    condition: str
    attempts: int
    error: str


class ShardReader:
    """One shard of one mapping.

    `invoke` calls its function, `give_up` takes what failed for good, `save` keeps its position.
    """

    def __init__(
        self,
        shard: Shard,
        client: StreamClient,
        properties: Json,
        *,
        invoke: Callable[[Json], Any],
        give_up: Callable[[Exhausted], None],
        position: Position | None,
        save: Callable[[Position], None],
    ) -> None:
        self.shard = shard
        self._client = client
        self._invoke, self._give_up, self._save = invoke, give_up, save
        self._position = position
        self._filter = RecordFilter(properties.get("FilterCriteria"))
        self._start = properties["StartingPosition"]
        self._batch_size = int(properties.get("BatchSize", DEFAULT_BATCH_SIZE))
        gather_s = float(properties.get("MaximumBatchingWindowInSeconds", 0))
        self._gather_s = min(GATHER_S_MAX, gather_s)
        self._window_s = int(properties.get("TumblingWindowInSeconds", 0))
        self._bisects = bool(properties.get("BisectBatchOnFunctionError", False))
        self._retries_max = int(properties.get("MaximumRetryAttempts", -1))
        self._age_s_max = int(properties.get("MaximumRecordAgeInSeconds", -1))
        self._response_types = properties.get("FunctionResponseTypes", [])
        self._iterator: str | None = None
        self._pending: deque[Batch] = deque()
        self._window: Window | None = None
        self._window_failures = 0
        self._not_before = 0.0

    @property
    def is_closed(self) -> bool:
        return self._position is not None and self._position.closed

    def step(self) -> bool:
        """Do the next thing, if it is time for one; return whether there was anything."""
        if self.is_closed or time.monotonic() < self._not_before:
            return False
        if not self._pending and not self._fetch():
            return self._close_window_if_over()
        if self._pending:
            self._handle(self._pending[0])
        return True

    # ------------------------------------------------------------------------------- Reading

    def _fetch(self) -> bool:
        page = self._read()
        records = page.records
        if records and self._gather_s and len(records) < self._batch_size and page.next_iterator:
            time.sleep(self._gather_s)
            records += self._read(self._batch_size - len(records)).records
        if records:
            self._queue(records)
        elif page.next_iterator is None:
            after = None if self._position is None else self._position.after
            self._move_to(Position(after, closed=True))
        return bool(records)

    def _read(self, limit: int | None = None) -> Page:
        try:
            if self._iterator is None:
                self._iterator = self._open()
            page = self._client.read(self._iterator, limit or self._batch_size)
        except PlaceLostError:  # iterators last for minutes only
            self._iterator = self._open()
            page = self._client.read(self._iterator, limit or self._batch_size)
        if page.next_iterator is not None:
            self._iterator = page.next_iterator
        return page

    def _open(self) -> str:
        try:
            return self._client.iterator(self.shard.shard_id, self._position, self._start)
        except PlaceLostError:
            # At least once: what is still there is read again from its beginning.
            return self._client.iterator(self.shard.shard_id, None, "TRIM_HORIZON")

    def _queue(self, records: list[Record]) -> None:
        last = sequence_number(records[-1])
        wanted = [record for record in records if self._filter.passes(record)]
        if not wanted:
            self._move_to(Position(last))
            return
        batches = [Batch(group, sequence_number(group[-1])) for group in self._by_window(wanted)]
        batches[-1].upto = last
        self._pending.extend(batches)

    def _by_window(self, records: list[Record]) -> list[list[Record]]:
        if not self._window_s:
            return [records]
        return [list(group) for _, group in groupby(records, key=self._window_start)]

    def _window_start(self, record: Record) -> int:
        return window_start(_created_at(record), self._window_s)

    # ------------------------------------------------------------------------------ Handling

    def _handle(self, batch: Batch) -> None:
        if not self._enter_window(batch):
            return
        event: Json = {"Records": batch.records}
        if self._window is not None:
            event |= self._window.fields(self.shard.shard_id, self._client.arn, final=False)
        try:
            answer = self._answer(event)
            failed = failed_items(
                answer, [sequence_number(record) for record in batch.records], self._response_types
            )
        except EndpointUnavailableError as error:
            logger.warning("%s is waiting: %s", self.shard.shard_id, error)
            self._wait(0)
            return
        except (FunctionError, InvalidBatchResponseError) as error:
            self._retry(batch, 0, str(error))
            return
        if self._window is not None:
            self._window.state = answer["state"]
            self._window.invoked = True
        if not failed:
            self._pending.popleft()
            self._move_to(Position(batch.upto))
            return
        first = next(
            index for index, record in enumerate(batch.records) if sequence_number(record) in failed
        )
        self._retry(batch, first, "reported in batchItemFailures")

    def _answer(self, event: Json) -> Any:
        answer = self._invoke(event)
        if self._window is not None and not (isinstance(answer, dict) and "state" in answer):
            raise InvalidBatchResponseError("the answer of a windowed invocation has no `state`")
        return answer

    def _retry(self, batch: Batch, first_failed: int, error: str) -> None:
        """Keep what succeeded, and put the rest up for another try, or give it up."""
        if first_failed:
            self._move_to(Position(sequence_number(batch.records[first_failed - 1])))
            self._pending[0] = Batch(batch.records[first_failed:], batch.upto)
            self._wait(0)
            return
        if self._is_too_old(batch):
            self._abandon(batch, "RecordAgeExceeded", error)
            return
        if self._bisects and len(batch.records) > 1:
            # Splitting does not count as a retry.
            self._pending.popleft()
            middle = len(batch.records) // 2
            head, tail = batch.records[:middle], batch.records[middle:]
            self._pending.appendleft(Batch(tail, batch.upto))
            self._pending.appendleft(Batch(head, sequence_number(head[-1])))
            self._wait(0)
            return
        batch.attempts += 1
        if 0 <= self._retries_max < batch.attempts:
            self._abandon(batch, "RetryAttemptsExhausted", error)
            return
        logger.warning(
            "%s: %d records failed (%s), try %d",
            self.shard.shard_id,
            len(batch.records),
            error,
            batch.attempts,
        )
        self._wait(batch.attempts)

    def _is_too_old(self, batch: Batch) -> bool:
        return 0 <= self._age_s_max < time.time() - _created_at(batch.records[0])

    def _abandon(self, batch: Batch, condition: str, error: str) -> None:
        self._give_up(Exhausted(batch.records, condition, batch.attempts, error))
        self._pending.popleft()
        self._move_to(Position(batch.upto))

    def _move_to(self, position: Position) -> None:
        self._position = position
        self._save(position)

    def _wait(self, attempts: int) -> None:
        self._not_before = time.monotonic() + min(BACKOFF_S_MAX, BACKOFF_S * 2**attempts)

    # ------------------------------------------------------------------------------- Windows

    def _enter_window(self, batch: Batch) -> bool:
        """Open the batch's window; return False while the one before it cannot be closed."""
        if not self._window_s:
            return True
        start_s = self._window_start(batch.records[0])
        if (
            self._window is not None
            and self._window.start_s != start_s
            and not self._close_window()
        ):
            return False
        if self._window is None:
            self._window = Window(start_s, self._window_s)
        return True

    def _close_window_if_over(self) -> bool:
        if self._window is None or time.time() < self._window.end_s + WINDOW_GRACE_S:
            return False
        return self._close_window()

    def _close_window(self) -> bool:
        """Have the function conclude the window; nothing goes on until it does."""
        window = self._window
        if window is not None and window.invoked:
            event = {"Records": []} | window.fields(
                self.shard.shard_id, self._client.arn, final=True
            )
            try:
                self._answer(event)
            except (FunctionError, EndpointUnavailableError, InvalidBatchResponseError) as error:
                logger.warning("%s: a window's last call failed: %s", self.shard.shard_id, error)
                self._window_failures += 1
                self._wait(self._window_failures)
                return False
        self._window, self._window_failures = None, 0
        return True


def _created_at(record: Record) -> int:
    return int(record["dynamodb"]["ApproximateCreationDateTime"])
