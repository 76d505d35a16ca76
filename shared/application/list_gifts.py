"""List the gifts that the subject sent and received, newest first, a page at a time."""

from collections.abc import Sequence

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, StatementFilter
from shared.domain.gift import Gift

GIFTS_PER_PAGE_MAX = 100


def list_gifts(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Gift], str | None]:
    """Return up to `limit` gifts and the cursor of the next page, None at the end.

    Raises AccountNotFoundError, InvalidCursorError and BusyError.
    """
    account_id = get_account(accounts, subject_hash=subject_hash).account_id
    binding = cursors.binding(f"{Gift.KIND}#{account_id}", StatementFilter())
    after = cursors.decode(cursor, binding) if cursor is not None else None
    gifts, next_name = documents.of_owner(Gift, account_id, limit=limit, after=after)
    return gifts, cursors.encode(next_name, binding) if next_name else None
