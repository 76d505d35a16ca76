"""List the subject's redemptions, newest first, a page at a time."""

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Lines, StatementFilter
from shared.domain.canonical import digest
from shared.domain.movement import MovementKind
from shared.domain.redemption import Redemption

MOVEMENTS_PER_PAGE_MAX = 50


def list_redemptions(
    accounts: Accounts,
    lines: Lines,
    documents: Documents,
    *,
    subject_hash: str,
    limit: int,
    cursor: str | None,
) -> tuple[list[Redemption], str | None]:
    """Return the redemptions among the next `limit` movements, and the cursor of the next page.

    They stand where their holds stand in the ledger, which the newest may not be seen in yet.
    Raises AccountNotFoundError, InvalidCursorError and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    everything = StatementFilter()
    binding = digest(["redemptions", cursors.binding(account.account_id, everything)])
    after = cursors.decode(cursor, binding) if cursor is not None else None
    page = lines.movements(account.account_id, everything, limit=limit, after=after)
    ids = [each.about for each in page.movements if each.kind is MovementKind.HOLD]
    found = [documents.get(Redemption, account.account_id, each) for each in ids]
    redemptions = [each for each in found if each is not None]
    return redemptions, cursors.encode(page.next_key, binding) if page.next_key else None
