"""The quiz: what it adds to the town, its payloads, and what is expected of them.

Everybody is asked the same five questions of tests/support/quiz. quiz-1 answered one wrongly
yesterday, which is sealed, and of today's one-and-one rightly and two-and-two wrongly; quiz-2 has
not answered anything.
"""

from datetime import timedelta
from typing import Any

from tests.support.cloud import NOW, Cloud
from tests.support.features.expectations import Expectations
from tests.support.partners import dump

TODAY, YESTERDAY = "2026-11-10", "2026-11-09"


def build(cloud: Cloud, time: Any) -> None:
    """Add quiz-1 with three answers, and quiz-2 without any."""
    from tests.support.town import OPENED_AT

    time.now = OPENED_AT
    for subject in ("quiz-1", "quiz-2"):
        assert cloud.request("open_account", subject=subject)[0] == 201
    answers = (
        (YESTERDAY, "five-and-five", 1),
        (TODAY, "one-and-one", 1),
        (TODAY, "two-and-two", 0),
    )
    for day, question, option in answers:
        time.now = NOW if day == TODAY else NOW - timedelta(days=1)
        status, body, _ = cloud.request(
            "answer_question",
            subject="quiz-1",
            path={"question_id": question},
            body=dump({"day": day, "option": option}),
        )
        assert status == 200, body
    cloud.drain()


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http

    def answer(
        question: str = "three-and-three",
        option: Any = 0,
        day: Any = TODAY,
        user: str = "quiz-1",
        body: str | None = None,
        media_type: str = "application/json",
    ) -> dict[str, Any]:
        return http(
            "answer_question",
            path={"question_id": question},
            body=dump({"day": day, "option": option}) if body is None else body,
            user=user,
            headers={"content-type": media_type},
        )

    answers = {
        "right.200": answer(),
        "wrong.200": answer(option=1),
        "first_of_all.200": answer(user="quiz-2"),
        "right_again.200": answer("one-and-one", 1),
        "wrong_again.200": answer("two-and-two", 0),
        "again_after_its_day.200": answer("five-and-five", 1, YESTERDAY),
        "second_try.409": answer("two-and-two", 2),
        "other_option_of_a_right_answer.409": answer("one-and-one", 0),
        "unknown_question.404": answer("nine-and-nine"),
        "question_that_has_not_begun.404": answer("seven-and-seven"),
        "question_of_yesterday.404": answer("one-and-one", 1, YESTERDAY),
        "question_of_tomorrow.404": answer(day="2026-11-11"),
        "path_that_is_no_id.404": answer("quiz%23a"),
        "no_account.404": answer(user="nobody"),
        "no_option_of_the_question.422": answer(option=2),
        "option_below_zero.422": answer(option=-1),
        "option_as_text.422": answer(option="0"),
        "option_as_boolean.422": answer(option=True),
        "day_that_does_not_exist.422": answer(day="2026-02-30"),
        "day_as_number.422": answer(day=20261110),
        "without_option.422": answer(body=dump({"day": TODAY})),
        "with_more.422": answer(body=dump({"day": TODAY, "option": 0, "points": 9})),
        "invalid_json.422": answer(body="{"),
        "form.415": answer(media_type="application/x-www-form-urlencoded"),
    }
    return {
        **{f"answer_question/{case}": payload for case, payload in answers.items()},
        "get_quiz/two_answered.200": http("get_quiz", user="quiz-1"),
        "get_quiz/none_answered.200": http("get_quiz", user="quiz-2"),
        "get_quiz/no_account.404": http("get_quiz", user="nobody"),
        "list_movements/of_the_quiz.200": http("list_movements", user="quiz-1"),
        "get_account/of_the_quiz.200": http("get_account", user="quiz-1"),
    }


_INVALID = (
    "no_option_of_the_question", "option_below_zero", "option_as_text", "option_as_boolean",
    "day_that_does_not_exist", "day_as_number", "without_option", "with_more",
)  # fmt: skip
_ABSENT = (
    "unknown_question", "question_that_has_not_begun", "question_of_yesterday",
    "question_of_tomorrow", "path_that_is_no_id",
)  # fmt: skip

EXPECTED = Expectations(
    codes={
        **{f"answer_question/{case}.422": "invalid_request" for case in _INVALID},
        **{f"answer_question/{case}.404": "question_not_found" for case in _ABSENT},
        "answer_question/invalid_json.422": "malformed_body",
        "answer_question/second_try.409": "question_answered",
        "answer_question/other_option_of_a_right_answer.409": "question_answered",
    },
    growth={
        # The line; the day stands already.
        "answer_question/right.200": {"EntriesTable": 1},
        "answer_question/first_of_all.200": {"DocumentsTable": 1, "EntriesTable": 1},
    },
    answers={
        "answer_question/right.200": {
            "question_id": "three-and-three", "day": TODAY, "option": 0, "is_correct": True,
            "correct_option": 0, "points": 2, "streak_days": 2,
            "explanation": {"en": "It is 6.", "zh-Hans": "等于6。"},
            "sources": [
                {
                    "title": "Elements, book VII", "publisher": "A library for tests",
                    "year": 2020, "address": "https://example.org/elements", "grade": "C",
                }
            ],
        },
        "answer_question/wrong.200": {
            "option": 1, "is_correct": False, "correct_option": 0, "points": 0,
        },
        "answer_question/first_of_all.200": {"points": 2, "streak_days": 1},
        "answer_question/right_again.200": {"is_correct": True, "points": 2, "streak_days": 2},
        "answer_question/wrong_again.200": {"option": 0, "correct_option": 2, "points": 0},
        "answer_question/again_after_its_day.200": {"day": YESTERDAY, "points": 0},
        "get_quiz/two_answered.200": {
            "day": TODAY, "streak_days": 2, "points_today": 2, "points_day_cap": 60,
        },
        "get_quiz/none_answered.200": {
            "day": TODAY, "streak_days": 0, "points_today": 0, "points_day_cap": 60,
        },
    },
)  # fmt: skip
