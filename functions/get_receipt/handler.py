"""Give the caller a signed receipt of one entry.

GET /v1/me/entries/{entry_id}/receipt. It holds all that is needed to work the amount out again; the
signature is over the very bytes of `receipt` as they stand in the answer.
"""

from http import HTTPStatus

from functions.get_receipt.models import SignedReceiptBody
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.adapters.signer import KmsSigner
from shared.application.get_receipt import get_receipt
from shared.domain.errors import AccountNotFoundError, BusyError, EntryNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
SIGNER = KmsSigner(setting("RECEIPT_KEY"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/entries/{entry_id}/receipt",
        "Give the caller a signed receipt of one entry.",
        answers={HTTPStatus.OK: SignedReceiptBody},
        errors=(AccountNotFoundError, EntryNotFoundError, BusyError),
    )
)
def read_receipt(request: Request) -> Answer:
    signed = get_receipt(
        ACCOUNTS,
        STATEMENT,
        catalogue(),
        SIGNER,
        subject_hash=PSEUDONYMS.subject(request.subject),
        public_id=request.path_parameters["entry_id"],
    )
    # Not through the model, which would leave out what is null and is signed as such.
    return Answer(b'{"receipt":%b,"jws":"%b"}' % (signed.receipt, signed.jws.encode()))
