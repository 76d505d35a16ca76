"""Answer one of the caller's questions of today, once.

PUT /v1/me/quiz/{question_id}. The same answer again is answered with the same.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.quiz import question_bank, quiz_policies
from shared.adapters.secrets import SecretPseudonyms
from shared.application.answer_question import answer_question
from shared.domain import errors
from shared.domain.instants import parse_day
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_quiz import GradedBody, OptionBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "PUT",
        "/v1/me/quiz/{question_id}",
        "Answer one of the caller's questions of today, once.",
        answers={HTTPStatus.OK: GradedBody},
        body=OptionBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.QuestionNotFoundError,
            errors.QuestionAnsweredError,
            errors.BusyError,
        ),
    )
)
def put_option(request: Request) -> Answer:
    wanted: OptionBody = request.read(OptionBody)
    graded = answer_question(
        ACCOUNTS,
        DOCUMENTS,
        question_bank(),
        quiz_policies(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        question_id=request.path_parameters["question_id"],
        day=parse_day(wanted.day),
        option=wanted.option,
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(GradedBody.of(graded))
