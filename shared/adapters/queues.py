"""SQS queues: sent in tens, and honest about what the queue did not take."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws import client
from shared.adapters.messages import write_event, write_order, write_postings
from shared.application.ports import AccountPostings, FulfilmentOrder, ReportedEvent

# A child of the functions' logger, so that its lines look like theirs.
logger = logging.getLogger("carbon-account.queues")

# SQS takes ten messages a call; ten of ours stay far below its size limit.
MESSAGES_PER_CALL_MAX = 10

_M = TypeVar("_M")


class EventsQueue:
    """Accepted events, one message each."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, events: Sequence[ReportedEvent]) -> frozenset[int]:
        return _send(self._url, events, write_event)


class PostingsQueue:
    """Measured events, one message per account and batch."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, batches: Sequence[AccountPostings]) -> frozenset[int]:
        return _send(self._url, batches, write_postings)


class OrdersQueue:
    """Redemptions that wait for their suppliers, one message each."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, orders: Sequence[FulfilmentOrder]) -> frozenset[int]:
        return _send(self._url, orders, write_order)


def _send(url: str, items: Sequence[_M], write: Callable[[_M], str]) -> frozenset[int]:
    """Send every item; return the positions of those that the queue did not acknowledge."""
    failed: set[int] = set()
    for start in range(0, len(items), MESSAGES_PER_CALL_MAX):
        positions = range(start, min(start + MESSAGES_PER_CALL_MAX, len(items)))
        messages = [
            {"Id": str(position), "MessageBody": write(items[position])} for position in positions
        ]
        try:
            answer = client("sqs").send_message_batch(QueueUrl=url, Entries=messages)
        except (BotoCoreError, ClientError) as error:
            # Nobody is told why: the sender only learns that it may try again.
            logger.warning("a queue took nothing", extra={"queue": url, "error": str(error)})
            failed |= set(positions)
            continue
        taken = {int(each["Id"]) for each in answer.get("Successful", ())}
        failed |= set(positions) - taken
    return frozenset(failed)
