"""Open the caller's account.

POST /v1/me/account. Opening it again answers with the account that is open.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.secrets import SecretPseudonyms
from shared.application.open_account import open_account
from shared.domain.errors import BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire import AccountBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/account",
        "Open the caller's account.",
        answers={HTTPStatus.CREATED: AccountBody, HTTPStatus.OK: AccountBody},
        errors=(BusyError,),
    )
)
def post_account(request: Request) -> Answer:
    now = clock.now()
    account, opened = open_account(
        ACCOUNTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        account_id=chance.new_account_id(),
        now=now,
    )
    return Answer(AccountBody.of(account, now), HTTPStatus.CREATED if opened else HTTPStatus.OK)
