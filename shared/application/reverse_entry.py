"""Take a credit back, at an operator's word; first without changing anything."""

from collections.abc import Callable
from datetime import datetime

from shared.application.ports import Accounts, Outcomes, Pause
from shared.application.reversing import reverse
from shared.domain.entry import Cause, Entry
from shared.domain.reversing import ReversalReason


def reverse_entry(
    accounts: Accounts,
    outcomes: Outcomes,
    *,
    event: Cause,
    reason: ReversalReason,
    operator: str,
    is_dry_run: bool,
    new_salt: Callable[[], str],
    now: datetime,
    pause: Pause,
) -> Entry:
    """Return the reversal, booked unless it is a dry run; who asked for it is in its digest.

    Raises OutcomeNotFoundError for an event without credit, AlreadyReversedError,
    TooManyAmendmentsError and BusyError.
    """
    return reverse(
        accounts,
        outcomes,
        event=event,
        reason=reason,
        requested_by=f"operator#{operator}",
        is_dry_run=is_dry_run,
        new_salt=new_salt,
        now=now,
        pause=pause,
    )
