"""Withdraw a dispute of the caller that nobody has decided.

POST /v1/me/disputes/{dispute_id}/withdrawal. The same request again has the same answer.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.withdraw_dispute import withdraw_dispute
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import DisputeBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/disputes/{dispute_id}/withdrawal",
        "Withdraw a dispute of the caller that nobody has decided.",
        answers={HTTPStatus.OK: DisputeBody},
        errors=(
            errors.AccountNotFoundError,
            errors.DisputeNotFoundError,
            errors.DisputeEndedError,
            errors.BusyError,
        ),
    )
)
def post_withdrawal(request: Request) -> Answer:
    dispute = withdraw_dispute(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        dispute_id=request.path_parameters["dispute_id"],
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(DisputeBody.of(dispute))
