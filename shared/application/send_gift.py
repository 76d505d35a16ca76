"""Send a gift: it leaves one account and comes to the other in one commit, or not at all."""

from collections.abc import Sequence
from datetime import datetime

from shared.application.changing import Moved, move_once, require_same_request
from shared.application.make_gift_code import codes_of
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
from shared.domain.errors import GiftCodeRefusedError
from shared.domain.gift import (
    Gift,
    GiftAllowance,
    GiftAmount,
    give,
    receive,
    sent_key,
)
from shared.domain.gift_code import GiftCodes
from shared.domain.identifiers import derived_id
from shared.domain.instants import ledger_day
from shared.domain.lots import total_of
from shared.domain.measurement import NOTHING, Sum
from shared.domain.moving import require_no_debt


def send_gift(
    accounts: Accounts,
    lines: Lines,
    documents: Documents,
    *,
    subject_hash: str,
    idempotency_key: str,
    code: str,
    code_hash: str,
    wanted: GiftAmount,
    request_digest: str,
    now: datetime,
    is_dry_run: bool,
    pause: Pause,
) -> Moved[Gift]:
    """Return the giver's side of the gift; the code is used up with it.

    Raises GiftCodeRefusedError for whatever reason no gift can be sent with the code,
    GiftLimitReachedError, AccountInDebtError, InsufficientReductionsError,
    InsufficientPointsError, TooManyLinesError, IdempotencyConflictError, AccountNotFoundError and
    BusyError.
    """

    def known(giver: Account) -> Gift | None:
        sent = lines.movement(sent_key(gift_id_of(giver)))
        if sent is None:
            return None
        require_same_request(sent.payload_digest, request_digest)
        return Gift.of(sent)

    def decide(giver: Account) -> tuple[Gift, Sequence[AccountChange]]:
        # What the giver lacks is said before anything about the code.
        sending, sent = give(
            giver,
            wanted,
            gift_id=gift_id_of(giver),
            backing=_backing(lines, giver, wanted),
            payload_digest=request_digest,
            now=now,
        )
        before = documents.get(GiftAllowance, giver.account_id, GiftAllowance.NAME)
        today = ledger_day(sending.now)
        allowance = before or GiftAllowance(giver.account_id, today)
        allowance = allowance.with_gift(wanted, today)
        codes, receiver = _receiver(accounts, documents, code, code_hash, giver, now)
        arriving, received = receive(receiver, sent, now)
        gift = Gift.of(sent)
        return gift, [
            AccountChange(
                giver,
                sending.after,
                movements=tuple(sending.movements),
                documents=(Write(gift), Write(allowance, replaces=before)),
            ),
            AccountChange(
                receiver,
                arriving.after,
                movements=tuple(arriving.movements),
                documents=(Write(Gift.of(received)), Write(codes.without(code), replaces=codes)),
            ),
        ]

    def gift_id_of(giver: Account) -> str:
        return derived_id("g", giver.account_id, idempotency_key)

    return move_once(
        accounts,
        subject_hash=subject_hash,
        known=known,
        decide=decide,
        is_dry_run=is_dry_run,
        pause=pause,
    )


def _backing(lines: Lines, giver: Account, wanted: GiftAmount) -> Sum:
    """Return what the oldest of the giver's reductions are made of."""
    require_no_debt(giver)
    if not 0 < wanted.reduction_mg <= giver.available_mg:
        return NOTHING
    return total_of(lots_of(lines, giver).preview(wanted.reduction_mg))


def _receiver(
    accounts: Accounts,
    documents: Documents,
    code: str,
    code_hash: str,
    giver: Account,
    now: datetime,
) -> tuple[GiftCodes, Account]:
    """Return whose code it is; raise the same GiftCodeRefusedError for every reason against it."""
    codes = codes_of(documents, code_hash)
    if codes is None or codes.find(code, now) is None or codes.account_id == giver.account_id:
        raise GiftCodeRefusedError
    receiver = accounts.load(codes.account_id, consistent=True)
    if receiver is None or not receiver.is_open:
        raise GiftCodeRefusedError
    return codes, receiver
