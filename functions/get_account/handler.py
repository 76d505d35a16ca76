"""Read the caller's account.

GET /v1/me/account.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_account import get_account
from shared.domain.errors import AccountNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire import AccountBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/account",
        "Read the caller's account.",
        answers={HTTPStatus.OK: AccountBody},
        errors=(AccountNotFoundError, BusyError),
    )
)
def read_account(request: Request) -> Answer:
    account = get_account(ACCOUNTS, subject_hash=PSEUDONYMS.subject(request.subject))
    return Answer(AccountBody.of(account))
