"""Leave the caller's household, at once.

DELETE /v1/me/household/membership. What was shared stays where it is; leaving none is no error.
"""

from http import HTTPStatus

from shared.adapters import chance
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.leave_household import leave_household
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import LeftBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), documents=setting("DOCUMENTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "DELETE",
        "/v1/me/household/membership",
        "Leave the caller's household, at once.",
        answers={HTTPStatus.OK: LeftBody},
        errors=(errors.AccountNotFoundError, errors.BusyError),
    )
)
def delete_membership(request: Request) -> Answer:
    subject_hash = PSEUDONYMS.subject(request.subject)
    leave_household(ACCOUNTS, DOCUMENTS, subject_hash=subject_hash, pause=chance.pause)
    return Answer(LeftBody())
