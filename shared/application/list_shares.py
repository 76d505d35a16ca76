"""List the subject's share cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents
from shared.domain.share import Share, Shares, ShareState, is_shown, newest_first


@dataclass(frozen=True, slots=True)
class ListedShare:
    """A card as it stands; `is_shown` is false too once its consent was withdrawn."""

    share: Share
    state: ShareState
    is_shown: bool


def list_shares(
    accounts: Accounts, documents: Documents, *, subject_hash: str, now: datetime
) -> Sequence[ListedShare]:
    """Return the cards, newest first. Raises AccountNotFoundError and BusyError."""
    account = get_account(accounts, subject_hash=subject_hash)
    found = documents.get(Shares, account.account_id, Shares.NAME)
    return [
        ListedShare(share, share.state(now), is_shown(share, account, now))
        for share in newest_first(found.shares if found else ())
    ]
