"""Commit measured events to accounts, one transaction per account.

SQS postings queue. Reports exactly the messages that must come again.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.messages import read_postings
from shared.application.update_accounts import update_accounts
from shared.runtime.batch import failures, read_batch
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), entries=setting("ENTRIES_TABLE"))
OUTCOMES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Credit or refuse every posting of the batch."""
    batches, poison = read_batch(event, read_postings)
    tally = update_accounts(
        ACCOUNTS, OUTCOMES, DOCUMENTS, batches=batches, now=clock.now(), pause=chance.pause
    )
    for error in tally.errors:
        logger.error("an account failed", exc_info=error)
    count(
        {
            "AccountErrors": len(tally.errors),
            "EventsCredited": tally.credited,
            "EventsRejected": tally.refused,
            "EventsDuplicate": tally.duplicates,
            "EventConflict": tally.conflicts,
            "CorrectionsSuperseded": tally.superseded,
            "PoisonMessages": len(poison),
        }
    )
    logger.info(
        "committed",
        extra={
            "credited": tally.credited,
            "rejected": tally.refused,
            "duplicates": tally.duplicates,
            "conflicts": tally.conflicts,
            "superseded": tally.superseded,
            "failed": len(tally.failed),
            "poison": len(poison),
        },
    )
    return failures(tally.failed | poison)
