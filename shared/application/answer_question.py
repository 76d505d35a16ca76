"""Answer one of today's questions, once; a right answer earns points in the same commit."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain import quiz
from shared.domain.errors import QuestionAnsweredError, QuestionNotFoundError
from shared.domain.instants import ledger_day
from shared.domain.quiz import Question, QuestionBank, QuizAnswer, QuizDay, QuizPolicies


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer as it stands, with what it answers."""

    day: QuizDay
    question: Question
    answer: QuizAnswer


def answer_question(
    accounts: Accounts,
    documents: Documents,
    bank: QuestionBank,
    policies: QuizPolicies,
    *,
    subject_hash: str,
    question_id: str,
    day: date,
    option: int,
    now: datetime,
    pause: Pause,
) -> Graded:
    """Return the graded answer; the same again is the same, also after its day.

    Raises QuestionNotFoundError for what is not asked today, QuestionAnsweredError for another
    option than the one that stands, InvalidRequestError, AccountNotFoundError and BusyError.
    """

    def step() -> Graded:
        account = get_account(accounts, subject_hash=subject_hash)
        question = bank.questions.get(question_id)
        if question is None:
            raise QuestionNotFoundError
        standing = documents.get(QuizDay, account.account_id, day.isoformat())
        known = standing.answer_to(question_id) if standing else None
        if standing is not None and known is not None:
            if known.option != option:
                raise QuestionAnsweredError
            return Graded(standing, question, known)
        if day != ledger_day(now):
            raise QuestionNotFoundError
        before = standing or _new_day(documents, bank, account.account_id, day)
        answered = quiz.answer_question(
            account, before, question, option, policies.terms(now, day), now
        )
        write = Write(answered.day, replaces=standing)
        if answered.moving is None:
            # Nothing of the account changes; the document alone makes this the only answer.
            documents.put(write)
        else:
            moving = answered.moving
            accounts.commit(
                AccountChange(
                    account,
                    moving.after,
                    movements=tuple(moving.movements),
                    documents=(write,),
                )
            )
        return Graded(answered.day, question, answered.answer)

    return until_committed(step, pause)


def _new_day(documents: Documents, bank: QuestionBank, account_id: str, day: date) -> QuizDay:
    before = documents.get(QuizDay, account_id, quiz.day_before(day).isoformat())
    return quiz.new_day(account_id, day, bank.of_day(account_id, day), before)
