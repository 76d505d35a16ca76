"""Tell a partner what became of one of its events."""

from shared.application.ports import Outcome, Outcomes
from shared.application.receive_events import EVENT_ID
from shared.domain.entry import Cause, Entry
from shared.domain.errors import OutcomeNotFoundError


def get_outcome(outcomes: Outcomes, *, cause: Cause) -> tuple[Outcome, Entry | None]:
    """Return the outcome, and the entry that has taken its credit back, if one has.

    An amendment is no event, though its key looks like one. Raises OutcomeNotFoundError while there
    is no outcome.
    """
    outcome = outcomes.find(cause) if EVENT_ID.fullmatch(cause.event_id) else None
    if outcome is None:
        raise OutcomeNotFoundError
    standing = outcomes.standing(outcome.entry.cause.event) if outcome.entry else None
    return outcome, standing if standing is not None and standing.is_reversal else None
