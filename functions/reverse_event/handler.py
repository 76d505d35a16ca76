"""Take back the credit of a partner's own event.

POST /v1/partners/{partner}/events/{event_id}/reversal. Signed like the events themselves. The same
request again has the same answer: the event is its own idempotency key.
"""

from http import HTTPStatus

from functions.reverse_event.models import ReversalBody, ReversalRequestBody, read_order
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.partners import PartnerTable
from shared.adapters.secrets import SecretPartnerKeys
from shared.application.authenticate_partner import authenticate_partner
from shared.application.reverse_event import reverse_event
from shared.domain import errors
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.telemetry import count

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), entries=setting("ENTRIES_TABLE"))
OUTCOMES = EntryTable(setting("ENTRIES_TABLE"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/partners/{partner}/events/{event_id}/reversal",
        "Take back the credit of a partner's own event.",
        answers={HTTPStatus.OK: ReversalBody},
        body=ReversalRequestBody,
        query=DryRunQuery,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.SignatureRefusedError,
            errors.OutcomeNotFoundError,
            errors.AlreadyReversedError,
            errors.TooManyAmendmentsError,
            errors.BusyError,
        ),
    )
)
def post_reversal(request: Request) -> Answer:
    now = clock.now()
    partner = authenticate_partner(
        PARTNERS,
        PARTNER_KEYS,
        partner=request.path_parameters["partner"],
        headers=request.headers,
        payload=request.body,
        now=now,
    )
    query: DryRunQuery = request.read_query(DryRunQuery)
    event, reason = read_order(request, partner.partner)
    entry = reverse_event(
        ACCOUNTS,
        OUTCOMES,
        event=event,
        reason=reason,
        is_dry_run=query.dry_run,
        new_salt=chance.new_salt,
        now=now,
        pause=chance.pause,
    )
    count({"CreditsReversed": int(not query.dry_run)})
    return Answer(ReversalBody.of(entry))
