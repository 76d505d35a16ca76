"""Pumps a queue into its function, as Lambda's poller does.

Batches by size and window, filters, partial failures; what failed stays in flight until its
visibility timeout ends, and the queue itself moves it to the dead letters after enough receives.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from infra.local.aws import ACCOUNT_ID, REGION, Clients
from infra.local.batches import InvalidBatchResponseError, failed_items
from infra.local.deploy import Resources
from infra.local.filters import RecordFilter
from infra.local.invoker import (
    WORKERS_PER_FUNCTION_MAX,
    EndpointUnavailableError,
    FunctionError,
    Invoker,
)
from infra.local.template import EventSource

logger = logging.getLogger("local.queues")

# SQS hands out, and takes back, at most ten messages a call.
CALL_MESSAGES_MAX = 10
LONG_POLL_S = 1
# A whole batching window would only make a person wait; this is enough for one request's messages.
WINDOW_S_MAX = 0.05
# After a failed batch or an endpoint that does not answer.
PAUSE_S = 1.0
STOP_TIMEOUT_S = 35.0

Message = dict[str, Any]


class QueuePump:
    """Polls with a few threads, as many as the mapping allows and the machine bears."""

    def __init__(
        self, source: EventSource, clients: Clients, resources: Resources, invoker: Invoker
    ) -> None:
        self._source = source
        self._queues = clients("sqs")
        self._url = resources[source.source].physical_id
        self._arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{self._url.rpartition('/')[2]}"
        self._invoker = invoker
        self._filter = RecordFilter(source.properties.get("FilterCriteria"))
        self._batch_size = int(source.properties.get("BatchSize", CALL_MESSAGES_MAX))
        self._window_s = min(
            WINDOW_S_MAX, float(source.properties.get("MaximumBatchingWindowInSeconds", 0))
        )
        scaling = source.properties.get("ScalingConfig", {})
        pollers = min(WORKERS_PER_FUNCTION_MAX, int(scaling.get("MaximumConcurrency", 1000)))
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"{source.name}-{number}", daemon=True)
            for number in range(pollers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def request_stop(self) -> None:
        self._stopping.set()

    def stop(self) -> None:
        """Stop polling; batches that are being handled are finished first."""
        self.request_stop()
        for thread in self._threads:
            thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                messages = self._gather()
                if messages and not self._handle(messages):
                    self._stopping.wait(PAUSE_S)
            except Exception:  # a pump that ends would be a queue that stands still, unseen
                if not self._stopping.is_set():
                    logger.exception("%s: the queue was not read", self._source.name)
                    self._stopping.wait(PAUSE_S)

    def _gather(self) -> list[Message]:
        messages = self._receive(self._batch_size, LONG_POLL_S)
        deadline = time.monotonic() + self._window_s
        while messages and len(messages) < self._batch_size:
            more = self._receive(self._batch_size - len(messages), 0)
            messages += more
            if not more:
                if time.monotonic() >= deadline:
                    break
                time.sleep(WINDOW_S_MAX / 5)
        return messages

    def _receive(self, count: int, wait_s: int) -> list[Message]:
        answer = self._queues.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(count, CALL_MESSAGES_MAX),
            WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def _handle(self, messages: Sequence[Message]) -> bool:
        """Invoke the function with the batch; return False if all of it failed."""
        records = [self._record(message) for message in messages]
        wanted = [record for record in records if self._filter.passes(_for_filter(record))]
        failed: set[str] = set()
        if wanted:
            identifiers = [record["messageId"] for record in wanted]
            try:
                answer = self._invoker.invoke(self._source.function, {"Records": wanted})
                failed = failed_items(
                    answer, identifiers, self._source.properties.get("FunctionResponseTypes", [])
                )
            except (FunctionError, EndpointUnavailableError, InvalidBatchResponseError) as error:
                logger.warning(
                    "%s: a batch of %d failed: %s", self._source.name, len(wanted), error
                )
                failed = set(identifiers)
        self._delete([record for record in records if record["messageId"] not in failed])
        return len(failed) < len(records)

    def _delete(self, records: Sequence[Message]) -> None:
        for start in range(0, len(records), CALL_MESSAGES_MAX):
            self._queues.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": record["receiptHandle"]}
                    for index, record in enumerate(records[start : start + CALL_MESSAGES_MAX])
                ],
            )

    def _record(self, message: Message) -> Message:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {f"{key[0].lower()}{key[1:]}": value for key, value in attribute.items()}
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }


def _for_filter(record: Message) -> Message:
    """Patterns look into a body that is JSON."""
    try:
        return record | {"body": json.loads(record["body"])}
    except ValueError:
        return record
