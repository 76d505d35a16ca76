"""Close the subject's account: every consent is withdrawn and every link goes, in one commit."""

from datetime import datetime

from shared.application.changing import change_account
from shared.application.ports import AccountChange, Accounts, Consents, Pause
from shared.domain.account import Account, close


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

    def decide(account: Account) -> AccountChange:
        after, records = close(account, now)
        return AccountChange(
            before=account,
            after=after,
            records=records,
            unlinks=tuple(consents.links_of(account.account_id)),
            subject_hash=subject_hash,
        )

    return change_account(accounts, subject_hash=subject_hash, decide=decide, pause=pause)
