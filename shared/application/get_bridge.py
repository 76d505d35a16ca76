"""The subject's bridge: from an older balance to a newer one, rules and behaviour told apart."""

from collections.abc import Iterator
from datetime import date

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Statement, StatementFilter
from shared.domain.bridge import Bridge, build_bridge
from shared.domain.entry import Entry
from shared.domain.errors import BusyError, InvalidRequestError

PAGE_ENTRIES = 200
# Four entries a day for more than ten years; beyond that the bridge needs a statement of its own.
PAGES_MAX = 80


def get_bridge(
    accounts: Accounts, statement: Statement, *, subject_hash: str, first: date, last: date
) -> Bridge:
    """Return the bridge over the ledger days from `first` to `last`, both inclusive.

    Raises AccountNotFoundError, InvalidRequestError for a reversed range or too many entries, and
    BusyError while the newest entries are not in the statement yet.
    """
    if first > last:
        raise InvalidRequestError(
            "`from` comes before `to`.", pointers=(("/query/to", "is before `from`"),)
        )
    account = get_account(accounts, subject_hash=subject_hash)
    bridge = build_bridge(_entries(statement, account.account_id), first, last)
    if (bridge.closing + bridge.later).count < account.total.count:
        raise BusyError("The newest entries are not in the statement yet.")
    return bridge


def _entries(statement: Statement, account_id: str) -> Iterator[Entry]:
    after: str | None = None
    for _ in range(PAGES_MAX):
        page = statement.page(account_id, StatementFilter(), limit=PAGE_ENTRIES, after=after)
        yield from page.entries
        after = page.next_key
        if after is None:
            return
    raise InvalidRequestError("The account holds too many entries for one bridge.")
