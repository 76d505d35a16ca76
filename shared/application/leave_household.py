"""Leave the household of the subject's account; what was shared stays where it is."""

from collections.abc import Sequence
from dataclasses import replace

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import household_of, placed, turned_away
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.account import Account


def leave_household(
    accounts: Accounts, documents: Documents, *, subject_hash: str, pause: Pause
) -> Account:
    """Return the account without a household; leaving none is no error.

    The others' shares become the whole again; without others the household is dissolved. Raises
    AccountNotFoundError, BusyError.
    """

    def step() -> Account:
        account = get_account(accounts, subject_hash=subject_hash)
        if account.household is None:
            return account
        change = AccountChange(account, placed(account, None))
        accounts.commit(*leaving(accounts, documents, change))
        return change.after

    return until_committed(step, pause)


def leaving(
    accounts: Accounts, documents: Documents, change: AccountChange
) -> Sequence[AccountChange]:
    """Return a change that takes its account out of its household, with the others' changes.

    Where it is in none, that is the change alone.
    """
    account = change.before
    if account is None or account.household is None:
        return (change,)
    before = household_of(documents, account)
    household = before.leave(account.account_id)
    out = replace(
        change,
        after=replace(change.after, household=None),
        documents=(*change.documents, Write(household, before)),
    )
    return (out, *turned_away(accounts, before, household, account.account_id))
