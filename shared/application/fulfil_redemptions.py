"""Order what was redeemed from its supplier, and settle or release the hold by its answer.

What a supplier cannot do now is tried again when the redemption is due, not by the queue: a
supplier's bad day fills no dead letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.application.ending import end_redemption, mark_attempt
from shared.application.ports import (
    Accounts,
    Documents,
    FulfilmentOrder,
    OrderState,
    Pause,
    SupplierAnswer,
    Suppliers,
    Vouchers,
)
from shared.domain.errors import BusyError, RedemptionEndedError, RedemptionNotFoundError
from shared.domain.redemption import Redemption, RedemptionState

# A supplier's last words, and how the hold ends by them.
ENDS: Mapping[OrderState, RedemptionState] = {
    OrderState.ISSUED: RedemptionState.SETTLED,
    OrderState.REFUSED: RedemptionState.REFUSED,
    OrderState.CANCELLED: RedemptionState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """The messages that must come again, and what became of the others' redemptions by number.

    `unclear` suppliers gave no clear answer; `unclaimed` vouchers were issued after their hold had
    been given back.
    """

    failed: frozenset[str]
    states: Mapping[RedemptionState, int] = field(default_factory=dict)
    unclear: int = 0
    unclaimed: int = 0


def fulfil_redemptions(
    accounts: Accounts,
    documents: Documents,
    suppliers: Suppliers,
    vouchers: Vouchers,
    *,
    orders: Mapping[str, FulfilmentOrder],
    now: datetime,
    pause: Pause,
) -> Fulfilment:
    """Tell each redemption's supplier, by message id; return what came of it."""
    failed: set[str] = set()
    states: dict[RedemptionState, int] = {}
    unclear = unclaimed = 0
    for message_id, order in orders.items():
        try:
            redemption = mark_attempt(
                documents, order.account_id, order.redemption_id, now=now, pause=pause
            )
        except RedemptionEndedError:
            continue
        except (BusyError, RedemptionNotFoundError):
            failed.add(message_id)
            continue
        try:
            answer = suppliers.order(redemption)
        except BusyError:
            unclear += 1
            continue
        try:
            ended = settle_by_answer(
                accounts, documents, vouchers, redemption, answer, now=now, pause=pause
            )
        except BusyError:
            failed.add(message_id)
            continue
        states[ended.state] = states.get(ended.state, 0) + 1
        is_issued = answer.state is OrderState.ISSUED
        if is_issued and ended.state is not RedemptionState.SETTLED:
            unclaimed += 1
    return Fulfilment(frozenset(failed), states, unclear, unclaimed)


def settle_by_answer(
    accounts: Accounts,
    documents: Documents,
    vouchers: Vouchers,
    redemption: Redemption,
    answer: SupplierAnswer,
    *,
    now: datetime,
    pause: Pause,
) -> Redemption:
    """End the hold as the supplier's answer says, and return the redemption as it then is.

    It stays held while the answer is no end. Of several vouchers the first that is booked stays.
    Raises BusyError.
    """
    state = ENDS.get(answer.state)
    if state is None:
        return redemption
    redemption_id = redemption.redemption_id
    return end_redemption(
        accounts,
        documents,
        account_id=redemption.account_id,
        redemption_id=redemption_id,
        state=state,
        voucher=vouchers.encrypt(redemption_id, answer.code) if answer.code else None,
        now=now,
        pause=pause,
    )
