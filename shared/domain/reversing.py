"""Reversal: a credit is taken back by an entry of its own, at most once, whatever was spent."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.account import Account
from shared.domain.booking import book
from shared.domain.canonical import digest
from shared.domain.entry import AMENDMENTS_MAX, AmendmentKind, Cause, Entry
from shared.domain.errors import AlreadyReversedError, TooManyAmendmentsError
from shared.domain.measurement import NO_SPREAD


class ReversalReason(StrEnum):
    """Why a credit is taken back."""

    NOT_THE_USERS = "not_the_users"
    DID_NOT_HAPPEN = "did_not_happen"
    DUPLICATE = "duplicate"
    WRONG_DATA = "wrong_data"
    FRAUD = "fraud"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reversal:
    """The account and the entry that takes the credit back, or the same again: no account then."""

    account: Account | None
    entry: Entry


def decide_reversal(
    account: Account,
    standing: Entry,
    *,
    reason: ReversalReason,
    requested_by: str,
    salt: str,
    now: datetime,
) -> Reversal:
    """Take back what a behaviour was credited in all, and the points that it earned.

    `standing` is the newest entry of the behaviour. Asked again by the same party for the same
    reason, it answers with the entry that stands. Raises AlreadyReversedError, or
    TooManyAmendmentsError where the behaviour was amended as often as may be.
    """
    payload_digest = reversal_digest(standing.cause.event, reason, requested_by)
    if standing.is_reversal:
        if standing.payload_digest != payload_digest:
            raise AlreadyReversedError
        return Reversal(None, standing)
    if standing.cause.amendment >= AMENDMENTS_MAX:
        raise TooManyAmendmentsError
    entry = replace(
        standing,
        cause=standing.cause.next_amendment,
        seq=account.seq + 1,
        booked_at=account.not_before(now),
        reduction_mg=-standing.standing_mg,
        spread=NO_SPREAD,
        payload_digest=payload_digest,
        salt=salt,
        previous_hash=account.chain_head,
        missing=(),
        original=standing.amended(AmendmentKind.REVERSAL),
        points=-standing.standing_points,
        reason=reason.value,
    )
    after = replace(book(account, entry), version=account.version + 1)
    return Reversal(after, entry)


def reversal_digest(event: Cause, reason: ReversalReason, requested_by: str) -> str:
    """Return the digest of a request to reverse, by which the same one is known again."""
    return digest({"cause": event.key, "reason": reason.value, "requested_by": requested_by})
