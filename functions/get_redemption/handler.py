"""Read one redemption of the caller, with its voucher once it is settled.

GET /v1/me/redemptions/{redemption_id}. Another's redemption is as unknown as one that never was.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.adapters.vouchers import KmsVouchers
from shared.application.get_redemption import get_redemption
from shared.domain.errors import AccountNotFoundError, BusyError, RedemptionNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_redemption import RedemptionBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
VOUCHERS = KmsVouchers(setting("VOUCHER_KEY"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/redemptions/{redemption_id}",
        "Read one redemption of the caller, with its voucher once it is settled.",
        answers={HTTPStatus.OK: RedemptionBody},
        errors=(AccountNotFoundError, RedemptionNotFoundError, BusyError),
    )
)
def read_redemption(request: Request) -> Answer:
    redemption, code = get_redemption(
        ACCOUNTS,
        DOCUMENTS,
        VOUCHERS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        redemption_id=request.path_parameters["redemption_id"],
    )
    return Answer(RedemptionBody.standing(redemption, code))
