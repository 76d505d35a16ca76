"""Read the caller's household.

GET /v1/me/household. Members are numbers; nobody is told whose account one is.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_household import get_household
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import HouseholdBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/household",
        "Read the caller's household.",
        answers={HTTPStatus.OK: HouseholdBody},
        errors=(errors.AccountNotFoundError, errors.HouseholdNotFoundError, errors.BusyError),
    )
)
def read_household(request: Request) -> Answer:
    home = get_household(ACCOUNTS, DOCUMENTS, subject_hash=PSEUDONYMS.subject(request.subject))
    return Answer(HouseholdBody.of(home))
