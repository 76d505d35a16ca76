"""Withdraw one of the caller's gift codes.

DELETE /v1/me/gift-codes/{code}. One that is used, withdrawn or another's changes nothing.
"""

from http import HTTPStatus

from shared.adapters import chance
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.withdraw_gift_code import withdraw_gift_code
from shared.domain import errors
from shared.domain.gift_code import read_code
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class WithdrawnCodeBody(WireModel):
    """No gift comes to the caller by this code from now on."""

    withdrawn: bool = True


@api.route(
    Operation(
        "DELETE",
        "/v1/me/gift-codes/{code}",
        "Withdraw one of the caller's gift codes.",
        answers={HTTPStatus.OK: WithdrawnCodeBody},
        errors=(errors.GiftCodeRefusedError, errors.AccountNotFoundError, errors.BusyError),
    )
)
def delete_gift_code(request: Request) -> Answer:
    withdraw_gift_code(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        code=read_code(request.path_parameters["code"]),
        pause=chance.pause,
    )
    return Answer(WithdrawnCodeBody())
