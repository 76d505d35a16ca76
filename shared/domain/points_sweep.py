"""Where the booking of lapsed points is: one document for each last day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PointsSweep:
    """A walk through all accounts after points of `day` have lapsed; `after` is where it is."""

    KIND: ClassVar[str] = "points-sweep"
    OWNER: ClassVar[str] = "all"

    day: date
    after: str | None = None
    is_done: bool = False
    version: int = 0

    @property
    def owner(self) -> str:
        return self.OWNER

    @property
    def name(self) -> str:
        return self.day.isoformat()

    @property
    def due_at(self) -> datetime | None:
        return None
