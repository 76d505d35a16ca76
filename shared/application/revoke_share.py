"""Revoke one of the subject's share cards: nobody sees it from then on."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Pause, Write
from shared.domain.errors import ShareNotFoundError
from shared.domain.share import Shares


def revoke_share(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    share_id: str,
    now: datetime,
    pause: Pause,
) -> None:
    """Revoke the card; one that has ended before stays as it is.

    Raises AccountNotFoundError, ShareNotFoundError and BusyError.
    """

    def step() -> None:
        account_id = get_account(accounts, subject_hash=subject_hash).account_id
        standing = documents.get(Shares, account_id, Shares.NAME)
        if standing is None:
            raise ShareNotFoundError
        after = standing.with_revoked(share_id, now)
        if after is not standing:
            documents.put(Write(after, replaces=standing))

    until_committed(step, pause)
