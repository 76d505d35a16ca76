"""Contribute reductions to a pool: they leave the account for good, with all that they are."""

from collections.abc import Sequence
from datetime import datetime

from shared.application.changing import Moved, move_once, require_same_request
from shared.application.ports import (
    AccountChange,
    Accounts,
    Documents,
    Lines,
    Pause,
    Write,
)
from shared.application.tracing import lots_of
from shared.domain.account import Account
from shared.domain.contribution import contribute, contribution_key
from shared.domain.errors import PoolNotFoundError, PoolNotOpenError
from shared.domain.lots import LotPart
from shared.domain.movement import Movement
from shared.domain.moving import require_no_debt
from shared.domain.pool import (
    Pool,
    PoolGate,
    gate_of,
    gate_owner,
    new_contribution_id,
)


def contribute_reductions(
    accounts: Accounts,
    lines: Lines,
    documents: Documents,
    *,
    subject_hash: str,
    idempotency_key: str,
    pool_id: str,
    reduction_mg: int,
    request_digest: str,
    now: datetime,
    is_dry_run: bool,
    pause: Pause,
) -> Moved[Movement]:
    """Return the line that gives the reductions to the pool.

    Raises PoolNotFoundError, PoolNotOpenError, ConsentRequiredError, AccountInDebtError,
    InsufficientReductionsError, TooManyLinesError, IdempotencyConflictError, AccountNotFoundError
    and BusyError.
    """

    def known(account: Account) -> Movement | None:
        line = lines.movement(contribution_key(id_of(account)))
        if line is not None:
            require_same_request(line.payload_digest, request_digest)
        return line

    def decide(account: Account) -> tuple[Movement, Sequence[AccountChange]]:
        contribution_id = id_of(account)
        pool = documents.get(Pool, Pool.LIST, pool_id)
        if pool is None:
            raise PoolNotFoundError
        given = contribute(
            account,
            pool,
            contribution_id=contribution_id,
            reduction_mg=reduction_mg,
            parts=_parts(lines, account, reduction_mg),
            payload_digest=request_digest,
            now=now,
        )
        change = AccountChange(
            account,
            given.moving.after,
            movements=tuple(given.moving.movements),
            documents=(Write(given.contribution), Write(given.note)),
            checks=(_open_gate(documents, pool_id, gate_of(contribution_id)),),
        )
        return given.line, [change]

    def id_of(account: Account) -> str:
        return new_contribution_id(account.account_id, idempotency_key)

    return move_once(
        accounts,
        subject_hash=subject_hash,
        known=known,
        decide=decide,
        is_dry_run=is_dry_run,
        pause=pause,
    )


def _parts(lines: Lines, account: Account, reduction_mg: int) -> Sequence[LotPart]:
    """Return the oldest of the account's reductions; none where there are not enough."""
    require_no_debt(account)
    if reduction_mg > account.available_mg:
        return ()
    return lots_of(lines, account).preview(reduction_mg)


def _open_gate(documents: Documents, pool_id: str, number: int) -> PoolGate:
    """Return the gate, which the commit finds open or is refused."""
    gate = documents.get(PoolGate, gate_owner(pool_id, number), PoolGate.NAME)
    if gate is None or not gate.is_open:
        raise PoolNotOpenError
    return gate
