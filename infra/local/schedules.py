"""Fires the template's schedules when they are due in their time zone, or at once when asked to.

As in the cloud: the schedule hands its event to Lambda, whose asynchronous invocation then retries
a function that fails. The schedule's own retries and dead letters are for an event that could not
be handed over; a function's failures go to its own on-failure destination, or are only logged.
"""

import json
import logging
import secrets
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.aws import ACCOUNT_ID, REGION, Clients
from infra.local.cron import parse_schedule
from infra.local.deploy import Resources
from infra.local.errors import InvocationError
from infra.local.invoker import EndpointUnavailableError, FunctionError, Invoker
from infra.local.template import ScheduleSource, logical_id

logger = logging.getLogger("local.schedules")

# A machine that slept, or a clock that was set, is noticed within this time.
WAIT_S_MAX = 30.0
# Lambda waits a minute, then two; nobody does so here.
RETRY_WAIT_S = 2.0
ASYNC_RETRIES = 2
DELIVERY_WAIT_S_MAX = 10.0
DELIVERY_RETRIES_DEFAULT = 185
STOP_TIMEOUT_S = 5.0

GROUP = "default"


class ScheduledCall:
    """One schedule and what it calls."""

    def __init__(
        self, source: ScheduleSource, clients: Clients, resources: Resources, invoker: Invoker
    ) -> None:
        self.name = source.name
        self._source = source
        self._queues = clients("sqs")
        self._resources = resources
        self._invoker = invoker

    def event(self, scheduled_at: datetime, attempt: int) -> Any:
        """Return what the function gets: the template's input, or what AWS sends without one."""
        arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT_ID}:schedule/{GROUP}/{self.name}"
        at = scheduled_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = self._source.properties["Target"].get("Input")
        if text is None:
            return {
                "version": "0",
                "id": secrets.token_hex(16),
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": ACCOUNT_ID,
                "time": at,
                "region": REGION,
                "resources": [arn],
                "detail": "{}",
            }
        for attribute, value in (
            ("schedule-arn", arn),
            ("scheduled-time", at),
            ("execution-id", secrets.token_hex(8)),
            ("attempt-number", str(attempt)),
        ):
            text = text.replace(f"<aws.scheduler.{attribute}>", value)
        return json.loads(text)

    def call(self, scheduled_at: datetime) -> Any:
        """Call the function once. Raises FunctionError or EndpointUnavailableError."""
        return self._invoker.invoke(self._source.function, self.event(scheduled_at, 1))

    def run(self, scheduled_at: datetime, stopping: threading.Event) -> None:
        """Call the function as a due schedule does, with all retries."""
        policy = self._source.properties["Target"].get("RetryPolicy", {})
        deliveries = 1 + int(policy.get("MaximumRetryAttempts", DELIVERY_RETRIES_DEFAULT))
        failures = 0
        for delivery in range(1, deliveries + 1):
            try:
                while True:
                    try:
                        self._invoker.invoke(
                            self._source.function, self.event(scheduled_at, delivery)
                        )
                    except FunctionError as error:
                        failures += 1
                        logger.error("%s failed (try %d): %s", self.name, failures, error)  # noqa: TRY400
                        if failures > ASYNC_RETRIES or stopping.wait(RETRY_WAIT_S):
                            return
                    else:
                        return
            except EndpointUnavailableError as error:
                logger.warning("%s was not delivered (try %d): %s", self.name, delivery, error)
                if stopping.wait(min(DELIVERY_WAIT_S_MAX, RETRY_WAIT_S * delivery)):
                    return
        self._bury(scheduled_at)

    def _bury(self, scheduled_at: datetime) -> None:
        dead_letters: Mapping[str, Any] = self._source.properties["Target"].get(
            "DeadLetterConfig", {}
        )
        if "Arn" in dead_letters:
            self._queues.send_message(
                QueueUrl=self._resources[logical_id(dead_letters["Arn"])].physical_id,
                MessageBody=json.dumps(self.event(scheduled_at, 1)),
            )


class Scheduler:
    """Waits for all schedules in one thread; each call has a thread of its own."""

    def __init__(
        self,
        sources: tuple[ScheduleSource, ...],
        clients: Clients,
        resources: Resources,
        invoker: Invoker,
    ) -> None:
        started_at = datetime.now(UTC)
        self._calls = {
            source.name: ScheduledCall(source, clients, resources, invoker) for source in sources
        }
        self._due = {
            source.name: parse_schedule(
                source.properties["ScheduleExpression"],
                ZoneInfo(source.properties.get("ScheduleExpressionTimezone", "UTC")),
                started_at,
            )
            for source in sources
            if source.properties.get("State", "ENABLED") == "ENABLED"
        }
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT_S)

    def names(self) -> list[str]:
        return sorted(self._calls)

    def fire(self, name: str, scheduled_at: datetime) -> Any:
        """Call a schedule's function now and return its answer.

        Raises InvocationError if it fails; nothing is retried, the caller is there to see.
        """
        try:
            return self._calls[name].call(scheduled_at)
        except (FunctionError, EndpointUnavailableError) as error:
            raise InvocationError(f"{name} failed: {error}") from error

    def _run(self) -> None:
        since = datetime.now(UTC)
        while True:
            due = {name: schedule.next_after(since) for name, schedule in self._due.items()}
            coming = [instant for instant in due.values() if instant is not None]
            wait_s = (min(coming) - datetime.now(UTC)).total_seconds() if coming else WAIT_S_MAX
            if self._stopping.wait(min(WAIT_S_MAX, max(0.0, wait_s))):
                return
            now = datetime.now(UTC)
            for name, instant in due.items():
                if instant is not None and instant <= now:
                    threading.Thread(
                        target=self._calls[name].run,
                        args=(instant, self._stopping),
                        name=name,
                        daemon=True,
                    ).start()
            since = now
