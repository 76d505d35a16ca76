"""What a look at a whole store finds: the promise, the row, and what should stand there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from infra.local.ledger import Ledger
from shared.domain.instants import format_instant


@dataclass(frozen=True, slots=True)
class Finding:
    """A row, the attribute that is wrong, and what should stand there. Rows are named by ids."""

    row: str
    attribute: str
    expected: object
    found: object

    def __str__(self) -> str:
        expected, found = _shown(self.attribute, self.expected), _shown(self.attribute, self.found)
        return f"{self.row}: {self.attribute}: expected {expected}, found {found}"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise, how it is verified, and how many of what it is verified on."""

    name: str
    check: Callable[[Ledger], Iterator[Finding]]
    count: Callable[[Ledger], int]
    of_what: str


# What tells something about a person is said to differ, and not shown.
_PERSONAL: Final = frozenset({"inputs", "occurred_key", "reference_hash", "salt"})
_SHOWN_CHARS_MAX: Final = 160


def _shown(attribute: str, value: object) -> str:
    if attribute in _PERSONAL:
        return "(not shown)"
    text = format_instant(value) if isinstance(value, datetime) else str(value)
    return text if len(text) <= _SHOWN_CHARS_MAX else f"{text[:_SHOWN_CHARS_MAX]}..."


def compare(row: str, **pairs: tuple[object, object]) -> Iterator[Finding]:
    """Yield a finding for each attribute whose (expected, found) differ."""
    for attribute, (expected, found) in pairs.items():
        if expected != found:
            yield Finding(row, attribute, expected, found)


def account_row(account_id: str) -> str:
    return f"account#{account_id}"


def entry_row(cause: str) -> str:
    return f"{cause} entry"
