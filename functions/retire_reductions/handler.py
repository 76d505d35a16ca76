"""Retire reductions of the caller, once and for ever, and certify it.

POST /v1/me/retirements. The oldest lots are taken; a repeat answers with the same certificate.
"""

from http import HTTPStatus

from functions.retire_reductions.models import RetiredBody, RetirementOrderBody
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.footprints import FootprintTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.retire_reductions import retire_reductions
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.domain.instants import format_instant
from shared.domain.retirement import Order, Retirement
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request, value_answer
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
LINES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
FOOTPRINTS = FootprintTable(setting("ACCOUNTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/retirements",
        "Retire reductions of the caller, once and for ever, and certify it.",
        answers={HTTPStatus.CREATED: RetiredBody, HTTPStatus.OK: RetiredBody},
        body=RetirementOrderBody,
        query=DryRunQuery,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.MissingIdempotencyKeyError,
            errors.IdempotencyConflictError,
            errors.AccountNotFoundError,
            errors.AccountInDebtError,
            errors.InsufficientReductionsError,
            errors.TooManyLotsError,
            errors.TooManyLinesError,
            errors.BusyError,
        ),
        moves_value=True,
    )
)
def post_retirement(request: Request) -> Answer:
    key = request.idempotency_key()
    query: DryRunQuery = request.read_query(DryRunQuery)
    wanted: RetirementOrderBody = request.read(RetirementOrderBody)
    moved = retire_reductions(
        ACCOUNTS,
        LINES,
        DOCUMENTS,
        FOOTPRINTS,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        order=Order(**wanted.model_dump()),
        request_secret=PSEUDONYMS.payload(canonical_json([Retirement.KIND, key])),
        request_digest=PSEUDONYMS.payload(canonical_json(wanted.model_dump())),
        issuer=setting("INSTALLATION_NAME"),
        is_dry_run=query.dry_run,
        now=clock.now(),
        pause=chance.pause,
    )
    body = RetiredBody.of(
        moved.value,
        is_certified=moved.is_repeat or not query.dry_run,
        retired_at=format_instant(moved.value.issued_at),
    )
    return value_answer(body, is_repeat=moved.is_repeat, is_dry_run=query.dry_run)
