"""Dispute an entry of the caller.

POST /v1/me/entries/{entry_id}/disputes. Nothing is booked before the dispute has ended.
"""

from http import HTTPStatus

from functions.dispute_entry.models import DisputeEntryBody
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.dispute_entry import dispute_entry
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.domain.dispute import DisputeKind
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request, value_answer
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import OpenedDisputeBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
ENTRIES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/entries/{entry_id}/disputes",
        "Dispute an entry of the caller.",
        answers={HTTPStatus.CREATED: OpenedDisputeBody, HTTPStatus.OK: OpenedDisputeBody},
        body=DisputeEntryBody,
        query=DryRunQuery,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.MissingIdempotencyKeyError,
            errors.IdempotencyConflictError,
            errors.AccountNotFoundError,
            errors.EntryNotFoundError,
            errors.NotDisputableError,
            errors.DisputeExistsError,
            errors.BusyError,
        ),
        moves_value=True,
    )
)
def post_dispute(request: Request) -> Answer:
    query: DryRunQuery = request.read_query(DryRunQuery)
    wanted: DisputeEntryBody = request.read(DisputeEntryBody)
    public_id = request.path_parameters["entry_id"]
    opened = dispute_entry(
        ACCOUNTS,
        ENTRIES,
        ENTRIES,
        DOCUMENTS,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        public_id=public_id,
        kind=DisputeKind(wanted.kind),
        claim=wanted.inputs,
        idempotency_key=request.idempotency_key(),
        request_digest=PSEUDONYMS.payload(canonical_json([public_id, wanted.facts])),
        is_dry_run=query.dry_run,
        now=clock.now(),
        pause=chance.pause,
    )
    body = OpenedDisputeBody.of(opened.value)
    return value_answer(body, is_repeat=opened.is_repeat, is_dry_run=query.dry_run)
