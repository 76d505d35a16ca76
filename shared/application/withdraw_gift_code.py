"""Withdraw one of the subject's gift codes: no gift can be sent with it from then on."""

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Pause, Write
from shared.domain.gift_code import GiftCodes


def withdraw_gift_code(
    accounts: Accounts, documents: Documents, *, subject_hash: str, code: str, pause: Pause
) -> None:
    """Withdraw the code; one that is not the subject's, or was used, changes nothing.

    Raises AccountNotFoundError and BusyError.
    """

    def step() -> None:
        account_id = get_account(accounts, subject_hash=subject_hash).account_id
        codes = documents.get(GiftCodes, account_id, GiftCodes.NAME)
        if codes is not None and any(each.code == code for each in codes.codes):
            documents.put(Write(codes.without(code), replaces=codes))

    until_committed(step, pause)
