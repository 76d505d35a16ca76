"""Close the subject's account: every consent is withdrawn and every link goes, in one commit."""

from datetime import datetime

from shared.application.changing import change_account
from shared.application.ports import AccountChange, Accounts, Consents, Pause
from shared.domain.account import Account, close
from shared.domain.errors import AccountNotFoundError


def close_account(
    accounts: Accounts,
    consents: Consents,
    *,
    subject_hash: str,
    now: datetime,
    pause: Pause,
) -> Account:
    """Return the closed account. Its entries stay in the ledger; its subject may open a new one.

    Raises AccountNotFoundError, BusyError.
    """
    decided: list[Account] = []

    def decide(account: Account) -> AccountChange:
        after, records = close(account, now)
        decided.append(after)
        return AccountChange(
            before=account,
            after=after,
            records=records,
            unlinks=tuple(consents.links_of(account.account_id)),
            subject_hash=subject_hash,
        )

    try:
        return change_account(accounts, subject_hash=subject_hash, decide=decide, pause=pause)
    except AccountNotFoundError:
        # Gone after it was there: our own commit stood, only its answer was lost.
        if not decided:
            raise
        return decided[-1]
