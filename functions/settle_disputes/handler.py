"""Decide for the users the disputes that no partner has answered in time.

A schedule, every hour. What is due comes from the store, so a run too many does no harm.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.points import points_policies
from shared.application.disputing import Court
from shared.application.settle_disputes import settle_disputes
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ENTRIES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
# What is left of a run's time when it stops by itself.
MARGIN_MS = 10_000


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return how many disputes ended how, and how many are left for the next run."""
    court = Court(
        accounts=ACCOUNTS,
        outcomes=ENTRIES,
        statement=ENTRIES,
        documents=DOCUMENTS,
        catalogue=catalogue(),
        policies=points_policies(),
        new_salt=chance.new_salt,
        pause=chance.pause,
    )
    settled = settle_disputes(
        court,
        now=clock.now(),
        has_time=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
    )
    found = {
        "decided_for_user": settled.decided_for_user,
        "declined": settled.declined,
        "ended_before": settled.ended_before,
        "left": settled.left,
    }
    count({"DisputesDecidedForUser": settled.decided_for_user})
    logger.info("settled", extra=found)
    for error in settled.errors:
        logger.error("a dispute failed", exc_info=error)
    if settled.errors:
        # The others stand; the run ends in the dead letters, which ring.
        raise settled.errors[0]
    return found
