"""Cancel a redemption whose voucher is not issued: everything goes back to where it came from."""

from datetime import datetime

from shared.application.changing import Moved
from shared.application.ending import end_redemption, require_redemption
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, OrderState, Pause, Suppliers
from shared.domain.errors import BusyError, RedemptionEndedError
from shared.domain.redemption import Redemption, RedemptionState


def cancel_redemption(
    accounts: Accounts,
    documents: Documents,
    suppliers: Suppliers,
    *,
    subject_hash: str,
    redemption_id: str,
    is_dry_run: bool,
    now: datetime,
    pause: Pause,
) -> Moved[Redemption]:
    """Return the cancelled redemption; one that was cancelled before is a repeat.

    A supplier that was told of it is asked first, and its word decides. A dry run does not ask it,
    and returns the redemption as it stands. Raises AccountNotFoundError, RedemptionNotFoundError,
    RedemptionEndedError and BusyError.
    """
    account = get_account(accounts, subject_hash=subject_hash)
    redemption = require_redemption(documents, account.account_id, redemption_id)
    if redemption.state is RedemptionState.CANCELLED:
        return Moved(redemption, is_repeat=True)
    if not redemption.is_held:
        raise RedemptionEndedError
    if is_dry_run:
        return Moved(redemption, is_repeat=False)

    def end(attempts: int | None) -> Redemption:
        return end_redemption(
            accounts,
            documents,
            account_id=account.account_id,
            redemption_id=redemption_id,
            state=RedemptionState.CANCELLED,
            attempts=attempts,
            now=now,
            pause=pause,
        )

    # While nobody has told the supplier, its word is not needed; telling it changes the count.
    ended = end(0) if not redemption.attempts else redemption
    if ended.is_held:
        answer = suppliers.cancel(ended)
        if answer.state is OrderState.ISSUED:
            raise RedemptionEndedError
        if answer.state is not OrderState.CANCELLED:
            raise BusyError
        ended = end(None)
    if ended.state is not RedemptionState.CANCELLED:
        raise RedemptionEndedError
    return Moved(ended, is_repeat=False)
