"""Make a code by which somebody can send the caller one gift.

POST /v1/me/gift-codes. The code says nothing about who made it.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.make_gift_code import make_gift_code
from shared.domain import errors
from shared.domain.gift_code import new_code
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import GiftCodeBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/gift-codes",
        "Make a code by which somebody can send the caller one gift.",
        answers={HTTPStatus.CREATED: GiftCodeBody},
        errors=(errors.AccountNotFoundError, errors.TooManyGiftCodesError, errors.BusyError),
    )
)
def post_gift_code(request: Request) -> Answer:
    code = new_code(chance.new_gift_code_entropy())
    made = make_gift_code(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        code=code,
        code_hash=PSEUDONYMS.gift_code(code),
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(GiftCodeBody.of(made), HTTPStatus.CREATED)
