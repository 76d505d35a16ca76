"""Withdraw one consent, at once.

DELETE /v1/me/consents/{scenario}/{partner}. Withdrawing what is not in force is no error.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.consents import ConsentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.withdraw_consent import withdraw_consent
from shared.domain.consent import ConsentKey
from shared.domain.errors import AccountNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire import ConsentBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), consents=setting("CONSENTS_TABLE"))
CONSENTS = ConsentTable(setting("CONSENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "DELETE",
        "/v1/me/consents/{scenario}/{partner}",
        "Withdraw one consent, at once.",
        answers={HTTPStatus.OK: ConsentBody},
        errors=(AccountNotFoundError, BusyError),
    )
)
def delete_consent(request: Request) -> Answer:
    key = ConsentKey(**request.path_parameters)
    account = withdraw_consent(
        ACCOUNTS,
        CONSENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        key=key,
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(ConsentBody.of(account, key))
