"""Redeem a benefit: its price is held, a unit of its stock taken, and its supplier told.

Hold, unit, count and redemption are one commit. The supplier is told afterwards: if nobody lives to
do it, the schedule finds the redemption by the time at which it is due.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from shared.application.changing import Moved, move_once, require_same_request
from shared.application.ports import (
    AccountChange,
    Accounts,
    Documents,
    FulfilmentOrder,
    FulfilmentQueue,
    Pause,
    Write,
)
from shared.domain.account import Account
from shared.domain.benefit import (
    BLOCKS_MAX,
    CATALOGUE,
    Benefit,
    BenefitUse,
    Price,
    StockBlock,
    block_name,
    choose_block,
    first_block,
    require_offer,
)
from shared.domain.errors import BenefitNotFoundError, SoldOutError
from shared.domain.redemption import Redemption, hold, redemption_id_for


def redeem_benefit(
    accounts: Accounts,
    documents: Documents,
    queue: FulfilmentQueue,
    *,
    subject_hash: str,
    benefit_id: str,
    quoted: Price,
    idempotency_key: str,
    request_digest: str,
    is_dry_run: bool,
    now: datetime,
    pause: Pause,
) -> Moved[Redemption]:
    """Return the redemption, held, or what the same request came to before.

    Raises AccountNotFoundError, BenefitNotFoundError, BenefitUnavailableError, PriceChangedError,
    PersonLimitReachedError, InsufficientPointsError, InsufficientReductionsError, SoldOutError,
    IdempotencyConflictError and BusyError.
    """
    attempts = count()

    def known(account: Account) -> Redemption | None:
        wanted = redemption_id_for(account.account_id, idempotency_key)
        found = documents.get(Redemption, account.account_id, wanted)
        if found is not None:
            require_same_request(found.request_digest, request_digest)
        return found

    def decide(account: Account) -> tuple[Redemption, list[AccountChange]]:
        benefit = documents.get(Benefit, CATALOGUE, benefit_id)
        if benefit is None:
            raise BenefitNotFoundError
        account_id = account.account_id
        use = documents.get(BenefitUse, account_id, benefit_id)
        counted = use or BenefitUse(account_id, benefit_id)
        require_offer(benefit, quoted, counted, now)
        block = _block_with_stock(documents, benefit, account_id, attempts)
        step = hold(
            account,
            benefit,
            redemption_id=redemption_id_for(account_id, idempotency_key),
            block=block.number,
            request_digest=request_digest,
            now=now,
        )
        writes = (
            Write(step.redemption),
            Write(counted.once_more(), replaces=use),
            Write(block.take(), replaces=block),
        )
        change = AccountChange(
            before=account, after=step.after, movements=step.movements, documents=writes
        )
        return step.redemption, [change]

    moved = move_once(
        accounts,
        subject_hash=subject_hash,
        known=known,
        decide=decide,
        is_dry_run=is_dry_run,
        pause=pause,
    )
    redemption = moved.value
    # A repeat may be the first that lives to tell the supplier. What the queue does not take, the
    # schedule sends again.
    if redemption.is_held and not redemption.attempts and not is_dry_run:
        queue.send([FulfilmentOrder(redemption.account_id, redemption.redemption_id)])
    return moved


def _block_with_stock(
    documents: Documents, benefit: Benefit, account_id: str, attempts: Iterator[int]
) -> StockBlock:
    """Return a block to take a unit from; raise SoldOutError only if a read of all says so."""
    attempt = next(attempts)
    if benefit.blocks:
        number = first_block(benefit.blocks, account_id, attempt)
        block = documents.get(StockBlock, benefit.benefit_id, block_name(number))
        if block is not None and block.left:
            return block
    blocks, _ = documents.of_owner(StockBlock, benefit.benefit_id, limit=BLOCKS_MAX)
    chosen = choose_block(blocks, account_id, attempt)
    if chosen is None:
        raise SoldOutError
    return chosen
