"""Show one share card to anybody who has its link, while its owner allows it."""

import re
from datetime import datetime

from shared.application.ports import Accounts, Documents
from shared.domain.errors import ShareEndedError, ShareNotFoundError
from shared.domain.share import Share, ShareHolder, Shares, require_shown

_TOKEN = re.compile(r"[a-z0-9]{26}", re.ASCII)


def get_share(accounts: Accounts, documents: Documents, *, token: str, now: datetime) -> Share:
    """Return the card; raise ShareNotFoundError, whatever is wrong with the token.

    Raises ShareEndedError once it was revoked or expired, or its account was closed or withdrew the
    consent: all of it is read as it stands now. Raises BusyError too.
    """
    holder = None
    if _TOKEN.fullmatch(token):
        holder = documents.get(ShareHolder, token, ShareHolder.NAME)
    if holder is None:
        raise ShareNotFoundError
    shares = documents.get(Shares, holder.account_id, Shares.NAME)
    share = shares.find(holder.share_id) if shares else None
    account = accounts.load(holder.account_id, consistent=True)
    # One that expired may be gone, and the same request then makes another one of the same id.
    if share is None or account is None or share.token != token:
        raise ShareEndedError
    return require_shown(share, account, now)
