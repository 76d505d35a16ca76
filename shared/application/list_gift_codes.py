"""List the codes by which a gift can still be sent to the subject's account."""

from collections.abc import Sequence
from datetime import datetime

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents
from shared.domain.gift_code import GiftCode, GiftCodes


def list_gift_codes(
    accounts: Accounts, documents: Documents, *, subject_hash: str, now: datetime
) -> Sequence[GiftCode]:
    """Return the codes, oldest first. Raises AccountNotFoundError and BusyError."""
    account_id = get_account(accounts, subject_hash=subject_hash).account_id
    codes = documents.get(GiftCodes, account_id, GiftCodes.NAME)
    return codes.live(now) if codes else ()
