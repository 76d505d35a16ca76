"""Close a pool: no more contributions, one sealed lot of all, and each paid for exactly once.

One call takes a bounded number of steps. Each step is stored before the next, so a call that broke
off, or two at once, come to the same end; whoever closes calls until the pool is paid.
"""

from collections.abc import Sequence
from datetime import date, datetime

from shared.application.changing import until_committed
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.contribution import Contribution, ContributionState, buy_back, list_of
from shared.domain.errors import CatalogueError, PoolNotFoundError
from shared.domain.measurement import NOTHING
from shared.domain.points_policy import PointsPolicies
from shared.domain.pool import (
    GATES,
    TRANSITIONS,
    Payout,
    Pool,
    PoolGate,
    PoolState,
    Walk,
    gate_owner,
)

CONTRIBUTIONS_PER_STEP = 50
# Within the function's minute, where every step of a payout may be 50 commits.
STEPS_PER_CALL_MAX = 12


def close_pool(
    accounts: Accounts,
    documents: Documents,
    policies: PointsPolicies,
    *,
    pool_id: str,
    now: datetime,
    pause: Pause,
) -> Pool:
    """Return the pool as it then is; unless it is paid or cancelled, there is more to do.

    Closed accounts are passed over, and counted. Raises PoolNotFoundError and BusyError.
    """

    def step() -> Pool:
        pool = documents.get(Pool, Pool.LIST, pool_id)
        if pool is None:
            raise PoolNotFoundError
        after = _next(accounts, documents, policies, pool, now, pause)
        if after is not pool:
            documents.put(Write(after, replaces=pool))
        return after

    pool = until_committed(step, pause)
    for _ in range(STEPS_PER_CALL_MAX):
        if not TRANSITIONS[pool.state]:
            break
        pool = until_committed(step, pause)
    return pool


def _next(
    accounts: Accounts,
    documents: Documents,
    policies: PointsPolicies,
    pool: Pool,
    now: datetime,
    pause: Pause,
) -> Pool:
    """Take the next step, all but storing how far the pool is with it."""
    match pool.state:
        case PoolState.OPEN:
            # From here on nobody begins a contribution; the gates stop those that were under way.
            return pool.closing()
        case PoolState.CLOSING if not pool.gates_closed:
            for number in range(GATES):
                _close_gate(documents, pool.pool_id, number, pause)
            return pool.shut()
        case PoolState.CLOSING:
            return pool.sealed(now) if pool.walk.is_over else _add_up(documents, pool)
        case PoolState.CLOSED:
            if pool.walk.is_over:
                return pool.done()
            return _pay(accounts, documents, pool, _spend_by(policies, pool), now, pause)
        case _:
            return pool


def _close_gate(documents: Documents, pool_id: str, number: int, pause: Pause) -> None:
    def step() -> None:
        gate = documents.get(PoolGate, gate_owner(pool_id, number), PoolGate.NAME)
        if gate is not None and gate.is_open:
            documents.put(Write(gate.closed(), replaces=gate))

    until_committed(step, pause)


def _page(documents: Documents, pool: Pool) -> tuple[Sequence[Contribution], Walk]:
    """Return the next contributions in falling order of ids, and how far that is."""
    found: list[Contribution] = []
    walk = pool.walk
    while not walk.is_over and len(found) < CONTRIBUTIONS_PER_STEP:
        some, after = documents.of_owner(
            Contribution,
            list_of(pool.pool_id, walk.shard),
            limit=CONTRIBUTIONS_PER_STEP - len(found),
            after=walk.after,
        )
        found += some
        walk = walk.next(after)
    return found, walk


def _add_up(documents: Documents, pool: Pool) -> Pool:
    found, walk = _page(documents, pool)
    peaks = pool.peaks
    for each in found:
        peaks = peaks.with_leaf(each.leaf)
    total = sum((each.total for each in found), NOTHING)
    return pool.counted(total, len(found), peaks, walk)


def _pay(
    accounts: Accounts,
    documents: Documents,
    pool: Pool,
    spend_by: date,
    now: datetime,
    pause: Pause,
) -> Pool:
    """Settle a page of contributions. What a broken-off call settled is counted, not repeated."""
    found, walk = _page(documents, pool)
    settled = [_settle(accounts, documents, pool, each, spend_by, now, pause) for each in found]
    bought = [each for each in settled if each.state is ContributionState.BOUGHT_BACK]
    page = Payout(sum(each.points for each in bought), len(bought), len(settled) - len(bought))
    return pool.paid(page, walk)


def _settle(
    accounts: Accounts,
    documents: Documents,
    pool: Pool,
    found: Contribution,
    spend_by: date,
    now: datetime,
    pause: Pause,
) -> Contribution:
    def step() -> Contribution:
        standing = documents.get(Contribution, found.owner, found.name)
        assert standing is not None
        if standing.state is not ContributionState.POOLED:
            return standing
        account = accounts.load(standing.account_id, consistent=True)
        if account is None or not account.is_open:
            settled = standing.settled(ContributionState.ACCOUNT_CLOSED, 0, now)
            documents.put(Write(settled, replaces=standing))
            return settled
        moving, settled = buy_back(account, standing, pool, spend_by, now)
        change = AccountChange(
            account,
            moving.after,
            movements=tuple(moving.movements),
            documents=(Write(settled, replaces=standing),),
        )
        accounts.commit(change)
        return settled

    return until_committed(step, pause)


def _spend_by(policies: PointsPolicies, pool: Pool) -> date:
    """Return the last day to spend what is paid: as of points earned when the lot was sealed."""
    assert pool.lot is not None
    policy = policies.in_force(pool.lot.sealed_at)
    if policy is None:
        raise CatalogueError("No points policy is in force.")
    return policy.spend_by(pool.lot.sealed_at)
