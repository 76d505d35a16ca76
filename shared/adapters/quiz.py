"""The questions and the quiz's policies that are shipped with the code, read once per process."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from shared.adapters.points import POLICIES, points_policies
from shared.domain.catalogue import LANGUAGES
from shared.domain.errors import CatalogueError
from shared.domain.factors import Source
from shared.domain.quiz import Question, QuestionBank, QuestionText, QuizPolicies, QuizPolicy

QUESTIONS = Path(__file__).parent.parent / "quiz"


def question_bank() -> QuestionBank:
    """Return all shipped questions; raise CatalogueError for a broken one."""
    return read_bank(QUESTIONS)


@cache
def read_bank(folder: Path) -> QuestionBank:
    """Return the questions of a folder's `<topic>.toml`; raise CatalogueError."""
    return QuestionBank.of(
        question
        for path in sorted(folder.glob("*.toml"))
        for question in parse_questions(path.read_text("utf-8"), path.name)
    )


def parse_questions(text: str, name: str) -> list[Question]:
    """Return the questions in a TOML text; raise CatalogueError where one is broken."""
    try:
        [(_, items)] = tomllib.loads(text).items()
        return [_question(data, name.removesuffix(".toml")) for data in items]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(f"{name}: {error}") from error


@cache
def quiz_policies() -> QuizPolicies:
    """Return all policies of the quiz; raise CatalogueError for a broken one."""
    policies = [
        parse_quiz_policy(path.read_text("utf-8"), path.name)
        for path in sorted(POLICIES.glob("quiz@*.toml"))
    ]
    if len({each.effective_from for each in policies}) < len(policies):
        raise CatalogueError("Two policies of the quiz begin on one day.")
    return QuizPolicies(tuple(policies), points_policies())


def parse_quiz_policy(text: str, name: str) -> QuizPolicy:
    """Return the policy in a TOML text; raise CatalogueError where it is broken."""
    try:
        data = tomllib.loads(text)
        policy = QuizPolicy(
            version=data["version"],
            effective_from=data["effective_from"],
            per_right_answer=data["per_right_answer"],
            title={language: data["title"][language] for language in LANGUAGES},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(f"{name}: {error}") from error
    if data.get("id") != "quiz" or name != f"{policy.reference}.toml":
        raise CatalogueError(f"{name}: the file is named by its id and version.")
    return policy


def _question(data: dict[str, Any], topic: str) -> Question:
    known = {"id", "from", "answer", "source", *LANGUAGES}
    if unknown := set(data) - known:
        raise CatalogueError(f"{topic}: {sorted(unknown)} says nothing.")
    return Question(
        question_id=data["id"],
        topic=topic,
        since=data["from"],
        answer=data["answer"],
        texts={language: _text(data[language]) for language in LANGUAGES},
        sources=tuple(
            Source.read({"key": str(number), **each})
            for number, each in enumerate(data["source"], start=1)
        ),
    )


def _text(data: dict[str, Any]) -> QuestionText:
    return QuestionText(data["text"], tuple(data["options"]), data["explanation"])
