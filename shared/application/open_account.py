"""Open the subject's account; opening it twice opens it once."""

from datetime import datetime

from shared.application.ports import AccountChange, Accounts
from shared.domain import account as rules
from shared.domain.account import Account
from shared.domain.errors import BusyError, StaleAccountError


def open_account(
    accounts: Accounts, *, subject_hash: str, account_id: str, now: datetime
) -> tuple[Account, bool]:
    """Return the subject's account and whether it was opened just now.

    A closed account stays closed: its subject gets a new one under the fresh `account_id`.
    """
    existing = accounts.find(subject_hash)
    if existing is not None:
        return existing, False
    opened = rules.open_account(account_id, now)
    try:
        accounts.commit(AccountChange(before=None, after=opened, subject_hash=subject_hash))
    except StaleAccountError as error:
        # The same subject opened it at the same moment, or our own first try did.
        existing = accounts.find(subject_hash)
        if existing is None:
            raise BusyError from error
        return existing, existing.account_id == account_id
    return opened, True
