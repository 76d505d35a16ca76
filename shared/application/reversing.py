"""Take a credit back: what a partner's and an operator's reversal have in common."""

from collections.abc import Callable
from datetime import datetime

from shared.application.changing import until_committed
from shared.application.ports import AccountChange, Accounts, Outcomes, Pause
from shared.application.splitting import changes_of, split_return
from shared.domain.entry import Cause, Entry
from shared.domain.errors import BusyError, OutcomeNotFoundError
from shared.domain.reversing import ReversalReason, decide_reversal
from shared.domain.splitting import Split


def reverse(
    accounts: Accounts,
    outcomes: Outcomes,
    *,
    event: Cause,
    reason: ReversalReason,
    requested_by: str,
    is_dry_run: bool,
    new_salt: Callable[[], str],
    now: datetime,
    pause: Pause,
) -> Entry:
    """Return the entry that takes the event's credit back, or that has done so before.

    It is booked on a closed account too: the ledger is put right whoever still looks at it. Raises
    OutcomeNotFoundError for an event without credit, AlreadyReversedError, TooManyAmendmentsError
    and BusyError.
    """

    def step() -> Entry:
        standing = outcomes.standing(event)
        if standing is None:
            raise OutcomeNotFoundError
        account = accounts.load(standing.account_id, consistent=True)
        if account is None:
            raise BusyError
        # What comes back from a household is booked first, so that it is what is taken back.
        split = Split(account)
        if not standing.is_reversal:
            amount_mg = standing.standing_mg
            split = split_return(accounts, outcomes, account, standing, amount_mg, now)
        reversal = decide_reversal(
            split.account,
            standing,
            reason=reason,
            requested_by=requested_by,
            salt=new_salt(),
            now=now,
        )
        if reversal.account is not None and not is_dry_run:
            change = AccountChange(account, reversal.account, entries=(reversal.entry,))
            accounts.commit(*changes_of(change, split))
        return reversal.entry

    return until_committed(step, pause)
