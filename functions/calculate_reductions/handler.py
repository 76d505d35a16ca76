"""Measure queued events by the methodology in force.

SQS events queue. Reports exactly the messages that must come again.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance
from shared.adapters.catalogue import catalogue
from shared.adapters.consents import ConsentTable
from shared.adapters.messages import read_event
from shared.adapters.points import points_policies
from shared.adapters.queues import PostingsQueue
from shared.application.calculate_reductions import calculate_reductions
from shared.runtime.batch import failures, read_batch
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

CONSENTS = ConsentTable(setting("CONSENTS_TABLE"))
POSTINGS = PostingsQueue(setting("POSTINGS_QUEUE_URL"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Post each event's reduction to its account."""
    events, poison = read_batch(event, read_event)
    failed = calculate_reductions(
        CONSENTS,
        catalogue(),
        points_policies(),
        POSTINGS,
        events=events,
        new_salt=chance.new_salt,
    )
    count({"EventsMeasured": len(events) - len(failed), "PoisonMessages": len(poison)})
    logger.info(
        "measured", extra={"events": len(events), "failed": len(failed), "poison": len(poison)}
    )
    return failures(failed | poison)
