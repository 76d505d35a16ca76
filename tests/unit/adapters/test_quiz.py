"""The shipped questions and policies of the quiz, and what is said of broken files."""

from datetime import date

import pytest

from shared.adapters.points import POLICIES, points_policies
from shared.adapters.quiz import (
    parse_questions,
    parse_quiz_policy,
    question_bank,
    quiz_policies,
    read_bank,
)
from shared.domain.errors import CatalogueError
from tests.support.builders import at
from tests.support.template import NUMBERS

QUESTIONS = (NUMBERS / "numbers.toml").read_text("utf-8")
POLICY = (POLICIES / "quiz@2026.1.toml").read_text("utf-8")
NOON = at("2026-11-10T12:00:00+08:00")


def test_every_shipped_question_can_be_asked():
    """Reading them is the check: a broken one is a CatalogueError that names it."""
    for question in question_bank().questions.values():
        assert question.since >= date(2026, 1, 1)


def test_questions_are_read_from_their_topics_file():
    questions = read_bank(NUMBERS).questions
    assert len(questions) == 7
    question = questions["four-and-four"]
    assert (question.topic, question.since, question.answer) == ("numbers", date(2026, 1, 1), 1)
    assert question.texts["en"].text == "What is four and four?"
    assert question.texts["zh-Hans"].options == ("7", "8", "9", "10")
    assert question.texts["zh-Hans"].explanation == "等于8。"
    [source] = question.sources
    assert (source.publisher, source.year, source.grade) == ("A library for tests", 2020, "C")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "one-and-one"', ""),
        ('id = "one-and-one"', 'id = "two-and-two"'),
        ("from = 2026-01-01", ""),
        ("answer = 1", 'answer = "1"'),
        ("answer = 1", "answer = 9"),
        ("answer = 1", "answer = 1\nhint = 1"),
        ("[question.zh-Hans]", "[question.zh-Hant]"),
        ('options = ["1", "2", "3"]', 'options = ["1", "2"]'),
        ('explanation = "等于2。"', ""),
        ("[[question.source]]", "[[question.reference]]"),
        ('grade = "C"', 'grade = "E"'),
        ("year = 2020", ""),
        ("[[question]]", "[[quiz]]"),
        ("[[question]]", "[question"),
    ],
)  # fmt: skip
def test_a_broken_question_is_refused(tmp_path, old, new):
    assert old in QUESTIONS
    (tmp_path / "numbers.toml").write_text(QUESTIONS.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogueError):
        read_bank(tmp_path)


def test_an_id_is_used_once_in_all_topics(tmp_path):
    for topic in ("letters", "numbers"):
        (tmp_path / f"{topic}.toml").write_text(QUESTIONS, "utf-8")
    with pytest.raises(CatalogueError):
        read_bank(tmp_path)


def test_an_empty_file_is_refused():
    with pytest.raises(CatalogueError):
        parse_questions("", "numbers.toml")


def test_a_right_answer_earns_two_points_within_the_standard_policys_caps():
    terms = quiz_policies().terms(NOON, date(2026, 11, 10))
    assert terms is not None
    assert (terms.policy, terms.for_credit(0)) == ("quiz@2026.1", 2)
    assert (terms.day_cap, terms.month_cap) == (60, 600)
    assert terms.spend_by == date(2027, 12, 31)


def test_before_any_policy_nothing_is_earned():
    noon = at("2025-12-31T12:00:00+08:00")
    assert quiz_policies().terms(noon, date(2025, 12, 31)) is None


def test_the_quizs_policies_are_none_of_behaviour():
    assert [each.policy_id for each in points_policies().policies] == ["standard"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "quiz"', 'id = "standard"'),
        ('version = "2026.1"', 'version = "2026.2"'),
        ("effective_from = 2026-01-01", ""),
        ("per_right_answer = 2", "per_right_answer = -2"),
        ("per_right_answer = 2", 'per_right_answer = "2"'),
        ("[title]", "[titles]"),
        ("[title]", "[title"),
    ],
)
def test_a_broken_policy_is_refused(old, new):
    assert old in POLICY
    with pytest.raises(CatalogueError):
        parse_quiz_policy(POLICY.replace(old, new), "quiz@2026.1.toml")
