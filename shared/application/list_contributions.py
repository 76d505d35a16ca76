"""List the subject's contributions, newest first: to which pool, in which lot, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.application import cursors
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, StatementFilter
from shared.domain.contribution import Contribution, ContributionNote, list_of
from shared.domain.pool import Pool, shard_of

# Each is read by itself.
CONTRIBUTIONS_PER_PAGE_MAX = 20


@dataclass(frozen=True, slots=True)
class PooledContribution:
    """A contribution with its pool as it now stands."""

    contribution: Contribution
    pool: Pool


def list_contributions(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[PooledContribution], str | None]:
    """Return up to `limit` contributions and the cursor of the next page, None at the end.

    Raises AccountNotFoundError, InvalidCursorError and BusyError.
    """
    account_id = get_account(accounts, subject_hash=subject_hash).account_id
    binding = cursors.binding(f"{ContributionNote.KIND}#{account_id}", StatementFilter())
    after = cursors.decode(cursor, binding) if cursor is not None else None
    notes, next_name = documents.of_owner(ContributionNote, account_id, limit=limit, after=after)
    pools = {each.pool_id: documents.get(Pool, Pool.LIST, each.pool_id) for each in notes}
    found = [_pooled(documents, note, pools[note.pool_id]) for note in notes]
    return found, cursors.encode(next_name, binding) if next_name else None


def _pooled(documents: Documents, note: ContributionNote, pool: Pool | None) -> PooledContribution:
    owner = list_of(note.pool_id, shard_of(note.contribution_id))
    contribution = documents.get(Contribution, owner, note.contribution_id)
    # All three were put in one commit, or before it, and none is ever deleted.
    assert contribution is not None
    assert pool is not None
    return PooledContribution(contribution, pool)
