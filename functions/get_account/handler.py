"""Read the caller's account.

GET /v1/me/account. `as_of` asks for the balances of an instant in the past.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_account import get_account, get_account_as_of
from shared.domain import errors
from shared.domain.instants import parse_instant
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire import AccountBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
LINES = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class AccountQuery(QueryModel):
    """The instant to look from; now without it."""

    as_of: str | None = Field(default=None, max_length=40)


@api.route(
    Operation(
        "GET",
        "/v1/me/account",
        "Read the caller's account.",
        answers={HTTPStatus.OK: AccountBody},
        query=AccountQuery,
        errors=(
            errors.InvalidRequestError,
            errors.AccountNotFoundError,
            errors.TooManyLinesError,
            errors.BusyError,
        ),
    )
)
def read_account(request: Request) -> Answer:
    query: AccountQuery = request.read_query(AccountQuery)
    subject_hash = PSEUDONYMS.subject(request.subject)
    if query.as_of is None:
        account = get_account(ACCOUNTS, subject_hash=subject_hash)
        return Answer(AccountBody.of(account, clock.now()))
    as_of = parse_instant(query.as_of)
    then = get_account_as_of(ACCOUNTS, LINES, subject_hash=subject_hash, as_of=as_of)
    return Answer(AccountBody.of(then, as_of))
