"""Found a household with the caller as its first member.

POST /v1/me/household. Whoever is in one already keeps it.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.create_household import create_household
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import HouseholdBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), documents=setting("DOCUMENTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/household",
        "Found a household with the caller as its first member.",
        answers={HTTPStatus.CREATED: HouseholdBody, HTTPStatus.OK: HouseholdBody},
        errors=(errors.AccountNotFoundError, errors.HouseholdNotConsentedError, errors.BusyError),
    )
)
def post_household(request: Request) -> Answer:
    home, is_new = create_household(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(HouseholdBody.of(home), HTTPStatus.CREATED if is_new else HTTPStatus.OK)
