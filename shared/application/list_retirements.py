"""List the subject's retirements, newest first, a page at a time."""

from collections.abc import Sequence

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents
from shared.domain.canonical import digest
from shared.domain.retirement import Retirement

RETIREMENTS_PER_PAGE_MAX = 100


def list_retirements(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Retirement], str | None]:
    """Return up to `limit` retirements and the cursor of the next page, None at the end.

    Raises AccountNotFoundError, InvalidCursorError for another account's cursor, and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    binding = digest([Retirement.KIND, account.account_id])
    after = cursors.decode(cursor, binding) if cursor is not None else None
    found, next_name = documents.of_owner(Retirement, account.account_id, limit=limit, after=after)
    return found, cursors.encode(next_name, binding) if next_name else None
