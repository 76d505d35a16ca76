"""Which questions are asked, how they are graded, and what a right answer earns."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.errors import (
    CatalogueError,
    InvalidRequestError,
    QuestionAnsweredError,
    QuestionNotFoundError,
)
from shared.domain.movement import MovementKind
from shared.domain.points import PointsBalance, PointsChange, PointsTerms
from shared.domain.points_policy import PointsPolicies
from shared.domain.quiz import (
    QuestionBank,
    QuizAnswer,
    QuizDay,
    QuizPolicies,
    QuizPolicy,
    answer_question,
    new_day,
)
from tests.support.builders import A_QUESTION_TEXT, A_SOURCE, a_question, an_account, at

NOW = at("2026-11-10T12:00:00+08:00")
TODAY = date(2026, 11, 10)
LAST = date(2027, 12, 31)
TERMS = PointsTerms("quiz@1", 2, 0, day_cap=60, month_cap=600, spend_by=LAST)
SOURCE, TEXT = A_SOURCE, A_QUESTION_TEXT
TEXTS = {"en": TEXT, "zh-Hans": TEXT}


def a_bank(count, since=date(2026, 1, 1)):
    return QuestionBank.of(a_question(f"q-{number}", since) for number in range(count))


def a_day(*answers, streak_days=1):
    return QuizDay("a1", TODAY, ("q-1", "q-2"), streak_days, answers)


def answer(option=1, account=None, day=None, question=None, terms=TERMS):
    return answer_question(
        account or an_account("a1"), day or a_day(), question or a_question(), option, terms, NOW
    )


# ---------------------------------------------------------------------------------------- Choice


def test_five_are_asked_and_they_stay_the_same_all_day():
    asked = a_bank(12).of_day("a1", TODAY)
    assert len(set(asked)) == 5
    assert a_bank(12).of_day("a1", TODAY) == asked


def test_another_account_is_asked_in_another_order():
    assert a_bank(60).of_day("a1", TODAY) != a_bank(60).of_day("a2", TODAY)


def test_what_has_not_begun_is_not_asked():
    tomorrow = TODAY + timedelta(days=1)
    bank = QuestionBank.of([a_question("old"), a_question("new", tomorrow)])
    assert bank.of_day("a1", TODAY) == ("old",)
    assert set(bank.of_day("a1", tomorrow)) == {"old", "new"}


def test_nothing_is_asked_out_of_an_empty_bank():
    assert QuestionBank().of_day("a1", TODAY) == ()


def test_an_account_goes_through_the_bank_before_it_is_asked_again():
    # A turn of 60 questions is twelve days.
    first = date.fromordinal(TODAY.toordinal() // 12 * 12)
    asked = [each for n in range(12) for each in a_bank(60).of_day("a1", first + timedelta(n))]
    assert len(set(asked)) == len(asked) == 60


# --------------------------------------------------------------------------------------- Grading


def test_a_right_answer_earns_what_the_policy_offers():
    account = an_account("a1")
    answered = answer(1, account)
    assert answered.answer == QuizAnswer("q-1", 1, 1, 2, NOW)
    assert answered.answer.is_correct
    [movement] = answered.moving.movements
    assert movement.kind is MovementKind.EARNED
    assert movement.key == "quiz#a1#2026-11-10#q-1"
    assert movement.about == "q-1"
    assert (movement.reduction_mg, movement.held_mg) == (0, 0)
    assert movement.points == PointsChange({LAST: 2})
    after = answered.moving.after
    assert after.points.available == {LAST: 2}
    assert after.points_earned.days.count(TODAY.toordinal()) == 2
    assert after.version == account.version + 1


@pytest.mark.parametrize("option", [0, 2])
def test_a_wrong_answer_earns_nothing_and_moves_nothing(option):
    answered = answer(option)
    assert not answered.answer.is_correct
    assert (answered.answer.points, answered.moving) == (0, None)
    assert answered.day.answers == (answered.answer,)


def test_a_right_answer_without_a_policy_earns_nothing():
    answered = answer(1, terms=None)
    assert answered.answer.is_correct
    assert (answered.answer.points, answered.moving) == (0, None)


@pytest.mark.parametrize(("earned", "points"), [(58, 2), (59, 1), (60, 0)])
def test_the_days_cap_holds_for_answers_and_behaviour_together(earned, points):
    account = an_account("a1")
    account = replace(account, points_earned=account.points_earned.counted(earned, TODAY))
    answered = answer(1, account)
    assert answered.answer.points == points
    assert (answered.moving is None) is (points == 0)


def test_the_months_cap_holds_too():
    account = an_account("a1")
    earned = account.points_earned
    for number in range(10):
        earned = earned.counted(60, date(2026, 11, number + 11))
    assert answer(1, replace(account, points_earned=earned)).answer.points == 0


def test_points_pay_a_debt_first():
    account = replace(an_account("a1"), points=PointsBalance({}, debt=1))
    [movement] = answer(1, account).moving.movements
    assert movement.points == PointsChange({LAST: 1}, debt=-1)


def test_what_has_lapsed_is_booked_before():
    account = replace(an_account("a1"), points=PointsBalance({date(2025, 12, 31): 7}))
    kinds = [each.kind for each in answer(1, account).moving.movements]
    assert kinds == [MovementKind.LAPSE, MovementKind.EARNED]


def test_a_question_is_answered_once():
    day = a_day(QuizAnswer("q-1", 0, 1, 0, NOW))
    with pytest.raises(QuestionAnsweredError):
        answer(1, day=day)


def test_only_what_the_day_asks_is_answered():
    with pytest.raises(QuestionNotFoundError):
        answer(1, question=a_question("q-9"))


@pytest.mark.parametrize("option", [-1, 3])
def test_an_answer_is_an_option_of_the_question(option):
    with pytest.raises(InvalidRequestError) as refusal:
        answer(option)
    assert [pointer for pointer, _ in refusal.value.pointers] == ["/option"]


def test_a_streak_goes_on_from_the_day_before_and_begins_without_it():
    assert new_day("a1", TODAY, ("q-1",), a_day(streak_days=4)).streak_days == 5
    assert new_day("a1", TODAY, ("q-1",), None).streak_days == 1


def test_a_days_version_is_the_number_of_its_answers():
    day = answer(0).day
    assert (a_day().version, day.version) == (0, 1)
    assert (day.owner, day.name, day.due_at) == ("a1", "2026-11-10", None)


# ---------------------------------------------------------------------------------- Well-formed


@pytest.mark.parametrize(
    "changes",
    [
        {"question_id": "Q 1"},
        {"question_id": "q" * 65},
        {"topic": ""},
        {"answer": 3},
        {"answer": -1},
        {"answer": True},
        {"sources": ()},
        {"sources": (replace(SOURCE, address="javascript:alert(1)"),)},
        {"texts": {"en": TEXT}},
        {"texts": {"en": TEXT, "zh-Hans": replace(TEXT, options=("one", "two"))}},
        {"texts": {"en": TEXT, "zh-Hans": replace(TEXT, options=("one", "one", "two"))}},
        {"texts": {"en": TEXT, "zh-Hans": replace(TEXT, text=" ")}},
        {"texts": {"en": TEXT, "zh-Hans": replace(TEXT, explanation="")}},
        {"texts": dict.fromkeys(("en", "zh-Hans"), replace(TEXT, options=("one",))), "answer": 0},
        {"texts": dict.fromkeys(("en", "zh-Hans"), replace(TEXT, options=tuple("1234567")))},
    ],
    ids=[
        "id is no slug",
        "id too long",
        "no topic",
        "answer is no option",
        "answer below the options",
        "answer is no number",
        "no source",
        "source that is no address",
        "one language",
        "fewer options in one language",
        "an option twice",
        "no text",
        "no explanation",
        "one option",
        "seven options",
    ],
)
def test_a_question_that_could_not_be_asked_is_refused(changes):
    with pytest.raises(CatalogueError):
        a_question(**changes)


@pytest.mark.parametrize("address", ["https://example.org/", "http://example.org/", "/v1/docs"])
def test_a_source_is_on_the_web_or_a_route_of_the_service(address):
    [source] = a_question(sources=(replace(SOURCE, address=address),)).sources
    assert source.address == address


def test_two_questions_do_not_have_one_id():
    with pytest.raises(CatalogueError):
        QuestionBank.of([a_question(), a_question()])


@pytest.mark.parametrize("points", [-1, 201])
def test_a_policy_stays_within_what_can_be_counted(points):
    with pytest.raises(CatalogueError):
        QuizPolicy("1", TODAY, points, {})


def test_without_a_points_policy_there_are_no_terms():
    policies = QuizPolicies((QuizPolicy("1", TODAY, 2, {}),), PointsPolicies())
    assert policies.terms(NOW, TODAY) is None
