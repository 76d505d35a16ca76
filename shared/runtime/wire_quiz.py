"""How the quiz is asked and graded. Texts are by language."""

from typing import Annotated, Self

from pydantic import Field

from shared.application.answer_question import Graded
from shared.application.get_quiz import Quiz
from shared.domain.quiz import OPTIONS_MAX, Question, QuizAnswer
from shared.runtime.http import WireModel
from shared.runtime.wire_footprint import FootprintSourceBody


class QuestionTextBody(WireModel):
    """A question in one language; an option is named by its index."""

    text: str
    options: list[str]


class SolutionBody(WireModel):
    """What was answered, what is right and why; `points` is what it earned."""

    option: int
    is_correct: bool
    correct_option: int
    points: int
    explanation: dict[str, str]
    sources: list[FootprintSourceBody]

    @classmethod
    def of_answer(cls, question: Question, answer: QuizAnswer) -> Self:
        return cls(
            option=answer.option,
            is_correct=answer.is_correct,
            correct_option=answer.correct_option,
            points=answer.points,
            explanation={language: each.explanation for language, each in question.texts.items()},
            sources=[FootprintSourceBody.of(source) for source in question.sources],
        )


class QuestionBody(WireModel):
    """One question of the day; `answer` only once it is answered."""

    question_id: str
    topic: str
    texts: dict[str, QuestionTextBody]
    answer: SolutionBody | None = None


class QuizBody(WireModel):
    """Today's questions.

    `streak_days` counts the days in a row with an answer. `points_today` is what the account has
    earned today by answers and behaviour, of which `points_day_cap` is the most.
    """

    day: str
    questions: list[QuestionBody]
    streak_days: int
    points_today: int
    points_day_cap: int

    @classmethod
    def of(cls, quiz: Quiz) -> Self:
        return cls(
            day=quiz.day.isoformat(),
            questions=[
                QuestionBody(
                    question_id=question.question_id,
                    topic=question.topic,
                    texts={
                        language: QuestionTextBody(text=each.text, options=list(each.options))
                        for language, each in question.texts.items()
                    },
                    answer=SolutionBody.of_answer(question, answer) if answer else None,
                )
                for question, answer in quiz.questions
            ],
            streak_days=quiz.streak_days,
            points_today=quiz.points_today,
            points_day_cap=quiz.points_day_cap,
        )


class OptionBody(WireModel):
    """An answer to the question of a day: `option` is the option's index."""

    day: str
    option: Annotated[int, Field(ge=0, lt=OPTIONS_MAX)]


class GradedBody(WireModel):
    """An answer as it stands, what is right and why; `points` is what it earned."""

    question_id: str
    day: str
    option: int
    is_correct: bool
    correct_option: int
    points: int
    explanation: dict[str, str]
    sources: list[FootprintSourceBody]
    streak_days: int

    @classmethod
    def of(cls, graded: Graded) -> Self:
        solution = SolutionBody.of_answer(graded.question, graded.answer)
        return cls(
            question_id=graded.question.question_id,
            day=graded.day.day.isoformat(),
            streak_days=graded.day.streak_days,
            **dict(solution),
        )
