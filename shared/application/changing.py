"""Load, decide, commit: the loop that every change of one's own account goes through."""

from collections.abc import Callable

from shared.application.get_account import get_account
from shared.application.ports import AccountChange, Accounts, Pause
from shared.domain.account import Account
from shared.domain.errors import BusyError, StaleAccountError

# Credits to the same account are what a user's change races with; eight losses in a row is a fault.
ATTEMPTS_MAX = 8


def change_account(
    accounts: Accounts,
    *,
    subject_hash: str,
    decide: Callable[[Account], AccountChange | None],
    pause: Pause,
) -> Account:
    """Commit what `decide` makes of the subject's account; return the account as it then is.

    `decide` returns None where nothing is to change. Raises AccountNotFoundError, what `decide`
    raises, or BusyError after ATTEMPTS_MAX lost races.
    """
    for attempt in range(ATTEMPTS_MAX):
        account = get_account(accounts, subject_hash=subject_hash)
        change = decide(account)
        if change is None:
            return account
        try:
            accounts.commit(change)
        except (StaleAccountError, BusyError):
            pause(attempt)
            continue
        return change.after
    raise BusyError
