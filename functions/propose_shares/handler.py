"""Propose other shares to the caller's household.

PUT /v1/me/household/shares. They are in force when every member has agreed.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.propose_shares import propose_shares
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import HouseholdBody, SharesBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "PUT",
        "/v1/me/household/shares",
        "Propose other shares to the caller's household.",
        answers={HTTPStatus.OK: HouseholdBody},
        body=SharesBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.HouseholdNotFoundError,
            errors.InvalidSharesError,
            errors.ProposalOpenError,
            errors.BusyError,
        ),
    )
)
def put_shares(request: Request) -> Answer:
    wanted: SharesBody = request.read(SharesBody)
    home = propose_shares(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        shares=wanted.by_member(),
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(HouseholdBody.of(home))
