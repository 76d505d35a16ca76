"""Seal every ledger day that has ended.

A schedule, a few times a night. The days come from the store, so a run too many does nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import clock
from shared.adapters.totals import TotalsTable
from shared.application.close_day import close_day
from shared.domain.errors import TotalsMismatchError
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

SEALS = TotalsTable(setting("TOTALS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the days that this run sealed, with their roots."""
    try:
        sealed = close_day(SEALS, now=clock.now())
    except TotalsMismatchError:
        count({"TotalsMismatch": 1})
        raise
    count({"DaySealed": len(sealed)})
    days = [{"day": each.day.isoformat(), "root": each.root} for each in sealed]
    logger.info("sealed", extra={"days": days})
    return {"sealed": days}
