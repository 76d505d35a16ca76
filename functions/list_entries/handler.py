"""List the caller's entries, newest first.

GET /v1/me/entries. `from` is inclusive and `to` exclusive, by when the behaviour occurred; `as_of`
leaves out what was booked later.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_entries import ENTRIES_PER_PAGE_MAX, list_entries
from shared.application.ports import StatementFilter
from shared.domain import errors
from shared.domain.instants import parse_instant
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire import PageBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class EntriesQuery(QueryModel):
    """Which entries, and how many a page."""

    from_: str | None = Field(default=None, alias="from", max_length=40)
    to: str | None = Field(default=None, max_length=40)
    scenario: str | None = Field(default=None, max_length=40)
    partner: str | None = Field(default=None, max_length=40)
    as_of: str | None = Field(default=None, max_length=40)
    limit: int = Field(default=50, ge=1, le=ENTRIES_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/entries",
        "List the caller's entries, newest first.",
        answers={HTTPStatus.OK: PageBody},
        query=EntriesQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_entries(request: Request) -> Answer:
    query: EntriesQuery = request.read_query(EntriesQuery)
    wanted = StatementFilter(
        occurred_from=parse_instant(query.from_) if query.from_ else None,
        occurred_until=parse_instant(query.to) if query.to else None,
        scenario=query.scenario,
        partner=query.partner,
        as_of=parse_instant(query.as_of) if query.as_of else None,
    )
    entries, next_cursor = list_entries(
        ACCOUNTS,
        STATEMENT,
        subject_hash=PSEUDONYMS.subject(request.subject),
        wanted=wanted,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Answer(PageBody.of(entries, next_cursor))
