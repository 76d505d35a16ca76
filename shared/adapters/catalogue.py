"""The compiled catalogue and the notices that are shipped with the code, read once per process."""

import tomllib
from functools import cache
from pathlib import Path

from shared.domain.catalogue import LANGUAGES, Catalogue
from shared.domain.consent import Notice
from shared.domain.errors import CatalogueError

_SHARED = Path(__file__).parent.parent
CATALOGUE = _SHARED / "methodologies" / "catalogue.jsonl"
NOTICES = _SHARED / "notices"


@cache
def catalogue() -> Catalogue:
    """Return the catalogue; raise CatalogueError for a broken one."""
    return Catalogue.from_lines(CATALOGUE.read_text("utf-8"))


@cache
def notices() -> dict[str, Notice]:
    """Return the current notice of each scenario: the one with the highest version."""
    current: dict[str, Notice] = {}
    for path in sorted(NOTICES.glob("*.toml")):
        notice = parse_notice(path.read_text("utf-8"), path.name)
        standing = current.get(notice.scenario)
        if standing is None or standing.version < notice.version:
            current[notice.scenario] = notice
    return current


def parse_notice(text: str, name: str) -> Notice:
    """Return the notice in a TOML text; raise CatalogueError where it is broken."""
    try:
        data = tomllib.loads(text)
        notice = Notice(
            scenario=data["scenario"],
            version=data["version"],
            texts={language: dict(data["texts"][language]) for language in LANGUAGES},
            data_categories=tuple(data["data_categories"]),
            retention=data["retention"],
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(f"{name}: {error}") from error
    if "#" in notice.version or name != f"{notice.scenario}@{notice.version}.toml":
        raise CatalogueError(f"{name}: the file is named by its scenario and version.")
    return notice
