"""Read the subject's account."""

from shared.application.ports import Accounts
from shared.domain.account import Account
from shared.domain.errors import AccountNotFoundError


def get_account(accounts: Accounts, *, subject_hash: str) -> Account:
    """Return the subject's open account; raise AccountNotFoundError without one."""
    account = accounts.find(subject_hash)
    if account is None:
        raise AccountNotFoundError
    return account
