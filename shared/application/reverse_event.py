"""Take back the credit of a partner's own event, at the partner's word."""

from collections.abc import Callable
from datetime import datetime

from shared.application.ports import Accounts, Outcomes, Pause
from shared.application.receive_events import EVENT_ID
from shared.application.reversing import reverse
from shared.domain.entry import Cause, Entry
from shared.domain.errors import OutcomeNotFoundError
from shared.domain.reversing import ReversalReason


def reverse_event(
    accounts: Accounts,
    outcomes: Outcomes,
    *,
    event: Cause,
    reason: ReversalReason,
    is_dry_run: bool,
    new_salt: Callable[[], str],
    now: datetime,
    pause: Pause,
) -> Entry:
    """Return the reversal, or, of a dry run, what it would be; asked again, the one that stands.

    An amendment is no event, though its key looks like one. Raises OutcomeNotFoundError for an
    event without credit, AlreadyReversedError, TooManyAmendmentsError and BusyError.
    """
    if EVENT_ID.fullmatch(event.event_id) is None:
        raise OutcomeNotFoundError
    return reverse(
        accounts,
        outcomes,
        event=event,
        reason=reason,
        requested_by=f"partner#{event.partner}",
        is_dry_run=is_dry_run,
        new_salt=new_salt,
        now=now,
        pause=pause,
    )
