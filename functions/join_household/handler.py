"""Ask to be let in to a household by its invitation.

POST /v1/me/household/membership. The caller is in it when every member has agreed.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.join_household import join_household
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import HouseholdBody, JoinBody, invitation_text

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), documents=setting("DOCUMENTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/household/membership",
        "Ask to be let in to a household by its invitation.",
        answers={HTTPStatus.OK: HouseholdBody},
        body=JoinBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.HouseholdNotConsentedError,
            errors.AlreadyInHouseholdError,
            errors.InvitationRefusedError,
            errors.ProposalOpenError,
            errors.BusyError,
        ),
    )
)
def post_membership(request: Request) -> Answer:
    wanted: JoinBody = request.read(JoinBody)
    home = join_household(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        code_hash=PSEUDONYMS.payload(invitation_text(wanted.code)),
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(HouseholdBody.of(home))
