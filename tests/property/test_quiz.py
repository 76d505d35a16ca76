"""Whatever is asked and answered: never more than five, each once, and never beyond the caps."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import QuestionAnsweredError
from shared.domain.instants import day_start
from shared.domain.points import PointsTerms
from shared.domain.quiz import QuestionBank, answer_question, new_day
from tests.support.builders import a_question, an_account

FIRST = date(2026, 11, 10)
banks = st.lists(st.integers(-40, 40), max_size=30).map(
    lambda begins: QuestionBank.of(
        a_question(f"q-{number}", FIRST + timedelta(days=begin))
        for number, begin in enumerate(begins)
    )
)


@given(banks, st.integers(0, 80), st.text("ab1", min_size=1, max_size=3))
def test_as_many_are_asked_as_there_are_and_five_at_most(bank, days, account_id):
    day = FIRST + timedelta(days=days)
    begun = {each.question_id for each in bank.questions.values() if each.since <= day}
    asked = bank.of_day(account_id, day)
    assert len(set(asked)) == len(asked) == min(5, len(begun))
    assert begun.issuperset(asked)
    # In whatever order the files are read.
    again = QuestionBank(dict(reversed(bank.questions.items())))
    assert again.of_day(account_id, day) == asked


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=60),
    st.integers(1, 12),
    st.integers(1, 40),
    st.integers(0, 5),
)
def test_no_answers_earn_beyond_a_cap_or_twice(tries, day_cap, month_cap, per_answer):
    terms = PointsTerms("quiz@1", per_answer, 0, day_cap, month_cap, date(2027, 12, 31))
    account, before = an_account("a1"), None
    right = 0
    for number in range(3):
        day = FIRST + timedelta(days=number)
        quiz = new_day("a1", day, [f"q-{each}" for each in range(5)], before)
        earned = account.points.amount
        for name, option in tries[number * 20 : number * 20 + 20]:
            question = a_question(f"q-{name % 5}")
            try:
                answered = answer_question(account, quiz, question, option, terms, day_start(day))
            except QuestionAnsweredError:
                assert quiz.answer_to(question.question_id)
                continue
            quiz = answered.day
            right += answered.answer.is_correct
            account = answered.moving.after if answered.moving else account
        assert account.points.amount - earned <= min(day_cap, 5 * per_answer)
        assert account.points.amount - earned == sum(each.points for each in quiz.answers)
        before = quiz
    assert account.points.amount <= min(month_cap, right * per_answer)
