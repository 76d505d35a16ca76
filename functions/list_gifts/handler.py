"""List the gifts that the caller sent and received, newest first.

GET /v1/me/gifts. Nobody learns here who is on the other side.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_gifts import GIFTS_PER_PAGE_MAX, list_gifts
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import GiftBody, GiftsBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class GiftsQuery(QueryModel):
    """How many a page, and where to go on."""

    limit: int = Field(default=50, ge=1, le=GIFTS_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/gifts",
        "List the gifts that the caller sent and received, newest first.",
        answers={HTTPStatus.OK: GiftsBody},
        query=GiftsQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_gifts(request: Request) -> Answer:
    query: GiftsQuery = request.read_query(GiftsQuery)
    gifts, next_cursor = list_gifts(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        limit=query.limit,
        cursor=query.cursor,
    )
    return Answer(GiftsBody(gifts=[GiftBody.of(gift) for gift in gifts], next_cursor=next_cursor))
