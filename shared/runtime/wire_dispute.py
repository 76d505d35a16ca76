"""How disputes are asked for and answered."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema

from shared.application.get_entry import entry_id
from shared.domain.dispute import Dispute, DisputeKind
from shared.domain.entry import Cause
from shared.domain.instants import format_instant
from shared.runtime.http import QueryModel, WireModel

INPUTS_MAX = 20

# Numbers; each is read as its methodology says.
Inputs = dict[str, Annotated[Any, WithJsonSchema({"type": "number"})]]


class DisputesQuery(QueryModel):
    """How many a page, and where it begins."""

    limit: int = Field(default=20, ge=1, le=50)
    cursor: str | None = None


class OpenedDisputeBody(WireModel):
    """A dispute as it was opened. `inputs` are decimal texts, as the caller claims them.

    `entry_id` is the disputed event's own entry; of a missing one, it is of what may be booked.
    """

    dispute_id: str
    kind: str
    scenario: str
    partner: str
    entry_id: str
    occurred_at: str
    inputs: dict[str, str]
    opened_at: str
    deadline: str

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(**_opened(dispute))


class DisputeBody(OpenedDisputeBody):
    """A dispute as it stands. `entries` are the ids of what its end has booked.

    `reason` says why the partner declined, or why nothing was booked though nobody did.
    """

    state: str
    reason: str | None = None
    ended_at: str | None = None
    entries: list[str]

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(
            **_opened(dispute),
            state=dispute.state.value,
            reason=dispute.reason or None,
            ended_at=format_instant(dispute.ended_at) if dispute.ended_at else None,
            entries=[entry_id(Cause.parse(key)) for key in dispute.lines],
        )


class PartnerDisputeBody(WireModel):
    """What a partner is told of a dispute about its events: nothing about the person.

    `event_id` is the partner's own; it is absent where one is missing, and `occurred_at` says then
    when.
    """

    dispute_id: str
    kind: str
    scenario: str
    event_id: str | None = None
    occurred_at: str | None = None
    inputs: dict[str, str]
    opened_at: str
    deadline: str
    state: str
    reason: str | None = None
    ended_at: str | None = None

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        is_missing = dispute.kind is DisputeKind.MISSING
        return cls(
            dispute_id=dispute.dispute_id,
            kind=dispute.kind.value,
            scenario=dispute.scenario,
            event_id=None if is_missing else dispute.event_id,
            occurred_at=format_instant(dispute.occurred_at) if is_missing else None,
            inputs={name: str(value) for name, value in dispute.inputs.items()},
            opened_at=format_instant(dispute.opened_at),
            deadline=format_instant(dispute.deadline),
            state=dispute.state.value,
            reason=dispute.reason or None,
            ended_at=format_instant(dispute.ended_at) if dispute.ended_at else None,
        )


def _opened(dispute: Dispute) -> dict[str, Any]:
    return {
        "dispute_id": dispute.dispute_id,
        "kind": dispute.kind.value,
        "scenario": dispute.scenario,
        "partner": dispute.partner,
        "entry_id": entry_id(dispute.event),
        "occurred_at": format_instant(dispute.occurred_at),
        "inputs": {name: str(value) for name, value in dispute.inputs.items()},
        "opened_at": format_instant(dispute.opened_at),
        "deadline": format_instant(dispute.deadline),
    }


def plain_inputs(inputs: Inputs) -> dict[str, str]:
    """Return numbers as texts by which the same ones are known again: 8.0 km is 8 km."""
    return {
        name: str(Decimal(value).normalize() if isinstance(value, int | Decimal) else value)
        for name, value in inputs.items()
    }
