"""Read the subject's questions of today, with what was answered."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents
from shared.domain.caps import CapPeriod
from shared.domain.instants import ledger_day
from shared.domain.quiz import (
    Question,
    QuestionBank,
    QuizAnswer,
    QuizDay,
    QuizPolicies,
    day_before,
    streak_before,
)


@dataclass(frozen=True, slots=True)
class Quiz:
    """The day's questions in their order, each with its answer if it has one.

    `points_today` is what the account has earned by this day, by answers and by behaviour, of which
    `points_day_cap` is the most.
    """

    day: date
    questions: tuple[tuple[Question, QuizAnswer | None], ...]
    streak_days: int
    points_today: int
    points_day_cap: int


def get_quiz(
    accounts: Accounts,
    documents: Documents,
    bank: QuestionBank,
    policies: QuizPolicies,
    *,
    subject_hash: str,
    now: datetime,
) -> Quiz:
    """Return the quiz of today; raise AccountNotFoundError or BusyError."""
    account = get_account(accounts, subject_hash=subject_hash)
    account_id, day = account.account_id, ledger_day(now)
    standing = documents.get(QuizDay, account_id, day.isoformat())
    if standing is not None:
        asked, streak_days = standing.asked, standing.streak_days
    else:
        before = documents.get(QuizDay, account_id, day_before(day).isoformat())
        asked, streak_days = bank.of_day(account_id, day), streak_before(before)
    terms = policies.terms(now, day)
    return Quiz(
        day=day,
        questions=tuple(
            (bank.questions[each], standing.answer_to(each) if standing else None)
            for each in asked
            # A question may have been taken out of the bank since it was answered.
            if each in bank.questions
        ),
        streak_days=streak_days,
        points_today=account.points_earned.days.count(CapPeriod.DAY.number(day)),
        points_day_cap=terms.day_cap if terms else 0,
    )
