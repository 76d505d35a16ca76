"""The quiz: five questions a day for each account, each answered once. A right answer earns points.

Nothing is drawn by chance and nothing is kept before the first answer: which questions are asked
follows from the account, the day and the bank. A document keeps each day on which one was answered.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.canonical import digest
from shared.domain.catalogue import LANGUAGES
from shared.domain.errors import (
    CatalogueError,
    InvalidRequestError,
    QuestionAnsweredError,
    QuestionNotFoundError,
)
from shared.domain.factors import Source
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving
from shared.domain.points import DAY_CAP_MAX, PointsTerms
from shared.domain.points_policy import PointsPolicies

QUESTIONS_A_DAY = 5
OPTIONS_MIN, OPTIONS_MAX = 2, 6
QUESTION_ID_CHARS_MAX = 64
# Some sources are on the web without https; what this service itself says is at a route of it.
_ADDRESSES = ("https://", "http://", "/v1/")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question in one language; `explanation` is told with the solution."""

    text: str
    options: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is asked from the day `since` on; `answer` is the right option's index.

    Raises CatalogueError where it could not be asked in every language.
    """

    question_id: str
    topic: str
    since: date
    answer: int
    texts: Mapping[str, QuestionText]
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        counts = {len(each.options) for each in self.texts.values()}
        count = min(counts, default=0)
        is_named = _SLUG.fullmatch(self.question_id) and _SLUG.fullmatch(self.topic)
        if not is_named or len(self.question_id) > QUESTION_ID_CHARS_MAX:
            raise CatalogueError(f"{self.question_id}: ids and topics are short slugs.")
        if set(self.texts) != set(LANGUAGES):
            raise CatalogueError(f"{self.question_id}: it is asked in {' and '.join(LANGUAGES)}.")
        if len(counts) > 1 or not OPTIONS_MIN <= count <= OPTIONS_MAX:
            raise CatalogueError(f"{self.question_id}: each language has the same options.")
        if type(self.answer) is not int or not 0 <= self.answer < count:
            raise CatalogueError(f"{self.question_id}: the answer is the index of an option.")
        for each in self.texts.values():
            texts = (each.text, each.explanation, *each.options)
            if not all(text.strip() for text in texts) or len(set(each.options)) < count:
                raise CatalogueError(f"{self.question_id}: a text is empty, or an option twice.")
        if not self.sources:
            raise CatalogueError(f"{self.question_id}: it has no source.")
        if not all(source.address.startswith(_ADDRESSES) for source in self.sources):
            raise CatalogueError(f"{self.question_id}: a source is on the web, or a route of ours.")

    @property
    def options_count(self) -> int:
        return len(self.texts[LANGUAGES[0]].options)


@dataclass(frozen=True, slots=True)
class QuestionBank:
    """All questions by id."""

    questions: Mapping[str, Question] = field(default_factory=dict)

    @classmethod
    def of(cls, questions: Iterable[Question]) -> "QuestionBank":
        """Return the bank; raise CatalogueError where two questions have one id."""
        bank: dict[str, Question] = {}
        for question in questions:
            if question.question_id in bank:
                raise CatalogueError(f"{question.question_id}: there are two.")
            bank[question.question_id] = question
        return cls(bank)

    def of_day(self, account_id: str, day: date) -> tuple[str, ...]:
        """Return the ids of the account's questions of a day, QUESTIONS_A_DAY at most.

        An account goes through the bank in an order of its own, and then in another: as long as
        the bank does not change, nothing is asked twice in one turn.
        """
        begun = [each.question_id for each in self.questions.values() if each.since <= day]
        days = max(1, len(begun) // QUESTIONS_A_DAY)
        turn, place = divmod(day.toordinal(), days)
        begun.sort(key=lambda question_id: digest([account_id, turn, question_id]))
        return tuple(begun[place * QUESTIONS_A_DAY : (place + 1) * QUESTIONS_A_DAY])


@dataclass(frozen=True, slots=True)
class QuizPolicy:
    """What a right answer earns from a day on. Raises CatalogueError where it could not be kept."""

    version: str
    effective_from: date
    per_right_answer: int
    title: Mapping[str, str]

    def __post_init__(self) -> None:
        if not 0 <= self.per_right_answer * QUESTIONS_A_DAY <= DAY_CAP_MAX:
            raise CatalogueError(f"{self.reference}: the points are out of range.")

    @property
    def reference(self) -> str:
        return f"quiz@{self.version}"


@dataclass(frozen=True, slots=True)
class QuizPolicies:
    """All released versions; the latest that has begun is in force, within the points' own caps."""

    policies: tuple[QuizPolicy, ...]
    points: PointsPolicies

    def terms(self, at: datetime, day: date) -> PointsTerms | None:
        """Return what a right answer of a day earns at a time of it, if there is a policy."""
        begun = [each for each in self.policies if each.effective_from <= day]
        standard = self.points.in_force(at)
        if standard is None or not begun:
            return None
        policy = max(begun, key=lambda each: each.effective_from)
        return PointsTerms(
            policy=policy.reference,
            per_credit=policy.per_right_answer,
            per_kg=0,
            day_cap=standard.day_cap,
            month_cap=standard.month_cap,
            spend_by=standard.spend_by(at),
        )


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """What was answered, and what the right option was then."""

    question_id: str
    option: int
    correct_option: int
    points: int
    answered_at: datetime

    @property
    def is_correct(self) -> bool:
        return self.option == self.correct_option


@dataclass(frozen=True, slots=True)
class QuizDay:
    """An account's questions of a day on which it answered one, and its answers in their order.

    `streak_days` counts the days in a row with an answer, up to this one.
    """

    KIND: ClassVar[str] = "quiz"

    account_id: str
    day: date
    asked: tuple[str, ...]
    streak_days: int
    answers: tuple[QuizAnswer, ...] = ()

    @property
    def version(self) -> int:
        """Each answer is one step."""
        return len(self.answers)

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return self.day.isoformat()

    @property
    def due_at(self) -> datetime | None:
        return None

    def answer_to(self, question_id: str) -> QuizAnswer | None:
        return next((each for each in self.answers if each.question_id == question_id), None)

    def with_answer(self, answer: QuizAnswer) -> "QuizDay":
        return replace(self, answers=(*self.answers, answer))


@dataclass(frozen=True, slots=True)
class Answered:
    """The day with one answer more, and how the account moves if it earned points by it."""

    day: QuizDay
    answer: QuizAnswer
    moving: Moving | None


def new_day(account_id: str, day: date, asked: Sequence[str], before: QuizDay | None) -> QuizDay:
    """Return a day without an answer yet; `before` is the day before, if it has one."""
    streak_days = before.streak_days + 1 if before else 1
    return QuizDay(account_id, day, tuple(asked), streak_days)


def answer_question(
    account: Account,
    day: QuizDay,
    question: Question,
    option: int,
    terms: PointsTerms | None,
    now: datetime,
) -> Answered:
    """Grade an answer; a right one earns what `terms` offer, as far as the caps leave room.

    Raises QuestionNotFoundError for what the day does not ask, QuestionAnsweredError where it has
    an answer, and InvalidRequestError for no option of the question.
    """
    if question.question_id not in day.asked:
        raise QuestionNotFoundError
    if day.answer_to(question.question_id) is not None:
        raise QuestionAnsweredError
    if not 0 <= option < question.options_count:
        raise InvalidRequestError(pointers=(("/option", "is no option of the question"),))
    points = 0
    if terms is not None and option == question.answer:
        room = account.points_earned.room(terms, day.day)
        points = min(terms.for_credit(0), room)
    answer = QuizAnswer(question.question_id, option, question.answer, points, now)
    moving = _earn(account, day, answer, terms, now) if terms and points else None
    return Answered(day.with_answer(answer), answer, moving)


def quiz_key(account_id: str, day: date, question_id: str) -> str:
    """Return the key of the line by which an answer earned points."""
    return f"quiz#{account_id}#{day.isoformat()}#{question_id}"


def quiz_day(movement: Movement) -> date:
    """Return the day whose question earned the points: the caps count by it."""
    return date.fromisoformat(movement.key.split("#")[2])


def earned_points(movement: Movement) -> int:
    """Return what an answer earned, of which a part may have paid a debt."""
    return movement.points.amount - movement.points.debt


def _earn(
    account: Account, day: QuizDay, answer: QuizAnswer, terms: PointsTerms, now: datetime
) -> Moving:
    moving = Moving.begin(account, now)
    moving.move(
        MovementKind.EARNED,
        key=quiz_key(account.account_id, day.day, answer.question_id),
        about=answer.question_id,
        payload_digest=digest([day.name, answer.question_id, answer.option, terms.policy]),
        points=moving.account.points.earning(answer.points, terms.spend_by),
    )
    counted = moving.account.points_earned.counted(answer.points, day.day)
    moving.account = replace(moving.account, points_earned=counted)
    return moving


def streak_before(before: QuizDay | None) -> int:
    """Return how many days in a row have an answer, as long as today has none."""
    return before.streak_days if before else 0


def day_before(day: date) -> date:
    return day - timedelta(days=1)
