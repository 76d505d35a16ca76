"""Answering once, whatever is lost on the way, and reading the quiz."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.adapters.quiz import quiz_policies, read_bank
from shared.application.answer_question import answer_question
from shared.application.get_quiz import get_quiz
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    QuestionAnsweredError,
    QuestionNotFoundError,
    StaleAccountError,
)
from shared.domain.quiz import QuestionBank
from tests.support.builders import an_account, at
from tests.support.fakes import FakeAccounts, FakeDocuments, Store, busy, no_pause
from tests.support.template import NUMBERS

BANK = read_bank(NUMBERS)
NOW = at("2026-11-10T12:00:00+08:00")
TODAY = date(2026, 11, 10)
ASKED = BANK.of_day("a1", TODAY)
FIRST = ASKED[0]
RIGHT = BANK.questions[FIRST].answer
WRONG = (RIGHT + 1) % BANK.questions[FIRST].options_count


@pytest.fixture
def store():
    store = Store()
    store.add(an_account("a1"), "me")
    return store


def answer(store, option=RIGHT, question=FIRST, day=TODAY, now=NOW, subject="me", bank=BANK):
    return answer_question(
        FakeAccounts(store),
        FakeDocuments(store),
        bank,
        quiz_policies(),
        subject_hash=subject,
        question_id=question,
        day=day,
        option=option,
        now=now,
        pause=no_pause,
    )


def read(store, now=NOW, subject="me", bank=BANK):
    return get_quiz(
        FakeAccounts(store),
        FakeDocuments(store),
        bank,
        quiz_policies(),
        subject_hash=subject,
        now=now,
    )


def points(store):
    return store.accounts["a1"].points.amount


def test_a_right_answer_is_booked_and_kept_together(store):
    graded = answer(store)
    assert (graded.answer.is_correct, graded.answer.points) == (True, 2)
    assert [*store.movements] == [f"quiz#a1#2026-11-10#{FIRST}"]
    assert points(store) == 2
    assert store.accounts["a1"].points_earned.days.count(TODAY.toordinal()) == 2


def test_a_wrong_answer_leaves_the_account_as_it_is(store):
    before = store.accounts["a1"]
    assert not answer(store, WRONG).answer.is_correct
    assert store.accounts["a1"] == before
    assert not store.movements


def test_the_same_again_is_the_same_also_after_midnight(store):
    first = answer(store)
    assert answer(store) == first
    assert answer(store, now=NOW + timedelta(days=1)) == first
    assert points(store) == 2


@pytest.mark.parametrize(("first", "second"), [(WRONG, RIGHT), (RIGHT, WRONG)])
def test_a_second_try_is_refused_and_earns_nothing(store, first, second):
    answer(store, first)
    earned = points(store)
    with pytest.raises(QuestionAnsweredError):
        answer(store, second)
    assert points(store) == earned


def test_only_todays_questions_are_answered(store):
    other = next(each for each in BANK.questions if each not in ASKED)
    for question in (other, "unknown"):
        with pytest.raises(QuestionNotFoundError):
            answer(store, 0, question)
    for days in (-1, 1):
        with pytest.raises(QuestionNotFoundError):
            answer(store, day=TODAY + timedelta(days=days))
    assert not store.documents


def test_a_stranger_has_no_quiz(store):
    for ask in (answer, read):
        with pytest.raises(AccountNotFoundError):
            ask(store, subject="you")


def test_a_lost_reply_earns_once(store):
    store.lost_replies = 1
    assert answer(store).answer.points == 2
    assert points(store) == 2
    assert len(store.movements) == 1


def test_a_store_that_stays_busy_changes_nothing(store):
    store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        answer(store)
    assert not store.documents
    assert points(store) == 0


def test_of_two_answers_at_once_one_stands(store):
    """The other option arrives between this one's reading and its commit."""
    store.trouble.append(lambda: answer(store, WRONG))
    with pytest.raises(QuestionAnsweredError):
        answer(store)
    assert points(store) == 0
    assert not store.movements


def test_answers_to_two_questions_at_once_both_stand(store):
    second = ASKED[1]
    store.trouble.append(lambda: answer(store, BANK.questions[second].answer, second))
    answer(store)
    assert points(store) == 4
    assert [each.question_id for each, given in read(store).questions if given] == [FIRST, second]


def test_an_account_that_changed_meanwhile_is_decided_again(store):
    def credit():
        account = store.accounts["a1"]
        earned = account.points_earned.counted(59, TODAY)
        store.accounts["a1"] = replace(account, version=account.version + 1, points_earned=earned)

    store.trouble.append(credit)
    # 59 of the day's 60 are earned by now.
    assert answer(store).answer.points == 1


def test_the_solution_is_told_only_of_what_was_answered(store):
    answer(store, WRONG)
    quiz = read(store)
    assert [question.question_id for question, _ in quiz.questions] == [*ASKED]
    assert [given is not None for _, given in quiz.questions] == [True, False, False, False, False]
    assert (quiz.day, quiz.points_today, quiz.points_day_cap) == (TODAY, 0, 60)


def test_a_streak_is_kept_until_a_day_goes_by(store):
    for days in range(3):
        now, day = NOW + timedelta(days=days), TODAY + timedelta(days=days)
        asked = BANK.of_day("a1", day)[0]
        assert answer(store, 0, asked, day, now).day.streak_days == days + 1
    # Of the fourth day nothing is answered yet; then it has gone by.
    assert read(store, NOW + timedelta(days=3)).streak_days == 3
    assert read(store, NOW + timedelta(days=4)).streak_days == 0


def test_a_day_that_has_begun_keeps_its_questions_under_another_bank(store):
    answer(store)
    kept = QuestionBank.of(BANK.questions[each] for each in sorted(ASKED[:4]))
    assert [question.question_id for question, _ in read(store, bank=kept).questions] == [
        *ASKED[:4]
    ]


def test_a_wrong_answer_that_loses_a_race_is_decided_again(store, monkeypatch):
    raced: list[bool] = []
    documents = FakeDocuments.put

    def put(self, *writes):
        if not raced:
            raced.append(True)
            answer(store, WRONG)
            raise StaleAccountError
        documents(self, *writes)

    monkeypatch.setattr(FakeDocuments, "put", put)
    assert answer(store, WRONG).day.version == 1
