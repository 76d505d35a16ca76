"""Seal the contributions of a pool as one lot, and pay for each of them in points.

Called by an operator until it answers that it is done (`python -m infra.pools close`).
"""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, ValidationError

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.points import points_policies
from shared.application.close_pool import close_pool
from shared.domain.errors import InvalidRequestError
from shared.domain.pool import TRANSITIONS
from shared.runtime.http import WireModel
from shared.runtime.settings import setting
from shared.runtime.telemetry import logger
from shared.runtime.wire_transfers import PoolBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


class ClosePoolBody(WireModel):
    """Which pool."""

    pool_id: str = Field(pattern=r"^[a-z0-9-]{3,40}$")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take some steps; return the pool, what was paid so far, and whether it is done."""
    try:
        wanted = ClosePoolBody.model_validate(event)
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    pool = close_pool(
        ACCOUNTS,
        DOCUMENTS,
        points_policies(),
        pool_id=wanted.pool_id,
        now=clock.now(),
        pause=chance.pause,
    )
    logger.info("pool closing", extra={"pool_id": pool.pool_id, "state": pool.state})
    return {
        "pool": PoolBody.of(pool).model_dump(exclude_none=True),
        "counted": pool.count,
        "payout": asdict(pool.payout),
        "done": not TRANSITIONS[pool.state],
    }
