"""Tell a partner what became of one of its events."""

from shared.application.ports import Outcome, Outcomes
from shared.application.receive_events import EVENT_ID
from shared.domain.entry import Cause
from shared.domain.errors import OutcomeNotFoundError


def get_outcome(outcomes: Outcomes, *, cause: Cause) -> Outcome:
    """Return the outcome; raise OutcomeNotFoundError while there is none.

    An amendment is no event, though its key looks like one.
    """
    outcome = outcomes.find(cause) if EVENT_ID.fullmatch(cause.event_id) else None
    if outcome is None:
        raise OutcomeNotFoundError
    return outcome
