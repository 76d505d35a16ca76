"""Make a code by which somebody can give to the subject's account, and keep it by its hash."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Pause, Write
from shared.domain.gift_code import GiftCode, GiftCodeHolder, GiftCodes
from shared.domain.instants import ledger_day


def make_gift_code(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    code: str,
    code_hash: str,
    now: datetime,
    pause: Pause,
) -> GiftCode:
    """Return the new code; `code_hash` is its keyed hash, which leads from it to the account.

    Raises AccountNotFoundError, TooManyGiftCodesError, and BusyError.
    """

    def step() -> GiftCode:
        account_id = get_account(accounts, subject_hash=subject_hash).account_id
        standing = documents.get(GiftCodes, account_id, GiftCodes.NAME)
        known = standing.find(code, now) if standing else None
        if known is not None:
            return known  # Our own, whose answer was lost.
        before = standing or GiftCodes(account_id, ledger_day(now))
        after = before.with_new(code, now)
        documents.put(Write(GiftCodeHolder(code_hash, account_id)), Write(after, replaces=standing))
        return after.codes[-1]

    return until_committed(step, pause)


def codes_of(documents: Documents, code_hash: str) -> GiftCodes | None:
    """Return the codes of the account that made the code with this hash, if any did."""
    holder = documents.get(GiftCodeHolder, code_hash, GiftCodeHolder.NAME)
    if holder is None:
        return None
    return documents.get(GiftCodes, holder.account_id, GiftCodes.NAME)
