"""List the caller's redemptions, newest first.

GET /v1/me/redemptions. A page may hold fewer than asked for, or none, and still have a next one.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_redemptions import MOVEMENTS_PER_PAGE_MAX, list_redemptions
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire_redemption import RedemptionPageBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
LINES = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class RedemptionsQuery(QueryModel):
    """How much of the ledger to look through, and from where."""

    limit: int = Field(default=MOVEMENTS_PER_PAGE_MAX, ge=1, le=MOVEMENTS_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/redemptions",
        "List the caller's redemptions, newest first.",
        answers={HTTPStatus.OK: RedemptionPageBody},
        query=RedemptionsQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_redemptions(request: Request) -> Answer:
    query: RedemptionsQuery = request.read_query(RedemptionsQuery)
    redemptions, next_cursor = list_redemptions(
        ACCOUNTS,
        LINES,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        limit=query.limit,
        cursor=query.cursor,
    )
    return Answer(RedemptionPageBody.of(redemptions, next_cursor))
