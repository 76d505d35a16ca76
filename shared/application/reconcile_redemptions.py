"""See to holds that hang: send them again, and end those that have lasted too long.

A hold is never given back on a supplier's silence: only once the supplier has said that the order
is cancelled, or was never told of it.
"""

from datetime import datetime

from shared.application.ending import end_redemption, mark_attempt
from shared.application.fulfil_redemptions import settle_by_answer
from shared.application.ports import (
    Accounts,
    Documents,
    FulfilmentOrder,
    FulfilmentQueue,
    OrderState,
    Pause,
    SupplierAnswer,
    Suppliers,
    Vouchers,
)
from shared.domain.errors import BusyError, RedemptionEndedError
from shared.domain.redemption import Redemption, RedemptionState

# What one run looks at; a supplier that hangs takes two timeouts for each that has expired.
DUE_MAX = 200
EXPIRED_MAX = 20


def reconcile_redemptions(
    accounts: Accounts,
    documents: Documents,
    suppliers: Suppliers,
    vouchers: Vouchers,
    queue: FulfilmentQueue,
    *,
    now: datetime,
    pause: Pause,
) -> dict[str, int]:
    """Return how many were sent again, how many ended and in which state, and how many hang on."""
    due = documents.due(Redemption, now, limit=DUE_MAX)
    held = [each for each in due if not each.has_expired(now)]
    late = [each for each in due if each.has_expired(now)][:EXPIRED_MAX]
    refused = queue.send([FulfilmentOrder(each.account_id, each.redemption_id) for each in held])
    counts = {"sent": len(held) - len(refused)}
    for redemption in late:
        try:
            ended = _end(accounts, documents, suppliers, vouchers, redemption, now, pause)
            state = ended.state.value
        except BusyError:
            state = RedemptionState.HELD.value
        counts[state] = counts.get(state, 0) + 1
    return counts


def _end(
    accounts: Accounts,
    documents: Documents,
    suppliers: Suppliers,
    vouchers: Vouchers,
    redemption: Redemption,
    now: datetime,
    pause: Pause,
) -> Redemption:
    """End a hold whose time is up: settle what was issued, and call off what was not."""
    account_id, redemption_id = redemption.account_id, redemption.redemption_id

    def expire(attempts: int | None) -> Redemption:
        return end_redemption(
            accounts,
            documents,
            account_id=account_id,
            redemption_id=redemption_id,
            state=RedemptionState.EXPIRED,
            attempts=attempts,
            now=now,
            pause=pause,
        )

    if not redemption.attempts:
        # Nobody has told the supplier; whoever does so meanwhile changes the count.
        return expire(0)
    try:
        redemption = mark_attempt(documents, account_id, redemption_id, now=now, pause=pause)
    except RedemptionEndedError:
        return expire(None)
    answer = _last_word(suppliers, redemption)
    if answer.state is OrderState.CANCELLED:
        return expire(None)
    return settle_by_answer(accounts, documents, vouchers, redemption, answer, now=now, pause=pause)


def _last_word(suppliers: Suppliers, redemption: Redemption) -> SupplierAnswer:
    """Ask what became of the order; what is not decided, or may still arrive, is called off."""
    answer = suppliers.find(redemption)
    if answer.state in {OrderState.PENDING, OrderState.UNKNOWN}:
        return suppliers.cancel(redemption)
    return answer
