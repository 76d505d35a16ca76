"""Close the subject's account: every consent is withdrawn and every link goes, in one commit."""

from dataclasses import replace
from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.leave_household import leaving
from shared.application.ports import AccountChange, Accounts, Consents, Documents, Pause, Write
from shared.domain.account import Account, close
from shared.domain.errors import AccountNotFoundError
from shared.domain.share import Shares


def close_account(
    accounts: Accounts,
    consents: Consents,
    documents: Documents,
    *,
    subject_hash: str,
    now: datetime,
    pause: Pause,
) -> Account:
    """Return the closed account. Its entries stay in the ledger; its subject may open a new one.

    Its household goes on without it, and its share cards go with the names that stand on them, in
    the same commit. Raises AccountNotFoundError, BusyError.
    """
    decided: list[Account] = []

    def step() -> Account:
        account = get_account(accounts, subject_hash=subject_hash)
        after, records = close(account, now)
        decided.append(replace(after, household=None))
        shares = documents.get(Shares, account.account_id, Shares.NAME)
        change = AccountChange(
            before=account,
            after=after,
            records=records,
            unlinks=tuple(consents.links_of(account.account_id)),
            documents=(Write(shares.forgotten(), replaces=shares),) if shares else (),
            subject_hash=subject_hash,
        )
        accounts.commit(*leaving(accounts, documents, change))
        return decided[-1]

    try:
        return until_committed(step, pause)
    except AccountNotFoundError:
        # Gone after it was there: our own commit stood, only its answer was lost.
        if not decided:
            raise
        return decided[-1]
