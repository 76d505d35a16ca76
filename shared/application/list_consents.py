"""List the subject's consents, each with its history."""

from collections.abc import Sequence

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Consents
from shared.domain.account import Account
from shared.domain.consent import ConsentRecord


def list_consents(
    accounts: Accounts, consents: Consents, *, subject_hash: str
) -> tuple[Account, Sequence[ConsentRecord]]:
    """Return the account and its consent records, oldest first; AccountNotFoundError without."""
    account = get_account(accounts, subject_hash=subject_hash)
    return account, consents.records(account.account_id)
