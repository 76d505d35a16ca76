"""Open a pool: what the market gets, until when, and what is paid for a kilogram."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.ports import Documents, Pause, Write
from shared.domain.errors import InvalidRequestError
from shared.domain.points_policy import PointsPolicies
from shared.domain.pool import GATES, Pool, PoolGate, PoolTerms


def open_pool(
    documents: Documents,
    policies: PointsPolicies,
    *,
    pool_id: str,
    terms: PoolTerms,
    now: datetime,
    pause: Pause,
) -> Pool:
    """Return the pool; asked again with the same terms it answers with the one that stands.

    Raises InvalidRequestError for an id that has other terms, for one that closes before it could
    take anything, and where no points policy says until when its points could be spent. Raises
    BusyError.
    """

    def step() -> Pool:
        standing = documents.get(Pool, Pool.LIST, pool_id)
        if standing is not None:
            if standing.terms != terms:
                raise InvalidRequestError("A pool with this id has other terms.")
            return standing
        if terms.closes_at <= now:
            raise InvalidRequestError("The pool would be closed from the beginning.")
        if policies.in_force(now) is None:
            raise InvalidRequestError("No points policy is in force.")
        pool = Pool(pool_id, terms, opened_at=now)
        gates = (PoolGate(pool_id, number) for number in range(GATES))
        documents.put(Write(pool), *(Write(gate) for gate in gates))
        return pool

    return until_committed(step, pause)
