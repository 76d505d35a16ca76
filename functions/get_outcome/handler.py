"""Tell a partner what became of one event.

GET /v1/partners/{partner}/events/{event_id}. Signed as a webhook whose payload is the text
`GET <path>`, because a GET has no body.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.entries import EntryTable
from shared.adapters.partners import PartnerTable
from shared.adapters.secrets import SecretPartnerKeys
from shared.application.authenticate_partner import authenticate_partner
from shared.application.get_outcome import get_outcome
from shared.domain.entry import Cause
from shared.domain.errors import BusyError, OutcomeNotFoundError, SignatureRefusedError
from shared.domain.instants import format_instant
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

OUTCOMES = EntryTable(setting("ENTRIES_TABLE"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))

api = Api()
handler = api.handler


class OutcomeBody(WireModel):
    """One outcome: credited with its milligrams of CO2e, or rejected with the reason.

    One that was credited and taken back is `reversed`, with the reason of that; `claimed` is the
    reason of one that stands on its user's word. `missing` names inputs that an event with
    `completes` may still bring; of such an event, `reduction_mg` is what it added. `conflicts` are
    the instants at which the same id came again with another payload.
    """

    event_id: str
    partner: str
    outcome: str
    reason: str | None = None
    reduction_mg: int | None = None
    methodology: str | None = None
    evidence_grade: int | None = None
    label: str | None = None
    missing: list[str] | None = None
    decided_at: str
    reversed_at: str | None = None
    conflicts: list[str]


@api.route(
    Operation(
        "GET",
        "/v1/partners/{partner}/events/{event_id}",
        "Tell a partner what became of one event.",
        answers={HTTPStatus.OK: OutcomeBody},
        errors=(SignatureRefusedError, OutcomeNotFoundError, BusyError),
    )
)
def read_outcome(request: Request) -> Answer:
    partner = authenticate_partner(
        PARTNERS,
        PARTNER_KEYS,
        partner=request.path_parameters["partner"],
        headers=request.headers,
        payload=f"GET {request.path}".encode(),
        now=clock.now(),
    )
    cause = Cause(partner.partner, request.path_parameters["event_id"])
    outcome, reversal = get_outcome(OUTCOMES, cause=cause)
    credited = "reversed" if reversal else "credited"
    entry = reversal or outcome.entry
    reason = entry.reason if entry else outcome.reason
    body = OutcomeBody(
        event_id=cause.event_id,
        partner=cause.partner,
        outcome=credited if outcome.entry else "rejected",
        reason=str(reason) if reason else None,
        reduction_mg=outcome.entry.reduction_mg if outcome.entry else None,
        methodology=outcome.entry.methodology if outcome.entry else None,
        evidence_grade=int(outcome.entry.grade) if outcome.entry else None,
        label=outcome.entry.label.value if outcome.entry else None,
        missing=list(outcome.entry.missing) if outcome.entry else None,
        decided_at=format_instant(outcome.decided_at),
        reversed_at=format_instant(reversal.booked_at) if reversal else None,
        conflicts=[format_instant(at) for at in outcome.conflicts],
    )
    return Answer(body)
