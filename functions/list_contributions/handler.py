"""List the caller's contributions to pools, newest first, and what became of each.

GET /v1/me/contributions.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_contributions import (
    CONTRIBUTIONS_PER_PAGE_MAX,
    list_contributions,
)
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import ContributionsBody, TracedContributionBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class ContributionsQuery(QueryModel):
    """How many a page, and where to go on."""

    limit: int = Field(default=CONTRIBUTIONS_PER_PAGE_MAX, ge=1, le=CONTRIBUTIONS_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/contributions",
        "List the caller's contributions to pools, newest first, and what became of each.",
        answers={HTTPStatus.OK: ContributionsBody},
        query=ContributionsQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_contributions(request: Request) -> Answer:
    query: ContributionsQuery = request.read_query(ContributionsQuery)
    found, next_cursor = list_contributions(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        limit=query.limit,
        cursor=query.cursor,
    )
    bodies = [TracedContributionBody.of(each) for each in found]
    return Answer(ContributionsBody(contributions=bodies, next_cursor=next_cursor))
