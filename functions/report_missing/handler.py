"""Report a behaviour of the caller that a partner did not report.

POST /v1/me/disputes. Nothing is credited before the dispute has ended.
"""

from http import HTTPStatus

from functions.report_missing.models import MissingBody
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.partners import PartnerTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.report_missing import report_missing
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request, value_answer
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import OpenedDisputeBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/disputes",
        "Report a behaviour of the caller that a partner did not report.",
        answers={HTTPStatus.CREATED: OpenedDisputeBody, HTTPStatus.OK: OpenedDisputeBody},
        body=MissingBody,
        query=DryRunQuery,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.MissingIdempotencyKeyError,
            errors.IdempotencyConflictError,
            errors.AccountNotFoundError,
            errors.ConsentUnavailableError,
            errors.EventInFutureError,
            errors.EventTooOldError,
            errors.NoMethodologyError,
            errors.NotConsentedError,
            errors.NotDisputableError,
            errors.DisputeExistsError,
            errors.BusyError,
        ),
        moves_value=True,
    )
)
def post_missing(request: Request) -> Answer:
    query: DryRunQuery = request.read_query(DryRunQuery)
    wanted: MissingBody = request.read(MissingBody)
    reported = report_missing(
        ACCOUNTS,
        STATEMENT,
        DOCUMENTS,
        PARTNERS,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        consent=wanted.consent,
        occurred_at=wanted.instant,
        claim=wanted.inputs,
        idempotency_key=request.idempotency_key(),
        request_digest=PSEUDONYMS.payload(canonical_json(wanted.facts)),
        is_dry_run=query.dry_run,
        now=clock.now(),
        pause=chance.pause,
    )
    body = OpenedDisputeBody.of(reported.value)
    return value_answer(body, is_repeat=reported.is_repeat, is_dry_run=query.dry_run)
