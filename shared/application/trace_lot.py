"""Trace one of the subject's lots: which line made it, and what became of each milligram."""

from dataclasses import dataclass

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Lines
from shared.application.tracing import all_lines
from shared.domain.errors import LotNotFoundError
from shared.domain.lots import Lot, LotPart, trace
from shared.domain.movement import Line, key_of


@dataclass(frozen=True, slots=True)
class TracedLot:
    """A lot, and its parts with the lines that took them."""

    lot: Lot
    parts: tuple[tuple[LotPart, Line], ...]


def trace_lot(accounts: Accounts, lines: Lines, *, subject_hash: str, lot: str) -> TracedLot:
    """Return the lot that the line with this hash made.

    Raises AccountNotFoundError, LotNotFoundError for another's lot too, TooManyLinesError, and
    BusyError while the newest lines cannot be read yet.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    known = all_lines(lines, account)
    found = next((each for each in trace(known).lots if each.lot == lot), None)
    if found is None:
        raise LotNotFoundError
    by_key = {key_of(line): line for line in known}
    return TracedLot(found, tuple((part, by_key[part.line]) for part in found.parts))
