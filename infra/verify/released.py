"""What this repository knows of released methodologies: their digests, and their documents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.adapters.catalogue import CATALOGUE

LOCK = CATALOGUE.with_name("released.lock")


@dataclass(frozen=True, slots=True)
class Release:
    """A version as it was released; `effective_until` is exclusive, None while it is the last.

    `document` is None where only the lock knows the version.
    """

    digest: str
    effective_until: date | None
    document: Mapping[str, Any] | None


@cache
def releases() -> Mapping[str, Release]:
    """Return every version that the lock names, by reference."""
    documents = _documents(CATALOGUE)
    found: dict[str, Release] = {}
    for line in LOCK.read_text("utf-8").splitlines():
        reference, digest, _, until = line.split()
        ends = None if until == "-" else date.fromisoformat(until)
        found[reference] = Release(digest, ends, documents.get(reference))
    return found


def _documents(path: Path) -> dict[str, Any]:
    _, *lines = path.read_text("utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    return {f"{each['id']}@{each['version']}": each for each in documents}
