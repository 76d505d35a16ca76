"""A document of no use but to be stored: what every kind of document has, and a text."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from shared.domain.points import NO_CHANGE, PointsChange


@dataclass(frozen=True, slots=True)
class Note:
    """A note in somebody's list, with the fields that are hardest to write as JSON."""

    KIND: ClassVar[str] = "note"

    owner: str
    name: str
    text: str = ""
    due_at: datetime | None = None
    days: tuple[date, ...] = ()
    points: PointsChange = NO_CHANGE
    version: int = 1

    def saying(self, text: str) -> "Note":
        """Return the next version."""
        return replace(self, text=text, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Task:
    """Another kind of document, with the same address as some note."""

    KIND: ClassVar[str] = "task"

    owner: str
    name: str
    due_at: datetime | None = None
    version: int = 1
