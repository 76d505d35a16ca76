"""The credit decision: which measured events become entries, and why the others do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.account import Account
from shared.domain.caps import Cap
from shared.domain.consent import ConsentKey
from shared.domain.entry import Behaviour, Cause, Entry
from shared.domain.instants import ledger_day


@dataclass(frozen=True, slots=True)
class Posting:
    """One measured event on its way to an account.

    `reduction_mg` >= 0 in milligrams of CO2e; `salt` is hex, drawn once so that a retry books the
    same bytes.
    """

    cause: Cause
    behaviour: Behaviour
    payload_digest: str
    reduction_mg: int
    methodology: str
    caps: tuple[Cap, ...]
    salt: str


class RefusalReason(StrEnum):
    """Why an acknowledged event was not credited, as its partner is told.

    An unknown reference, a missing or withdrawn consent and a closed account are one reason, so
    that a partner cannot learn who has an account.
    """

    NOT_CONSENTED = "not_consented"
    OUTSIDE_CONSENT = "outside_consent"
    CAP_REACHED = "cap_reached"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The outcome of an event that was not credited. It holds nothing about a person."""

    cause: Cause
    payload_digest: str
    reason: RefusalReason
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CreditDecision:
    """The account after the credits, the entries to append, and the refusals."""

    account: Account
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]


def decide_credits(account: Account, postings: Sequence[Posting], now: datetime) -> CreditDecision:
    """Decide a batch of postings with different causes for one account, in their order.

    The rules: the account is open; the consent of the posting's scenario and partner is active
    and began no later than the behaviour occurred; no cap is passed. Entries are booked at `now`,
    but never before what the account already knows, so that `seq` and time agree.
    """
    booked_at = account.not_before(now)
    after = account
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    for posting in postings:
        reason = _reason_to_refuse(after, posting)
        if reason is not None:
            refusals.append(Refusal(posting.cause, posting.payload_digest, reason, now))
            continue
        entry = _entry(after, posting, booked_at)
        entries.append(entry)
        behaviour = posting.behaviour
        after = replace(
            after,
            seq=entry.seq,
            reduction_mg=after.reduction_mg + entry.reduction_mg,
            chain_head=entry.hash,
            last_booked_at=booked_at,
            caps=after.caps.counted(
                behaviour.scenario, posting.caps, ledger_day(behaviour.occurred_at)
            ),
        )
    if entries:
        after = replace(after, version=account.version + 1)
    return CreditDecision(after, tuple(entries), tuple(refusals))


def refuse_all(postings: Iterable[Posting], now: datetime) -> tuple[Refusal, ...]:
    """Return the refusals of postings that belong to no account."""
    reason = RefusalReason.NOT_CONSENTED
    return tuple(Refusal(each.cause, each.payload_digest, reason, now) for each in postings)


def _reason_to_refuse(account: Account, posting: Posting) -> RefusalReason | None:
    behaviour = posting.behaviour
    consent = account.consents.get(ConsentKey(behaviour.scenario, posting.cause.partner))
    if not account.is_open or consent is None:
        return RefusalReason.NOT_CONSENTED
    if behaviour.occurred_at < consent.since:
        return RefusalReason.OUTSIDE_CONSENT
    if account.caps.reached(behaviour.scenario, posting.caps, ledger_day(behaviour.occurred_at)):
        return RefusalReason.CAP_REACHED
    return None


def _entry(account: Account, posting: Posting, booked_at: datetime) -> Entry:
    key = ConsentKey(posting.behaviour.scenario, posting.cause.partner)
    return Entry(
        cause=posting.cause,
        account_id=account.account_id,
        seq=account.seq + 1,
        behaviour=posting.behaviour,
        booked_at=booked_at,
        reduction_mg=posting.reduction_mg,
        methodology=posting.methodology,
        consent_number=account.consents[key].number,
        payload_digest=posting.payload_digest,
        salt=posting.salt,
        previous_hash=account.chain_head,
    )
