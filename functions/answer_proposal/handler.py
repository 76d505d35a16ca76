"""Agree to what was proposed to the caller's household, or not.

POST /v1/me/household/agreement. The last member's word puts it in force; one against it ends it.
"""

from http import HTTPStatus

from shared.adapters import chance
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.answer_proposal import answer_proposal
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_household import AnswerBody, HouseholdBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), documents=setting("DOCUMENTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/household/agreement",
        "Agree to what was proposed to the caller's household, or not.",
        answers={HTTPStatus.OK: HouseholdBody},
        body=AnswerBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.HouseholdNotFoundError,
            errors.ProposalNotOpenError,
            errors.BusyError,
        ),
    )
)
def post_answer(request: Request) -> Answer:
    wanted: AnswerBody = request.read(AnswerBody)
    home = answer_proposal(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        proposal=wanted.proposal,
        answer=wanted.value,
        pause=chance.pause,
    )
    return Answer(HouseholdBody.of(home))
