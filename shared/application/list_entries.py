"""List the subject's entries, newest occurrence first, a page at a time."""

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Statement, StatementFilter
from shared.domain.entry import Entry
from shared.domain.errors import InvalidRequestError

ENTRIES_PER_PAGE_MAX = 200


def list_entries(
    accounts: Accounts,
    statement: Statement,
    *,
    subject_hash: str,
    wanted: StatementFilter,
    limit: int,
    cursor: str | None,
) -> tuple[tuple[Entry, ...], str | None]:
    """Return up to `limit` entries and the cursor of the next page, None at the end.

    Raises AccountNotFoundError, InvalidRequestError for a range that is reversed, and
    InvalidCursorError for a cursor of another account or filter.
    """
    first, until = wanted.occurred_from, wanted.occurred_until
    if first is not None and until is not None and first > until:
        raise InvalidRequestError(
            "`from` comes before `to`.", pointers=(("/query/to", "is before `from`"),)
        )
    account = get_account(accounts, subject_hash=subject_hash)
    binding = cursors.binding(account.account_id, wanted)
    after = cursors.decode(cursor, binding) if cursor is not None else None
    page = statement.page(account.account_id, wanted, limit=limit, after=after)
    return page.entries, cursors.encode(page.next_key, binding) if page.next_key else None
