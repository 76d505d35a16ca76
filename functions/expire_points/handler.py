"""Book the points that can no longer be spent.

A schedule, every hour; it does nothing once all accounts were looked at after a last day.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.application.expire_points import expire_points
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), entries=setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
# What is left of a run's time when it stops by itself.
MARGIN_MS = 10_000


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return of how many accounts how many points lapsed, and if that is all."""
    swept = expire_points(
        ACCOUNTS,
        ACCOUNTS,
        DOCUMENTS,
        now=clock.now(),
        has_time=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
        pause=chance.pause,
    )
    count({"PointsLapsed": swept.lapsed})
    found = {"accounts": swept.accounts, "lapsed": swept.lapsed, "done": swept.is_done}
    logger.info("swept", extra=found)
    return found
