"""What can be done with a stack that runs, from within its process or from another shell."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from infra.local.aws import Clients
from infra.local.clock import StackClock
from infra.local.deploy import Resources
from infra.local.errors import DrainTimeoutError, InvocationError, LocalError
from infra.local.http_client import Answer, call
from infra.local.invoker import EndpointUnavailableError, FunctionError, Invoker
from infra.local.issuer import TOKEN_LIFETIME_S, Issuer
from infra.local.partner import Event, Partner
from infra.local.places import StateDir
from infra.local.positions import Positions
from infra.local.processes import HOST
from infra.local.routes import RouteTable
from infra.local.schedules import ScheduledCall
from infra.local.stream_client import StreamClient
from infra.local.streams import stream_is_read
from infra.local.template import EventSource, Template

DRAIN_POLL_S = 0.05
QUEUE_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class EventResult:
    """What the door said to one event: `accepted`, or why not."""

    event_id: str
    status: str
    detail: Mapping[str, Any]


class RunningStack:
    """A stack by its ports, its state directory and its template."""

    def __init__(
        self,
        *,
        http_port: int,
        clients: Clients,
        state: StateDir,
        template: Template,
        resources: Resources,
    ) -> None:
        self.base_url = f"http://{HOST}:{http_port}"
        self.clients = clients
        self.issuer = Issuer(state.issuer)
        self.parameters = template.parameters
        self._clock = StackClock(state.clock)
        self._state = state
        self._template = template
        self._resources = resources
        self._invoker = Invoker(clients, resources)
        self._streams: dict[str, StreamClient] = {}

    # ------------------------------------------------------------------------------- Looking

    @property
    def outputs(self) -> dict[str, str]:
        """The physical id of each resource by its logical id: a table's name, a queue's URL ..."""
        return {name: resource.physical_id for name, resource in self._resources.items()}

    @property
    def scopes(self) -> list[str]:
        """All scopes that any route asks for."""
        if self._template.api is None:
            return []
        routes = RouteTable(self._template.api.body).routes
        return sorted({scope for route in routes for scope in route.scopes})

    def now(self) -> datetime:
        """Return what the functions take for the present."""
        return self._clock.now()

    def set_clock(self, instant: datetime | None) -> None:
        """Set the functions' clock; it goes on from there. None: the machine's time again."""
        self._clock.set(instant)

    # -------------------------------------------------------------------------------- Acting

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request to the API; `body` is JSON, or bytes as they are."""
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        return call(self.base_url, method, path, headers=sent, body=body)

    def token(
        self,
        subject: str,
        *,
        scopes: Iterable[str] | None = None,
        lifetime_s: int = TOKEN_LIFETIME_S,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """Return an access token of the local issuer, with all scopes unless some are named."""
        return self.issuer.mint(
            subject,
            scopes=self.scopes if scopes is None else scopes,
            audience=self.parameters["TokenAudience"],
            lifetime_s=lifetime_s,
            claims=claims,
        )

    def partner(self, name: str) -> Partner:
        """Return the partner with its newest key, from the stack's secrets."""
        secret_id = f"{self.parameters['PartnerSecretPrefix']}{name}"
        try:
            value = self.clients("secretsmanager").get_secret_value(SecretId=secret_id)
        except ClientError as error:
            raise LocalError(f"The stack has no signing keys of a partner {name}.") from error
        return Partner(name, json.loads(value["SecretString"])["keys"][0])

    def link_token(self, partner: str, reference: str) -> str:
        return self.partner(partner).link_token(reference, self.now())

    def send_events(self, partner: str, events: Sequence[Event]) -> list[EventResult]:
        """Report events as the partner does and return what became of each at the door."""
        sender = self.partner(partner)
        path = f"/v1/partners/{quote(partner, safe='')}/events"
        results: list[EventResult] = []
        for request in sender.requests(events, self.now()):
            answer = self.request("POST", path, headers=request.headers, body=request.body)
            results += _results(request.events, answer)
        return results

    def outcome(self, partner: str, event_id: str) -> Answer:
        """Ask as the partner what became of an event."""
        headers = self.partner(partner).outcome_headers(event_id, self.now())
        path = f"/v1/partners/{quote(partner, safe='')}/events/{quote(event_id, safe='')}"
        return self.request("GET", path, headers=headers)

    def invoke(self, function: str, event: Any = None) -> Any:
        """Call a function by its logical id or its folder's name, and return its answer.

        Raises InvocationError.
        """
        try:
            return self._invoker.invoke(self._function(function), event or {})
        except (FunctionError, EndpointUnavailableError) as error:
            raise InvocationError(f"{function} failed: {error}") from error

    def fire(self, schedule: str) -> Any:
        """Call a schedule's function now, as if it were due, and return its answer.

        `schedule` is its logical id, or the folder of its function if that has only one.
        """
        matching = [
            source
            for source in self._template.schedules
            if schedule in {source.name, self.function_names[source.function]}
        ]
        if len(matching) != 1:
            names = ", ".join(source.name for source in self._template.schedules)
            raise LocalError(f"There is no schedule {schedule}; there are: {names}.")
        call = ScheduledCall(matching[0], self.clients, self._resources, self._invoker)
        try:
            return call.call(datetime.now(UTC))
        except (FunctionError, EndpointUnavailableError) as error:
            raise InvocationError(f"{matching[0].name} failed: {error}") from error

    # ------------------------------------------------------------------------------- Waiting

    def drain(self, timeout_s: float = 60.0) -> None:
        """Wait until nothing that was accepted is still on its way.

        That is: no message in a queue that feeds a function, none being handled, and every stream
        record dealt with. Raises DrainTimeoutError, naming what is still busy.
        """
        deadline = time.monotonic() + timeout_s
        while busy := self._busy():
            if time.monotonic() > deadline:
                raise DrainTimeoutError(f"Not idle after {timeout_s:.0f} s: {busy}.")
            self._nudge()
            time.sleep(DRAIN_POLL_S)

    def _busy(self) -> str | None:
        queues = [source for source in self._template.event_sources if source.kind == "queue"]
        # A message on its way from one queue to the next may be missed in both by one look; as many
        # looks as there are queues see it.
        for _ in queues:
            for source in queues:
                counts = self._queue_counts(source)
                if any(counts):
                    return (
                        f"{source.source} has {counts[0] + counts[2]} messages waiting "
                        f"and {counts[1]} being handled or waiting for their next try"
                    )
        # Functions write before their messages are deleted, so what the streams show now is all.
        positions = Positions(self._state.positions)
        for source in self._template.event_sources:
            if source.kind == "stream" and not stream_is_read(
                source, self._stream(source), positions
            ):
                return f"the stream of {source.source} has records that {source.function} has not"
        return None

    def _queue_counts(self, source: EventSource) -> list[int]:
        attributes = self.clients("sqs").get_queue_attributes(
            QueueUrl=self._resources[source.source].physical_id, AttributeNames=list(QUEUE_COUNTS)
        )["Attributes"]
        return [int(attributes[name]) for name in QUEUE_COUNTS]

    def _stream(self, source: EventSource) -> StreamClient:
        if source.source not in self._streams:
            table = self._resources[source.source].physical_id
            self._streams[source.source] = StreamClient(self.clients, table)
        return self._streams[source.source]

    def _nudge(self) -> None:
        """Have the pumps look at once, where they are ours."""

    # --------------------------------------------------------------------------------- Names

    @property
    def function_names(self) -> dict[str, str]:
        """The folder's name of each function by its logical id."""
        return {
            name: handler.split(".")[1] if handler.startswith("functions.") else name
            for name, handler in self._template.function_handlers().items()
        }

    def _function(self, name: str) -> str:
        for logical_id, folder in self.function_names.items():
            if name in {logical_id, folder}:
                return logical_id
        raise LocalError(f"There is no function {name}.")


def _results(events: Sequence[Event], answer: Answer) -> list[EventResult]:
    try:
        content = answer.json()
    except ValueError:
        content = {"title": answer.body.decode(errors="replace")}
    if answer.status in {202, 207} and isinstance(content, dict):
        return [
            EventResult(str(result["event_id"]), str(result["status"]), result)
            for result in content["results"]
        ]
    # The request was refused as a whole.
    return [
        EventResult(str(event.get("id", "")), f"refused ({answer.status})", content)
        for event in events
    ]
