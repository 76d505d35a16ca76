"""Read one redemption of the subject, with its voucher's code once it is settled."""

from shared.application.ending import require_redemption
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Vouchers
from shared.domain.redemption import Redemption, RedemptionState


def get_redemption(
    accounts: Accounts,
    documents: Documents,
    vouchers: Vouchers,
    *,
    subject_hash: str,
    redemption_id: str,
) -> tuple[Redemption, str | None]:
    """Return the redemption and the code, None while there is none to show.

    Raises AccountNotFoundError, RedemptionNotFoundError (another's is as unknown) and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    redemption = require_redemption(documents, account.account_id, redemption_id)
    if redemption.state is not RedemptionState.SETTLED or redemption.voucher is None:
        return redemption, None
    return redemption, vouchers.decrypt(redemption_id, redemption.voucher)
