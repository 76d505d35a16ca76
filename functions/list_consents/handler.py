"""List the caller's consents with their history.

GET /v1/me/consents. Every record is the user's receipt for what was agreed or withdrawn.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.consents import ConsentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_consents import list_consents
from shared.domain.errors import AccountNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire import ConsentBody, ConsentReceiptBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
CONSENTS = ConsentTable(setting("CONSENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class ConsentsBody(WireModel):
    """The consents in force, and every record that led to them, oldest first."""

    active: list[ConsentBody]
    receipts: list[ConsentReceiptBody]


@api.route(
    Operation(
        "GET",
        "/v1/me/consents",
        "List the caller's consents with their history.",
        answers={HTTPStatus.OK: ConsentsBody},
        errors=(AccountNotFoundError, BusyError),
    )
)
def get_consents(request: Request) -> Answer:
    account, records = list_consents(
        ACCOUNTS, CONSENTS, subject_hash=PSEUDONYMS.subject(request.subject)
    )
    return Answer(
        ConsentsBody(
            active=[ConsentBody.of(account, key) for key in sorted(account.consents)],
            receipts=[ConsentReceiptBody.of(record) for record in records],
        )
    )
