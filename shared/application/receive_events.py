"""Take a partner's events: check each, keep what was asked for, and acknowledge what is queued."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.application.ports import EventQueue, Pseudonyms, ReportedEvent
from shared.domain.canonical import Json, canonical_json
from shared.domain.catalogue import Catalogue
from shared.domain.dispute import is_claim_id
from shared.domain.entry import Behaviour, Cause
from shared.domain.errors import (
    BusyError,
    CarbonAccountError,
    EventConflictError,
    InvalidRequestError,
    SignatureRefusedError,
)
from shared.domain.instants import format_instant
from shared.domain.methodology import Methodology
from shared.domain.partner import Partner

EVENTS_PER_REQUEST_MAX = 100
# The field of an event's data that names the event which it completes.
COMPLETES = "completes"
# No separator of our keys, nothing that a path would have to escape.
EVENT_ID = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A CloudEvent whose attributes are well formed; `data` is not checked yet."""

    event_id: str
    source: str
    type: str
    occurred_at: datetime
    reference: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was decided about one event at the door: accepted unless there is a problem."""

    event_id: str | None
    problem: CarbonAccountError | None = None


def receive_events(
    catalogue: Catalogue,
    pseudonyms: Pseudonyms,
    queue: EventQueue,
    *,
    partner: Partner,
    events: Sequence[IncomingEvent | Receipt],
    now: datetime,
) -> tuple[Receipt, ...]:
    """Return one receipt per event, in order; what is accepted is in the queue.

    A Receipt among `events` is one that was refused before and keeps its place. Raises
    SignatureRefusedError when an event names a source that is not this partner's.
    """
    receipts: list[Receipt | None] = [None] * len(events)
    accepted: dict[int, ReportedEvent] = {}
    digests: dict[str, str] = {}
    for position, event in enumerate(events):
        if isinstance(event, Receipt):
            receipts[position] = event
            continue
        if event.source != partner.source:
            raise SignatureRefusedError
        try:
            reported = _report(catalogue, pseudonyms, partner, event, now)
            if digests.setdefault(event.event_id, reported.payload_digest) != (
                reported.payload_digest
            ):
                raise EventConflictError
        except CarbonAccountError as problem:
            receipts[position] = Receipt(event.event_id, problem)
        else:
            accepted[position] = reported
    positions = list(accepted)
    failed = queue.send([accepted[position] for position in positions])
    for index, position in enumerate(positions):
        not_durable = BusyError() if index in failed else None
        receipts[position] = Receipt(accepted[position].cause.event_id, not_durable)
    return tuple(receipt for receipt in receipts if receipt is not None)


def _report(
    catalogue: Catalogue,
    pseudonyms: Pseudonyms,
    partner: Partner,
    event: IncomingEvent,
    now: datetime,
) -> ReportedEvent:
    """Return the event reduced to what its methodology asks for; raise what refuses it."""
    if is_claim_id(event.event_id):
        raise InvalidRequestError(pointers=(("/id", "is reserved for what users claim"),))
    scenario = partner.scenario_of(event.type)
    partner.check_acceptance(event.occurred_at, now)
    methodology = catalogue.in_force(scenario, event.occurred_at)
    inputs = methodology.read_inputs(event.data)
    completes = _completes(partner, event, methodology, inputs)
    payload: dict[str, Json] = {
        "event_id": event.event_id,
        "inputs": {name: str(value.normalize()) for name, value in inputs.items()},
        "occurred_at": format_instant(event.occurred_at),
        "reference": event.reference,
        "scenario": scenario,
        "source": event.source,
    }
    if completes is not None:
        payload[COMPLETES] = completes.event_id
    return ReportedEvent(
        cause=Cause(partner.partner, event.event_id),
        reference_hash=pseudonyms.reference(partner.partner, event.reference),
        behaviour=Behaviour(scenario, event.occurred_at, inputs),
        payload_digest=pseudonyms.payload(canonical_json(payload)),
        received_at=now,
        completes=completes,
    )


def _completes(
    partner: Partner,
    event: IncomingEvent,
    methodology: Methodology,
    inputs: Mapping[str, Decimal],
) -> Cause | None:
    """Return the event that this one completes; it must bring all that can be missing."""
    completed = event.data.get(COMPLETES)
    if completed is None:
        return None
    problems = [
        (f"/data/{each.name}", "is required of an event that completes another")
        for each in methodology.inputs
        if each.name not in inputs
    ]
    if (
        not isinstance(completed, str)
        or EVENT_ID.fullmatch(completed) is None
        or completed == event.event_id
    ):
        problems.append((f"/data/{COMPLETES}", "must be the id of an earlier event"))
    if problems or not isinstance(completed, str):
        raise InvalidRequestError("The event completes nothing.", pointers=(*problems,))
    return Cause(partner.partner, completed)
