"""Open a pool that gathers users' reductions for a market.

Called by an operator (`python -m infra.pools open`). The same terms again change nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, ValidationError

from shared.adapters import chance, clock
from shared.adapters.documents import DocumentTable
from shared.adapters.points import points_policies
from shared.application.open_pool import open_pool
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import parse_instant
from shared.domain.pool import POINTS_PER_KG_MAX, TARGET_MG_MAX, PoolTerms
from shared.runtime.http import WireModel
from shared.runtime.settings import setting
from shared.runtime.telemetry import logger
from shared.runtime.wire_transfers import PoolBody, PoolTextsBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


class OpenPoolBody(WireModel):
    """The pool's terms; instants are RFC 3339 with an offset."""

    pool_id: str = Field(pattern=r"^[a-z0-9-]{3,40}$")
    title: PoolTextsBody
    market: PoolTextsBody
    opens_at: str = Field(max_length=40)
    closes_at: str = Field(max_length=40)
    target_mg: int = Field(ge=1, le=TARGET_MG_MAX)
    points_per_kg: int = Field(ge=0, le=POINTS_PER_KG_MAX)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the pool as it then stands."""
    try:
        wanted = OpenPoolBody.model_validate(event)
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    opens_at, closes_at = parse_instant(wanted.opens_at), parse_instant(wanted.closes_at)
    if opens_at >= closes_at:
        raise InvalidRequestError("A pool closes after it has opened.")
    terms = PoolTerms(
        title=wanted.title.by_language,
        market=wanted.market.by_language,
        opens_at=opens_at,
        closes_at=closes_at,
        target_mg=wanted.target_mg,
        points_per_kg=wanted.points_per_kg,
    )
    pool = open_pool(
        DOCUMENTS,
        points_policies(),
        pool_id=wanted.pool_id,
        terms=terms,
        now=clock.now(),
        pause=chance.pause,
    )
    logger.info("pool opened", extra={"pool_id": pool.pool_id, "state": pool.state})
    return PoolBody.of(pool).model_dump(exclude_none=True)
