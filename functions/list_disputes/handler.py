"""List the caller's disputes, newest first.

GET /v1/me/disputes.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_disputes import list_disputes
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import DisputeBody, DisputesQuery

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class DisputesBody(WireModel):
    """A page of disputes; `next_cursor` is absent on the last one."""

    disputes: list[DisputeBody]
    next_cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/disputes",
        "List the caller's disputes, newest first.",
        answers={HTTPStatus.OK: DisputesBody},
        query=DisputesQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_disputes(request: Request) -> Answer:
    query: DisputesQuery = request.read_query(DisputesQuery)
    disputes, next_cursor = list_disputes(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        limit=query.limit,
        cursor=query.cursor,
    )
    bodies = [DisputeBody.of(dispute) for dispute in disputes]
    return Answer(DisputesBody(disputes=bodies, next_cursor=next_cursor))
