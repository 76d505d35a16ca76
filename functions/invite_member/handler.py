"""Invite somebody to the caller's household.

POST /v1/me/household/invitations. The code is shown once; only its keyed hash is kept.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.invite_member import invite_member
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import InvitationBody, InvitationRequestBody, invitation_text

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/household/invitations",
        "Invite somebody to the caller's household.",
        answers={HTTPStatus.CREATED: InvitationBody},
        body=InvitationRequestBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.HouseholdNotFoundError,
            errors.HouseholdNotConsentedError,
            errors.HouseholdFullError,
            errors.TooManyInvitationsError,
            errors.BusyError,
        ),
    )
)
def post_invitation(request: Request) -> Answer:
    wanted: InvitationRequestBody = request.read(InvitationRequestBody)
    code = chance.new_invitation_code()
    invitation = invite_member(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        share_bp=wanted.share_bp,
        code_hash=PSEUDONYMS.payload(invitation_text(code)),
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(InvitationBody.of(code, invitation), HTTPStatus.CREATED)
