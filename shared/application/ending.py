"""End a redemption's hold: what settling, releasing and expiring have in common."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.benefit import BenefitUse, StockBlock, block_name
from shared.domain.errors import RedemptionEndedError, RedemptionNotFoundError
from shared.domain.redemption import Redemption, RedemptionState, end_hold, is_redemption_id


def mark_attempt(
    documents: Documents, account_id: str, redemption_id: str, *, now: datetime, pause: Pause
) -> Redemption:
    """Note, before the supplier is told, that it will be; return the redemption as it then is.

    From then on a cancellation asks the supplier first. Raises RedemptionEndedError where the hold
    has ended, RedemptionNotFoundError and BusyError.
    """

    def step() -> Redemption:
        redemption = require_redemption(documents, account_id, redemption_id)
        attempted = redemption.attempted(now)
        documents.put(Write(attempted, replaces=redemption))
        return attempted

    return until_committed(step, pause)


def end_redemption(
    accounts: Accounts,
    documents: Documents,
    *,
    account_id: str,
    redemption_id: str,
    state: RedemptionState,
    voucher: str | None = None,
    attempts: int | None = None,
    now: datetime,
    pause: Pause,
) -> Redemption:
    """End the hold, of a closed account too, and return the redemption as it then is.

    Without a voucher, the unit goes back into its block and the account's count down by one. With
    `attempts`, only a redemption whose supplier was told exactly so often is ended, and another is
    returned as it stands. One that has ended in any way is returned as it is: the first end is the
    only one. Raises BusyError.
    """

    def step() -> Redemption:
        redemption = require_redemption(documents, account_id, redemption_id)
        account = accounts.load(account_id, consistent=True)
        if account is None:
            raise RedemptionNotFoundError
        if attempts is not None and redemption.attempts != attempts:
            return redemption
        try:
            end = end_hold(account, redemption, state, now, voucher)
        except RedemptionEndedError:
            return redemption
        writes = [Write(end.redemption, replaces=redemption)]
        if state is not RedemptionState.SETTLED:
            writes += _given_back(documents, redemption)
        accounts.commit(
            AccountChange(
                before=account, after=end.after, movements=end.movements, documents=tuple(writes)
            )
        )
        return end.redemption

    return until_committed(step, pause)


def require_redemption(documents: Documents, account_id: str, redemption_id: str) -> Redemption:
    """Return the redemption; raise RedemptionNotFoundError."""
    # What comes from a path may be longer than any key of the store.
    if not is_redemption_id(redemption_id):
        raise RedemptionNotFoundError
    redemption = documents.get(Redemption, account_id, redemption_id)
    if redemption is None:
        raise RedemptionNotFoundError
    return redemption


def _given_back(documents: Documents, redemption: Redemption) -> list[Write]:
    benefit_id = redemption.benefit_id
    block = documents.get(StockBlock, benefit_id, block_name(redemption.block))
    use = documents.get(BenefitUse, redemption.account_id, benefit_id)
    # Both were written with the hold, and nothing deletes them.
    assert block is not None
    assert use is not None
    return [Write(block.give_back(), replaces=block), Write(use.once_less(), replaces=use)]
