"""List the caller's retirements with their certificates, newest first.

GET /v1/me/retirements.
"""

from http import HTTPStatus

from pydantic import Field

from functions.list_retirements.models import RetirementBody, RetirementsBody
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_retirements import RETIREMENTS_PER_PAGE_MAX, list_retirements
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class RetirementsQuery(QueryModel):
    """How many a page."""

    limit: int = Field(default=50, ge=1, le=RETIREMENTS_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/retirements",
        "List the caller's retirements with their certificates, newest first.",
        answers={HTTPStatus.OK: RetirementsBody},
        query=RetirementsQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_retirements(request: Request) -> Answer:
    query: RetirementsQuery = request.read_query(RetirementsQuery)
    subject_hash = PSEUDONYMS.subject(request.subject)
    found, next_cursor = list_retirements(
        ACCOUNTS, DOCUMENTS, subject_hash=subject_hash, limit=query.limit, cursor=query.cursor
    )
    retirements = [RetirementBody.of(each) for each in found]
    return Answer(RetirementsBody(retirements=retirements, next_cursor=next_cursor))
