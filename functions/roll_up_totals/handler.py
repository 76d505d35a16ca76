"""Add new entries to the live totals of their ledger day.

DynamoDB stream of the entries table. Stops at the first record that must come again.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance
from shared.adapters.messages import read_stream_record
from shared.adapters.totals import TotalsTable
from shared.application.roll_up_totals import roll_up_totals
from shared.domain.errors import BusyError
from shared.runtime.batch import read_stream, stream_failure
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

TOTALS = TotalsTable(setting("TOTALS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Count the batch's entries, each exactly once."""
    entries, first_bad = read_stream(event, read_stream_record)
    try:
        counted = roll_up_totals(
            TOTALS, shard=event["shardId"], records=entries, pause=chance.pause
        )
    except BusyError:
        logger.warning("busy", extra={"records": len(entries)})
        return stream_failure(event, 0)
    count({"EntriesCounted": counted, "PoisonRecords": int(first_bad is not None)})
    logger.info("counted", extra={"records": len(entries), "new": counted})
    return stream_failure(event, first_bad)
