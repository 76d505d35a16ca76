"""List the caller's codes that a gift can still be sent with.

GET /v1/me/gift-codes.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_gift_codes import list_gift_codes
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import GiftCodeBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class GiftCodesBody(WireModel):
    """Codes that were not used, withdrawn or expired yet, oldest first."""

    codes: list[GiftCodeBody]


@api.route(
    Operation(
        "GET",
        "/v1/me/gift-codes",
        "List the caller's codes that a gift can still be sent with.",
        answers={HTTPStatus.OK: GiftCodesBody},
        errors=(errors.AccountNotFoundError, errors.BusyError),
    )
)
def get_gift_codes(request: Request) -> Answer:
    codes = list_gift_codes(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=clock.now(),
    )
    return Answer(GiftCodesBody(codes=[GiftCodeBody.of(code) for code in codes]))
