"""Make a card of the subject's reductions that anybody with its link can see."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.application.changing import Moved, require_same_request, until_committed
from shared.application.get_account import get_account
from shared.application.get_totals import Granularity, get_totals
from shared.application.ports import Accounts, Documents, Pause, Statement, Write
from shared.domain.errors import ConsentRequiredError, InvalidRequestError
from shared.domain.identifiers import derived_id
from shared.domain.measurement import NOTHING, Sum
from shared.domain.share import (
    CONSENT,
    LIFETIME,
    Share,
    ShareHolder,
    Shares,
    ShareStyle,
    checked_nickname,
    days_of,
)


@dataclass(frozen=True, slots=True)
class WantedShare:
    """What somebody asks for, as it was typed."""

    period: str
    style: ShareStyle
    language: str
    nickname: str | None = None


def make_share(
    accounts: Accounts,
    statement: Statement,
    documents: Documents,
    *,
    subject_hash: str,
    idempotency_key: str,
    wanted: WantedShare,
    token: str,
    request_digest: str,
    now: datetime,
    pause: Pause,
) -> Moved[Share]:
    """Return the card; the same request again finds the one that it made.

    `token` is random: it leads from the link to the card. Raises AccountNotFoundError,
    ConsentRequiredError, IdempotencyConflictError, TooManySharesError, BusyError, and
    InvalidRequestError for a bad period or nickname, or if there is no reduction to show.
    """

    def step() -> Moved[Share]:
        account = get_account(accounts, subject_hash=subject_hash)
        share_id = derived_id("s", account.account_id, idempotency_key)
        standing = documents.get(Shares, account.account_id, Shares.NAME)
        known = standing.find(share_id) if standing else None
        if known is not None:
            require_same_request(known.request_digest, request_digest)
            return Moved(known, is_repeat=True)
        nickname = None if wanted.nickname is None else checked_nickname(wanted.nickname)
        days = days_of(wanted.period)
        if CONSENT not in account.consents:
            raise ConsentRequiredError
        reduction = account.total
        if days is not None:
            reduction = _sum_of(accounts, statement, subject_hash, days)
        if reduction.reduction_mg <= 0:
            raise InvalidRequestError(
                "There is nothing to show.", pointers=(("/period", "has no reductions"),)
            )
        # Never before the consent, by which the card is shown.
        made_at = account.not_before(now)
        share = Share(
            share_id=share_id,
            token=token,
            period=wanted.period,
            style=wanted.style,
            language=wanted.language,
            nickname=nickname,
            reduction=reduction,
            created_at=made_at,
            expires_at=made_at + LIFETIME,
            request_digest=request_digest,
        )
        before = standing or Shares(account.account_id)
        documents.put(
            Write(ShareHolder(token, account.account_id, share_id)),
            Write(before.with_new(share, made_at), replaces=standing),
        )
        return Moved(share, is_repeat=False)

    return until_committed(step, pause)


def _sum_of(
    accounts: Accounts, statement: Statement, subject_hash: str, days: tuple[date, date]
) -> Sum:
    """Return the sum of the days by when the behaviour occurred, as the totals have it."""
    first, last = days
    _, months = get_totals(
        accounts,
        statement,
        subject_hash=subject_hash,
        granularity=Granularity.MONTH,
        first=first,
        last=last,
    )
    return sum((each.total for each in months), NOTHING)
