"""List the pools: what they gather reductions for, what they pay, and what came of them."""

from collections.abc import Sequence

from shared.application.ports import Documents
from shared.domain.pool import Pool

POOLS_SHOWN_MAX = 100


def list_pools(documents: Documents) -> Sequence[Pool]:
    """Return the pools, in falling order of their ids. Raises BusyError."""
    pools, _ = documents.of_owner(Pool, Pool.LIST, limit=POOLS_SHOWN_MAX)
    return pools
