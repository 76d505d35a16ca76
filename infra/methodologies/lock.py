"""What was released, by digest, so that no released version changes unnoticed.

`released.lock` has a line for each version: its reference, digest, first day, and the day on which
it ends or `-`. Lines are added, and a `-` becomes a day once; nothing else in it ever changes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from infra.methodologies.problem import Problem
from shared.domain.methodology import Methodology

LOCK = "released.lock"
_OPEN = "-"
_LINE = re.compile(r"(\S+@\S+) ([0-9a-f]{64}) (\d{4}-\d\d-\d\d) (\d{4}-\d\d-\d\d|-)")


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """One version as it was released; `effective_until` is exclusive, None while it is open."""

    reference: str
    digest: str
    effective_from: date
    effective_until: date | None

    @classmethod
    def of(cls, methodology: Methodology) -> "Release":
        return cls(
            methodology.reference,
            methodology.digest,
            methodology.effective_from,
            methodology.effective_until,
        )

    def __str__(self) -> str:
        until = self.effective_until or _OPEN
        return f"{self.reference} {self.digest} {self.effective_from} {until}"


Releases = Mapping[str, Release]


def read_lock(text: str) -> tuple[dict[str, Release], list[Problem]]:
    """Return the releases by reference, and the lines that are none."""
    releases: dict[str, Release] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        release = _read_line(line)
        if release and release.reference not in releases:
            releases[release.reference] = release
        else:
            reason = f"This is not a release, or one for the second time: {line}"
            problems.append(Problem(LOCK, number, reason))
    return releases, problems


def lock_text(releases: Iterable[Release]) -> str:
    return "".join(f"{each}\n" for each in sorted(releases, key=lambda each: each.reference))


def broken_promises(
    locked: Releases, current: Releases, references: Iterable[str]
) -> Iterator[Problem]:
    """Yield releases that have changed, or are gone.

    `current` is what the readable files would be released as, `references` names all files.
    """
    for number, (reference, was) in enumerate(locked.items(), 1):
        now = current.get(reference)
        if reference not in references:
            reason = f"{reference} was released, but its file is gone: put it back."
            yield Problem(LOCK, number, reason)
        elif now and (now.digest, now.effective_from) != (was.digest, was.effective_from):
            reason = f"{reference} was released and has changed: release a new version instead."
            yield Problem(f"{reference}.toml", 1, reason)
        elif now and was.effective_until and now.effective_until != was.effective_until:
            reason = f"{reference} was released to end on {was.effective_until}: that stays."
            yield Problem(f"{reference}.toml", 1, reason)


def to_release(locked: Releases, current: Releases) -> dict[str, str]:
    """Return what is new in each reference that is not as the lock has it."""
    news: dict[str, str] = {}
    for reference, now in current.items():
        was = locked.get(reference)
        if was is None:
            news[reference] = f"begins on {now.effective_from}"
        elif was.effective_until is None and now.effective_until:
            news[reference] = f"ends on {now.effective_until}"
    return news


def _read_line(line: str) -> Release | None:
    match = _LINE.fullmatch(line)
    if not match:
        return None
    reference, digest, begins, ends = match.groups()
    try:
        until = None if ends == _OPEN else date.fromisoformat(ends)
        return Release(reference, digest, date.fromisoformat(begins), until)
    except ValueError:
        return None
