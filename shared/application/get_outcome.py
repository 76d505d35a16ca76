"""Tell a partner what became of one of its events."""

from shared.application.ports import Outcome, Outcomes
from shared.domain.entry import Cause
from shared.domain.errors import OutcomeNotFoundError


def get_outcome(outcomes: Outcomes, *, cause: Cause) -> Outcome:
    """Return the outcome; raise OutcomeNotFoundError while there is none."""
    outcome = outcomes.find(cause)
    if outcome is None:
        raise OutcomeNotFoundError
    return outcome
