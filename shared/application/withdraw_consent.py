"""Withdraw one consent: from the commit on, nothing more is credited under it."""

from datetime import datetime

from shared.application.changing import change_account
from shared.application.ports import AccountChange, Accounts, Consents, Pause
from shared.domain.account import Account, withdraw
from shared.domain.consent import ConsentKey


def withdraw_consent(
    accounts: Accounts,
    consents: Consents,
    *,
    subject_hash: str,
    key: ConsentKey,
    now: datetime,
    pause: Pause,
) -> Account:
    """Return the account without the consent; withdrawing what is not in force changes nothing.

    The link to the partner's reference goes with the last consent for that partner. Raises
    AccountNotFoundError, BusyError.
    """

    def decide(account: Account) -> AccountChange | None:
        after, record = withdraw(account, key, now)
        if record is None:
            return None
        link = None
        if not after.has_partner(key.partner):
            link = consents.link_of(account.account_id, key.partner)
        return AccountChange(
            before=account, after=after, records=(record,), unlinks=(link,) if link else ()
        )

    return change_account(accounts, subject_hash=subject_hash, decide=decide, pause=pause)
