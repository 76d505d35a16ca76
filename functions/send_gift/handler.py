"""Send points or reductions to whoever made a gift code.

POST /v1/me/gifts. The answer says nothing about who that is.
"""

from http import HTTPStatus

from functions.send_gift.models import SendGiftBody
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.send_gift import send_gift
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.domain.gift import GiftAmount
from shared.domain.gift_code import read_code
from shared.runtime.http import (
    VALUE_ERRORS,
    Answer,
    Api,
    DryRunQuery,
    Operation,
    Request,
    value_answer,
)
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import GiftBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
LINES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/gifts",
        "Send points or reductions to whoever made a gift code.",
        answers={HTTPStatus.CREATED: GiftBody, HTTPStatus.OK: GiftBody},
        body=SendGiftBody,
        query=DryRunQuery,
        moves_value=True,
        errors=(
            *VALUE_ERRORS,
            errors.AccountInDebtError,
            errors.GiftCodeRefusedError,
            errors.GiftLimitReachedError,
            errors.InsufficientPointsError,
            errors.InsufficientReductionsError,
            errors.TooManyLinesError,
        ),
    )
)
def post_gift(request: Request) -> Answer:
    is_dry_run = request.read_query(DryRunQuery).dry_run
    key = request.idempotency_key()
    wanted: SendGiftBody = request.read(SendGiftBody)
    code = read_code(wanted.code)
    moved = send_gift(
        ACCOUNTS,
        LINES,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        idempotency_key=key,
        code=code,
        code_hash=PSEUDONYMS.gift_code(code),
        wanted=GiftAmount(wanted.points or 0, wanted.reduction_mg or 0),
        request_digest=PSEUDONYMS.payload(canonical_json({**wanted.model_dump(), "code": code})),
        now=clock.now(),
        is_dry_run=is_dry_run,
        pause=chance.pause,
    )
    body = GiftBody.of(moved.value)
    return value_answer(body, is_repeat=moved.is_repeat, is_dry_run=is_dry_run)
