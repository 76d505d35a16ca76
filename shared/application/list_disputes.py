"""List the subject's disputes, newest first, a page at a time."""

from collections.abc import Sequence

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents
from shared.domain.canonical import digest
from shared.domain.dispute import Dispute

DISPUTES_PER_PAGE_MAX = 100


def list_disputes(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Dispute], str | None]:
    """Return up to `limit` disputes as they stand, and the cursor of the next page, if any.

    Raises AccountNotFoundError, InvalidCursorError and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    binding = digest(["disputes", account.account_id])
    after = cursors.decode(cursor, binding) if cursor is not None else None
    found, next_name = documents.of_owner(Dispute, account.account_id, limit=limit, after=after)
    return found, cursors.encode(next_name, binding) if next_name else None
