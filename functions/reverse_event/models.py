"""What a partner says to take a credit back, and what it is told."""

from typing import Self

from shared.domain.entry import Cause, Entry
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import format_instant
from shared.domain.reversing import ReversalReason
from shared.runtime.http import Request, WireModel


class ReversalRequestBody(WireModel):
    """Which event's credit is taken back, and why; a signature covers the body, not the path."""

    event_id: str
    reason: str


class ReversalBody(WireModel):
    """What was taken back: `reduction_mg` and `points` are below zero, or zero."""

    event_id: str
    partner: str
    outcome: str
    reason: str
    reduction_mg: int
    points: int
    reversed_at: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            event_id=entry.cause.event_id,
            partner=entry.cause.partner,
            outcome="reversed",
            reason=entry.reason,
            reduction_mg=entry.reduction_mg,
            points=entry.points,
            reversed_at=format_instant(entry.booked_at),
        )


def read_order(request: Request, partner: str) -> tuple[Cause, ReversalReason]:
    """Return the event and the reason; raise InvalidRequestError unless body and path agree."""
    wanted: ReversalRequestBody = request.read(ReversalRequestBody)
    event_id = request.path_parameters["event_id"]
    if wanted.event_id != event_id:
        pointers = (("/event_id", "is not the path's"),)
        raise InvalidRequestError("The body is of another event.", pointers=pointers)
    if wanted.reason not in {*ReversalReason}:
        pointers = (("/reason", f"is one of {', '.join(ReversalReason)}"),)
        raise InvalidRequestError("There is no such reason.", pointers=pointers)
    return Cause(partner, event_id), ReversalReason(wanted.reason)
