"""Read the caller's five questions of today.

GET /v1/me/quiz. A question's solution is told once it is answered, and never before.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.quiz import question_bank, quiz_policies
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_quiz import get_quiz
from shared.domain.errors import AccountNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_quiz import QuizBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/quiz",
        "Read the caller's five questions of today.",
        answers={HTTPStatus.OK: QuizBody},
        errors=(AccountNotFoundError, BusyError),
    )
)
def read_quiz(request: Request) -> Answer:
    quiz = get_quiz(
        ACCOUNTS,
        DOCUMENTS,
        question_bank(),
        quiz_policies(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=clock.now(),
    )
    return Answer(QuizBody.of(quiz))
