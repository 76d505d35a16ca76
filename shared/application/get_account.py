"""Read the subject's account, as it is or as it was."""

from dataclasses import replace
from datetime import datetime

from shared.application.ports import Accounts, Lines
from shared.application.tracing import all_lines
from shared.domain.account import Account
from shared.domain.booking import book
from shared.domain.errors import AccountNotFoundError


def get_account(accounts: Accounts, *, subject_hash: str) -> Account:
    """Return the subject's open account; raise AccountNotFoundError without one."""
    account = accounts.find(subject_hash)
    if account is None:
        raise AccountNotFoundError
    return account


def get_account_as_of(
    accounts: Accounts, lines: Lines, *, subject_hash: str, as_of: datetime
) -> Account:
    """Return the subject's account with the balances of an instant: the fold of what was booked.

    Everything but balances is as it is now. Raises AccountNotFoundError, TooManyLinesError, and
    BusyError while the newest lines cannot be read yet.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    opened = Account(account.account_id, account.opened_at)
    then = opened
    for line in all_lines(lines, account):
        if line.booked_at <= as_of:
            then = book(then, line)
    return replace(
        account,
        seq=then.seq,
        total=then.total,
        chain_head=then.chain_head,
        last_booked_at=then.last_booked_at,
        moved_mg=then.moved_mg,
        held_mg=then.held_mg,
        points=then.points,
    )
