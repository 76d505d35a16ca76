"""All files of a folder, checked alone and together, and what is made of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infra.methodologies.divisions import divisions
from infra.methodologies.effects import effects, lower_bounds, ranges
from infra.methodologies.formulas import changes, definitions, language, reading
from infra.methodologies.lock import (
    LOCK,
    Release,
    Releases,
    broken_promises,
    lock_text,
    read_lock,
    to_release,
)
from infra.methodologies.problem import Problem
from infra.methodologies.rules import RULES, still_fresh
from infra.methodologies.source import SourceFile, read_file
from infra.methodologies.timeline import mutual_exclusion, noticed, one_rule_a_day
from infra.methodologies.units import units
from shared.adapters.catalogue import parse_notice
from shared.domain.catalogue import Catalogue
from shared.domain.consent import Notice
from shared.domain.errors import CatalogueError
from shared.domain.footprint import FootprintModel
from shared.domain.methodology import Methodology, Use

CATALOGUE = "catalogue.jsonl"
_REMEDY = "run `make methodologies`."
ALONE: tuple[Callable[[SourceFile], Iterator[Problem]], ...] = (
    *RULES,
    language,
    definitions,
    reading,
    changes,
    units,
    divisions,
)


@dataclass(frozen=True, slots=True)
class Workshop:
    """The folder as it stands.

    `problems` are those of the files, by themselves, together and with what was released; `news`
    is what the next release would lock, by reference.
    """

    folder: Path
    methodologies: tuple[Methodology, ...]
    releases: Releases
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    news: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path, notices: Path, today: date) -> "Workshop":
        """Read and check everything."""
        files = [read_file(path.name, path.read_bytes()) for path in sorted(folder.glob("*.toml"))]
        methodologies: list[Methodology] = []
        problems: list[Problem] = []
        for file in files:
            found, methodology = _check(file)
            problems += found
            methodologies += [methodology] if methodology else []
        problems += _check_together(files, notices)
        lock = folder / LOCK
        locked, broken = read_lock(lock.read_text("utf-8") if lock.exists() else "")
        current = {each.reference: Release.of(each) for each in methodologies}
        problems += broken
        problems += broken_promises(
            locked, current, {each.name.removesuffix(".toml") for each in files}
        )
        return cls(
            folder=folder,
            methodologies=tuple(methodologies),
            releases=current,
            problems=tuple(sorted(problems)),
            warnings=tuple(warning for file in files for warning in still_fresh(file, today)),
            news=to_release(locked, current),
        )

    @property
    def unreleased(self) -> tuple[Problem, ...]:
        return tuple(
            Problem(f"{reference}.toml", 1, f"{reference} {what}: not released yet, {_REMEDY}")
            for reference, what in sorted(self.news.items())
        )

    @property
    def drift(self) -> tuple[Problem, ...]:
        """Say whether the compiled catalogue is another than `compile` would write."""
        path = self.folder / CATALOGUE
        if path.exists() and path.read_text("utf-8") == self._compiled():
            return ()
        return (Problem(CATALOGUE, 1, f"It is not what the files say: {_REMEDY}"),)

    def compile(self) -> None:
        """Write what the functions read."""
        (self.folder / CATALOGUE).write_text(self._compiled(), "utf-8")

    def release(self) -> None:
        """Lock every version as it is now, and compile."""
        (self.folder / LOCK).write_text(lock_text(self.releases.values()), "utf-8")
        self.compile()

    def _compiled(self) -> str:
        return Catalogue.of(self.methodologies).to_lines()


def _check(file: SourceFile) -> tuple[list[Problem], Methodology | None]:
    """Return a file's problems, and what it is to the functions, where they can read it."""
    problems = list(file.problems)
    for rule in ALONE:
        problems += rule(file)
    if file.problems:
        return problems, None
    try:
        methodology = Methodology.from_document(file.document())
        if methodology.use is Use.FOOTPRINT and not problems:
            FootprintModel.of(methodology)
    except CatalogueError as error:
        return problems or [file.problem(error.detail)], None
    if not problems:
        problems += effects(file)
    if not problems and methodology.use is not Use.FOOTPRINT:
        problems += ranges(file, methodology)
        problems += lower_bounds(file, methodology)
    return problems, methodology


def _check_together(files: list[SourceFile], folder: Path) -> Iterator[Problem]:
    notices: list[Notice] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            notices.append(parse_notice(path.read_text("utf-8"), path.name))
        except CatalogueError as error:
            detail = error.detail.removeprefix(f"{path.name}: ")
            yield Problem(path.name, 1, f"This notice cannot be read: {detail}")
    yield from one_rule_a_day(files)
    yield from mutual_exclusion(files)
    yield from noticed(files, notices)
