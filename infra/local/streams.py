"""Pumps a table's stream into its function: one thread per mapping, shard after shard."""

import json
import logging
import threading
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from infra.local.aws import ACCOUNT_ID, REGION, Clients
from infra.local.deploy import Resources
from infra.local.errors import DeployError
from infra.local.invoker import Invoker
from infra.local.positions import Position, Positions
from infra.local.shard_reader import Exhausted, ShardReader
from infra.local.stream_client import PlaceLostError, StreamClient, sequence_number
from infra.local.template import EventSource, logical_id

logger = logging.getLogger("local.streams")

SHARDS_REFRESH_S = 5.0
POLL_S = 0.1
# When nothing has come for a while.
IDLE_AFTER_S = 20.0
IDLE_POLL_S = 0.5
PAUSE_S = 1.0
STOP_TIMEOUT_S = 65.0


class StreamPump:
    """One event source mapping of a stream."""

    def __init__(
        self,
        source: EventSource,
        clients: Clients,
        resources: Resources,
        invoker: Invoker,
        positions: Positions,
    ) -> None:
        if int(source.properties.get("ParallelizationFactor", 1)) != 1:
            raise DeployError(f"{source.name}: streams run locally with ParallelizationFactor 1.")
        self._source = source
        self._function = resources[source.function].physical_id
        self._client = StreamClient(clients, resources[source.source].physical_id)
        self._queues = clients("sqs")
        self._on_failure_url = _on_failure_url(source, resources)
        self._invoker = invoker
        self._positions = positions
        self._readers: dict[str, ShardReader] = {}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=source.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def stop(self) -> None:
        """Stop reading; the batch that is being handled is finished first."""
        self.request_stop()
        self._thread.join(STOP_TIMEOUT_S)

    def nudge(self) -> None:
        """Look at the stream now: somebody is waiting for it."""
        self._wake.set()

    def _run(self) -> None:
        refreshed_at, busy_at = float("-inf"), time.monotonic()
        while not self._stopping.is_set():
            try:
                if time.monotonic() - refreshed_at > SHARDS_REFRESH_S:
                    self._refresh()
                    refreshed_at = time.monotonic()
                if self._step():
                    busy_at = time.monotonic()
                    continue
            except Exception:  # a pump that ends would be a stream that stands still, unseen
                if not self._stopping.is_set():
                    logger.exception("%s: the stream was not read", self._source.name)
                    self._stopping.wait(PAUSE_S)
            idle = time.monotonic() - busy_at > IDLE_AFTER_S
            if self._wake.wait(IDLE_POLL_S if idle else POLL_S):
                self._wake.clear()
                busy_at = time.monotonic()

    def _step(self) -> bool:
        # A child is read when its parent is done, so that an item's changes stay in order.
        open_ids = {name for name, reader in self._readers.items() if not reader.is_closed}
        done = [
            reader.step()
            for reader in self._readers.values()
            if reader.shard.parent_id not in open_ids
        ]
        return any(done)

    def _refresh(self) -> None:
        shards = {shard.shard_id: shard for shard in self._client.shards()}
        self._positions.forget_shards(self._source.name, set(shards))
        for shard_id in set(self._readers) - set(shards):
            del self._readers[shard_id]
        for shard_id, shard in shards.items():
            if shard_id not in self._readers:
                self._readers[shard_id] = ShardReader(
                    shard,
                    self._client,
                    self._source.properties,
                    invoke=partial(self._invoker.invoke, self._source.function),
                    give_up=partial(self._give_up, shard_id),
                    position=self._positions.get(self._source.name, self._client.arn, shard_id),
                    save=partial(self._save, shard_id),
                )

    def _save(self, shard_id: str, position: Position) -> None:
        self._positions.put(self._source.name, self._client.arn, shard_id, position)

    def _give_up(self, shard_id: str, exhausted: Exhausted) -> None:
        logger.error(
            "%s gives up %d records of %s (%s): %s",
            self._source.name,
            len(exhausted.records),
            shard_id,
            exhausted.condition,
            exhausted.error,
        )
        if self._on_failure_url is not None:
            self._queues.send_message(
                QueueUrl=self._on_failure_url,
                MessageBody=json.dumps(self._failure(shard_id, exhausted)),
            )

    def _failure(self, shard_id: str, exhausted: Exhausted) -> dict[str, Any]:
        """Return the message for the on-failure queue: where the records are, not what they are."""
        first, last = exhausted.records[0], exhausted.records[-1]
        return {
            "requestContext": {
                "requestId": "",
                "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self._function}",
                "condition": exhausted.condition,
                "approximateInvokeCount": exhausted.attempts,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "DDBStreamBatchInfo": {
                "shardId": shard_id,
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": _arrival(first),
                "approximateArrivalOfLastRecord": _arrival(last),
                "batchSize": len(exhausted.records),
                "streamArn": self._client.arn,
            },
        }


def stream_is_read(source: EventSource, client: StreamClient, positions: Positions) -> bool:
    """Whether nothing is in the stream that its mapping has not dealt with."""
    start = source.properties["StartingPosition"]
    for shard in client.shards():
        position = positions.get(source.name, client.arn, shard.shard_id)
        if position is not None and position.closed:
            continue
        try:
            iterator = client.iterator(shard.shard_id, position, start)
        except PlaceLostError:
            iterator = client.iterator(shard.shard_id, None, "TRIM_HORIZON")
        if client.read(iterator, 1).records:
            return False
    return True


def _on_failure_url(source: EventSource, resources: Resources) -> str | None:
    destination = (
        source.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    )
    if destination is None:
        return None
    queue = resources[logical_id(destination)]
    if queue.kind != "AWS::SQS::Queue":
        raise DeployError(f"{source.name}: only queues take failed records locally.")
    return queue.physical_id


def _arrival(record: dict[str, Any]) -> str:
    return datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC).isoformat(
        timespec="milliseconds"
    )
