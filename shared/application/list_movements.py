"""List the subject's movements, newest first, a page at a time."""

from datetime import datetime

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Lines, StatementFilter
from shared.domain.movement import Movement

MOVEMENTS_PER_PAGE_MAX = 200
# Cursors of entries and of movements are not each other's.
_LIST = "movements"


def list_movements(
    accounts: Accounts,
    lines: Lines,
    *,
    subject_hash: str,
    as_of: datetime | None,
    limit: int,
    cursor: str | None,
) -> tuple[tuple[Movement, ...], str | None]:
    """Return up to `limit` movements and the cursor of the next page, None at the end.

    Raises AccountNotFoundError, InvalidCursorError and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    wanted = StatementFilter(as_of=as_of)
    binding = cursors.binding(f"{_LIST}#{account.account_id}", wanted)
    after = cursors.decode(cursor, binding) if cursor is not None else None
    page = lines.movements(account.account_id, wanted, limit=limit, after=after)
    return page.movements, cursors.encode(page.next_key, binding) if page.next_key else None
