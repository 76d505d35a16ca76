"""The credit decision: which measured events become entries, and why the others do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.account import Account
from shared.domain.booking import book
from shared.domain.caps import Cap, CapPeriod
from shared.domain.consent import ConsentKey
from shared.domain.entry import AMENDMENTS_MAX, AmendmentKind, Behaviour, Cause, Entry
from shared.domain.instants import ledger_day
from shared.domain.measurement import Label, Measurement
from shared.domain.points import PointsTerms


@dataclass(frozen=True, slots=True)
class Posting:
    """One measured event on its way to an account.

    `salt` is hex, drawn once so that a retry books the same bytes. `exclusive_with` names the
    scenarios that may not be credited on the same day. `completes` is the event, of the same
    partner, whose missing inputs this one brings. `corrects` is the methodology that a correction
    finds standing; its cause is then the amendment itself. `points` is what the policy in force
    offers, if any is. `reason` is CLAIMED where only its user vouches for it.
    """

    cause: Cause
    behaviour: Behaviour
    payload_digest: str
    measurement: Measurement
    methodology: str
    label: Label
    caps: tuple[Cap, ...]
    salt: str
    exclusive_with: tuple[str, ...] = ()
    completes: Cause | None = None
    corrects: str = ""
    points: PointsTerms | None = None
    reason: str = ""

    @property
    def amends(self) -> Cause | None:
        """The event whose standing the decision needs, if this is an amendment."""
        return self.cause.event if self.corrects else self.completes


class RefusalReason(StrEnum):
    """Why an acknowledged event was not credited, as its partner is told.

    An unknown reference, a missing or withdrawn consent and a closed account are one reason, so
    that a partner cannot learn who has an account.
    """

    NOT_CONSENTED = "not_consented"
    OUTSIDE_CONSENT = "outside_consent"
    CAP_REACHED = "cap_reached"
    EXCLUDED = "excluded"
    NOTHING_TO_COMPLETE = "nothing_to_complete"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The outcome of an event that was not credited. It holds nothing about a person."""

    cause: Cause
    payload_digest: str
    reason: RefusalReason
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Completion:
    """The outcome of a completing event: the amendment that it became."""

    cause: Cause
    payload_digest: str
    amendment: Cause
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CreditDecision:
    """The account after the credits, the entries to append, and the outcomes that are not entries.

    `superseded` counts corrections of what no longer stands: they change nothing.
    """

    account: Account
    entries: tuple[Entry, ...]
    completions: tuple[Completion, ...]
    refusals: tuple[Refusal, ...]
    superseded: int = 0


@dataclass(slots=True)
class _Course:
    """A decision on its way: the account and the standing after what was decided so far."""

    account: Account
    standing: dict[Cause, Entry]
    entries: list[Entry] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    superseded: int = 0

    def book(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.standing[entry.cause.event] = entry
        self.account = book(self.account, entry)

    def earn(self, terms: PointsTerms | None, offered: int, occurred_at: datetime) -> int:
        """Count what is earned towards the caps; return as much of the offer as they leave."""
        if terms is None:
            return 0
        day = ledger_day(occurred_at)
        earned = min(offered, self.account.points_earned.room(terms, day))
        counted = self.account.points_earned.counted(earned, day)
        self.account = replace(self.account, points_earned=counted)
        return earned


def decide_credits(
    account: Account,
    postings: Sequence[Posting],
    now: datetime,
    standing: Mapping[Cause, Entry] | None = None,
) -> CreditDecision:
    """Decide a batch of postings with different causes for one account, in their order.

    The rules: the account is open; the consent of the posting's scenario and partner is active
    and began no later than the behaviour occurred; no cap is passed, and nothing that excludes it
    was credited that day. `standing` has the newest entry of each event that a posting amends. A
    completion tops up what is provisional and never takes back. Entries are booked at `now`, but
    never before what the account already knows, so that `seq` and time agree.
    """
    booked_at = account.not_before(now)
    course = _Course(account, dict(standing or {}))
    for posting in postings:
        if posting.corrects:
            _correct(course, posting, booked_at)
            continue
        reason = _reason_to_refuse(course, posting)
        if reason is not None:
            refusal = Refusal(posting.cause, posting.payload_digest, reason, now)
            course.refusals.append(refusal)
        elif posting.completes is not None:
            _complete(course, posting, posting.completes, booked_at)
        else:
            _credit(course, posting, booked_at)
    after = course.account
    if course.entries:
        after = replace(after, version=account.version + 1)
    return CreditDecision(
        after,
        tuple(course.entries),
        tuple(course.completions),
        tuple(course.refusals),
        course.superseded,
    )


def refuse_all(postings: Iterable[Posting], now: datetime) -> tuple[Refusal, ...]:
    """Return the refusals of postings that belong to no account; a correction needs none."""
    reason = RefusalReason.NOT_CONSENTED
    return tuple(
        Refusal(each.cause, each.payload_digest, reason, now)
        for each in postings
        if not each.corrects
    )


def _reason_to_refuse(course: _Course, posting: Posting) -> RefusalReason | None:
    account, behaviour = course.account, posting.behaviour
    original = None
    if posting.completes is not None:
        original = course.standing.get(posting.completes)
    occurred_at = original.behaviour.occurred_at if original else behaviour.occurred_at
    consent = account.consents.get(ConsentKey(behaviour.scenario, posting.cause.partner))
    if not account.is_open or consent is None:
        return RefusalReason.NOT_CONSENTED
    if occurred_at < consent.since:
        return RefusalReason.OUTSIDE_CONSENT
    if posting.completes is not None:
        may = original is not None and _may_complete(account, original, posting)
        return None if may else RefusalReason.NOTHING_TO_COMPLETE
    day = ledger_day(occurred_at)
    if account.caps.reached(behaviour.scenario, posting.caps, day):
        return RefusalReason.CAP_REACHED
    if any(account.caps.count(each, CapPeriod.DAY, day) for each in posting.exclusive_with):
        return RefusalReason.EXCLUDED
    return None


def _may_complete(account: Account, original: Entry, posting: Posting) -> bool:
    return (
        original.account_id == account.account_id
        and original.behaviour.scenario == posting.behaviour.scenario
        # It was measured by the methodology of its own day, which must be the behaviour's.
        and ledger_day(original.behaviour.occurred_at) == ledger_day(posting.behaviour.occurred_at)
        and original.is_provisional
        and original.cause.amendment < AMENDMENTS_MAX
    )


def _credit(course: _Course, posting: Posting, booked_at: datetime) -> None:
    behaviour, terms = posting.behaviour, posting.points
    offered = terms.for_credit(posting.measurement.reduction_mg) if terms else 0
    points = course.earn(terms, offered, behaviour.occurred_at)
    account = course.account
    key = ConsentKey(behaviour.scenario, posting.cause.partner)
    course.book(
        Entry(
            cause=posting.cause,
            account_id=account.account_id,
            seq=account.seq + 1,
            behaviour=behaviour,
            booked_at=booked_at,
            reduction_mg=posting.measurement.reduction_mg,
            spread=posting.measurement.spread,
            grade=posting.measurement.grade,
            methodology=posting.methodology,
            label=posting.label,
            consent_number=account.consents[key].number,
            payload_digest=posting.payload_digest,
            salt=posting.salt,
            previous_hash=account.chain_head,
            missing=posting.measurement.missing,
            points=points,
            spend_by=terms.spend_by if terms else None,
            reason=posting.reason,
        )
    )
    caps = course.account.caps.counted(
        behaviour.scenario, posting.caps, ledger_day(behaviour.occurred_at)
    )
    course.account = replace(course.account, caps=caps)


def _complete(course: _Course, posting: Posting, event: Cause, booked_at: datetime) -> None:
    """Book what the completed event is worth beyond its provisional credit: nothing, or more."""
    original = course.standing[event]
    measured = posting.measurement
    credited_mg = max(measured.reduction_mg, original.standing_mg)
    terms = posting.points
    offered = terms.for_completion(credited_mg, original.standing_points) if terms else 0
    points = course.earn(terms, offered, original.behaviour.occurred_at)
    entry = _amendment(course, posting, original, AmendmentKind.COMPLETION, booked_at, credited_mg)
    # Points that are taken back one day come from where the credit's own are.
    spend_by = original.spend_by or (terms.spend_by if terms else None)
    entry = replace(entry, points=points, spend_by=spend_by)
    course.book(entry)
    course.completions.append(
        Completion(posting.cause, posting.payload_digest, entry.cause, booked_at)
    )


def _correct(course: _Course, posting: Posting, booked_at: datetime) -> None:
    """Book the difference to another methodology, if what it was worked out from still stands.

    It measures again and rewards nothing: points stay as they were earned.
    """
    original = course.standing.get(posting.cause.event)
    if (
        original is None
        or not course.account.is_open
        or original.account_id != course.account.account_id
        or original.methodology != posting.corrects
        or original.cause.next_amendment != posting.cause
        or original.is_reversal
        or posting.cause.amendment > AMENDMENTS_MAX
    ):
        course.superseded += 1
        return
    credited_mg = posting.measurement.reduction_mg
    kind = AmendmentKind.CORRECTION
    course.book(_amendment(course, posting, original, kind, booked_at, credited_mg))


def _amendment(
    course: _Course,
    posting: Posting,
    original: Entry,
    kind: AmendmentKind,
    booked_at: datetime,
    credited_mg: int,
) -> Entry:
    measured = posting.measurement
    return Entry(
        cause=original.cause.next_amendment,
        account_id=original.account_id,
        seq=course.account.seq + 1,
        behaviour=replace(
            posting.behaviour,
            scenario=original.behaviour.scenario,
            occurred_at=original.behaviour.occurred_at,
        ),
        booked_at=booked_at,
        reduction_mg=credited_mg - original.standing_mg,
        spread=measured.spread_around(credited_mg),
        grade=measured.grade,
        methodology=posting.methodology,
        label=posting.label,
        consent_number=original.consent_number,
        payload_digest=posting.payload_digest,
        salt=posting.salt,
        previous_hash=course.account.chain_head,
        missing=measured.missing,
        original=original.amended(kind),
        spend_by=original.spend_by,
        reason=posting.reason,
    )
