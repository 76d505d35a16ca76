"""Read all lines of an account, and trace what became of its milligrams."""

from collections.abc import Sequence

from shared.application.ports import Lines
from shared.domain.account import Account
from shared.domain.errors import BusyError, TooManyLinesError
from shared.domain.lots import Lots, trace
from shared.domain.movement import Line, are_complete

# What one request may read: some ten years of a busy account.
LINES_MAX = 16_000


def lots_of(lines: Lines, account: Account) -> Lots:
    """Return what became of every milligram of the account.

    Raises BusyError while the newest lines cannot be read yet, and TooManyLinesError.
    """
    return trace(all_lines(lines, account))


def all_lines(lines: Lines, account: Account) -> Sequence[Line]:
    """Return every line of the account in order. Raises BusyError and TooManyLinesError."""
    if account.seq > LINES_MAX:
        raise TooManyLinesError
    found = lines.lines(account.account_id, limit=LINES_MAX)
    # A line that was booked after the account was read belongs to the next look.
    known = [line for line in found if line.seq <= account.seq]
    if not are_complete(known, account.seq):
        raise BusyError
    return known
