"""CloudEvents as partners send them, and what they are told about each."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.application.receive_events import (
    EVENT_ID,
    EVENTS_PER_REQUEST_MAX,
    IncomingEvent,
    Receipt,
)
from shared.domain.errors import CarbonAccountError, InvalidRequestError, MalformedBodyError
from shared.domain.instants import parse_instant
from shared.runtime.http import WireModel
from shared.runtime.problem import problem


class CloudEventBody(BaseModel):
    """A structured CloudEvent. Attributes and data that are not asked for are dropped unread."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    specversion: Literal["1.0"]
    id: str = Field(pattern=f"^{EVENT_ID.pattern}$")
    source: str = Field(min_length=1, max_length=200)
    type: str = Field(min_length=1, max_length=100)
    time: str = Field(max_length=40)
    subject: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$")
    data: dict[str, Any]


class ResultBody(WireModel):
    """What was decided about one event, in the order they were sent."""

    event_id: str | None = None
    status: Literal["accepted", "refused"]
    problem: dict[str, Any] | None = None


class ReceiptsBody(WireModel):
    results: list[ResultBody]


def read_events(value: object) -> Sequence[IncomingEvent | Receipt]:
    """Return the events of a body; one that is malformed is a refused receipt in its place.

    Raises MalformedBodyError for what is neither an object nor an array of 1 to 100.
    """
    events: list[Any] = value if isinstance(value, list) else [value]
    if not 1 <= len(events) <= EVENTS_PER_REQUEST_MAX:
        raise MalformedBodyError(f"A batch has 1 to {EVENTS_PER_REQUEST_MAX} events.")
    if not all(isinstance(event, dict) for event in events):
        raise MalformedBodyError("An event is a JSON object.")
    return [_read_event(event) for event in events]


def result_of(receipt: Receipt) -> ResultBody:
    if receipt.problem is None:
        return ResultBody(event_id=receipt.event_id, status="accepted")
    return ResultBody(event_id=receipt.event_id, status="refused", problem=problem(receipt.problem))


def _read_event(event: dict[str, Any]) -> IncomingEvent | Receipt:
    try:
        body = CloudEventBody.model_validate(event)
        occurred_at = parse_instant(body.time)
    except ValidationError as error:
        pointers = tuple(
            ("".join(f"/{part}" for part in each["loc"]), each["msg"])
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        )
        return _refused(event, InvalidRequestError(pointers=pointers))
    except InvalidRequestError as error:
        return _refused(event, InvalidRequestError(pointers=(("/time", error.detail),)))
    return IncomingEvent(
        event_id=body.id,
        source=body.source,
        type=body.type,
        occurred_at=occurred_at,
        reference=body.subject,
        data=body.data,
    )


def _refused(event: dict[str, Any], error: CarbonAccountError) -> Receipt:
    """The id is repeated only where it could be one."""
    event_id = event.get("id")
    named = isinstance(event_id, str) and EVENT_ID.fullmatch(event_id)
    return Receipt(event_id if named else None, error)
