"""Read the household of the subject's account."""

from shared.application.get_account import get_account
from shared.application.households import AtHome, household_of
from shared.application.ports import Accounts, Documents


def get_household(accounts: Accounts, documents: Documents, *, subject_hash: str) -> AtHome:
    """Return the account with its household, also while it waits to be let in.

    Raises AccountNotFoundError, HouseholdNotFoundError, BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    return AtHome(account, household_of(documents, account))
