"""Close the caller's account and withdraw every consent.

DELETE /v1/me/account. The entries stay in the ledger; the caller may open a new account.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.consents import ConsentTable
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.close_account import close_account
from shared.domain.errors import AccountNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire import AccountBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    consents=setting("CONSENTS_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
CONSENTS = ConsentTable(setting("CONSENTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "DELETE",
        "/v1/me/account",
        "Close the caller's account and withdraw every consent.",
        answers={HTTPStatus.OK: AccountBody},
        errors=(AccountNotFoundError, BusyError),
    )
)
def delete_account(request: Request) -> Answer:
    now = clock.now()
    account = close_account(
        ACCOUNTS,
        CONSENTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=now,
        pause=chance.pause,
    )
    return Answer(AccountBody.of(account, now))
