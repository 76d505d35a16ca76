"""Rulings: what becomes of a dispute and of its account, once somebody has decided, or nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.canonical import digest
from shared.domain.crediting import Posting, decide_credits
from shared.domain.dispute import SILENCE_CREDITS_MG_MAX, Dispute, DisputeKind, DisputeState
from shared.domain.entry import AMENDMENTS_MAX, CLAIMED, Behaviour, Cause, Entry
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import ledger_day
from shared.domain.measurement import Measurement, claimed
from shared.domain.methodology import Methodology
from shared.domain.points import DAYS_KEPT, PointsTerms
from shared.domain.reversing import ReversalReason, decide_reversal

_REVERSALS = {
    DisputeKind.NOT_MINE: ReversalReason.NOT_THE_USERS,
    DisputeKind.DUPLICATE: ReversalReason.DUPLICATE,
}


class Hindrance(StrEnum):
    """Why nothing was booked though nobody said no; the refusals of credits stand beside these."""

    ABOVE_SILENCE_CAP = "above_silence_cap"
    ACCOUNT_CLOSED = "account_closed"
    ALREADY_BOOKED = "already_booked"
    ALREADY_REVERSED = "already_reversed"
    NOTHING_TO_CHANGE = "nothing_to_change"
    TOO_LATE = "too_late"
    TOO_MANY_AMENDMENTS = "too_many_amendments"
    UNMEASURABLE = "unmeasurable"


class Ruling(NamedTuple):
    """What was decided, and by whom: DECIDED_FOR_USER is the partner's silence.

    `inputs` are the partner's own, where it accepts that something is wrong but not what.
    """

    state: DisputeState
    reason: str = ""
    inputs: Mapping[str, Decimal] | None = None
    answer_digest: str = ""

    @property
    def is_silence(self) -> bool:
        return self.state is DisputeState.DECIDED_FOR_USER


class Ground(NamedTuple):
    """What a ruling is carried out on: what stands of the disputed event, and who measures it.

    `standing` is the event's newest entry; of a missing one, what has been booked of the same
    behaviour meanwhile. `methodology` is the standing entry's, or the one in force then.
    """

    standing: Entry | None
    methodology: Methodology | None
    points: PointsTerms | None = None


@dataclass(frozen=True, slots=True)
class RuledDispute:
    """The dispute at its end; `account` is None where the ledger stays as it is."""

    dispute: Dispute
    account: Account | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    account: Account
    dispute: Dispute
    ruling: Ruling
    salt: str
    now: datetime

    def book(self, account: Account, entries: tuple[Entry, ...]) -> RuledDispute:
        lines = tuple(each.cause.key for each in entries)
        return RuledDispute(self._end(self.ruling.state, "", lines), account, entries)

    def hindered(self, reason: str) -> RuledDispute:
        """What was decided stands, and nothing is booked for the reason."""
        return RuledDispute(self._end(self.ruling.state, reason))

    def declined(self, reason: str) -> RuledDispute:
        return RuledDispute(self._end(DisputeState.DECLINED, reason))

    def _end(self, state: DisputeState, reason: str, lines: tuple[str, ...] = ()) -> Dispute:
        return self.dispute.ended(
            state,
            self.account.not_before(self.now) if lines else self.now,
            reason=reason,
            lines=lines,
            answer_digest=self.ruling.answer_digest,
        )


def decide_dispute(
    account: Account,
    dispute: Dispute,
    ruling: Ruling,
    ground: Ground,
    *,
    salt: str,
    now: datetime,
) -> RuledDispute:
    """Carry out a ruling: take a credit back, correct it, credit what is missing, or do nothing.

    Silence credits no more than SILENCE_CREDITS_MG_MAX: what claims more is declined. What rests on
    silence alone is booked as CLAIMED, with the lowest grade of evidence. Raises DisputeEndedError.
    """
    case = _Case(account, dispute, ruling, salt, now)
    if ruling.state is DisputeState.DECLINED:
        return case.declined(ruling.reason)
    if dispute.kind is DisputeKind.MISSING:
        return _credit(case, ground)
    standing = ground.standing
    if standing is None or standing.is_reversal:
        return case.hindered(Hindrance.ALREADY_REVERSED)
    if standing.cause.amendment >= AMENDMENTS_MAX:
        return case.hindered(Hindrance.TOO_MANY_AMENDMENTS)
    if dispute.kind is DisputeKind.WRONG_DISTANCE:
        return _correct(case, standing, ground.methodology)
    return _reverse(case, standing)


def _reverse(case: _Case, standing: Entry) -> RuledDispute:
    reversal = decide_reversal(
        case.account,
        standing,
        reason=_REVERSALS[case.dispute.kind],
        requested_by=f"dispute#{case.dispute.dispute_id}",
        salt=case.salt,
        now=case.now,
    )
    assert reversal.account is not None
    return case.book(reversal.account, (reversal.entry,))


def _correct(case: _Case, standing: Entry, methodology: Methodology | None) -> RuledDispute:
    """Measure again by the methodology that stands, with the inputs that are right."""
    if not case.account.is_open:
        return case.hindered(Hindrance.ACCOUNT_CLOSED)
    claim = case.ruling.inputs if case.ruling.inputs is not None else case.dispute.inputs
    measured = _measure(case, methodology, {**standing.behaviour.inputs, **claim})
    if measured is None or methodology is None:
        return case.hindered(Hindrance.UNMEASURABLE)
    inputs, measurement = measured
    if inputs == standing.behaviour.inputs:
        return case.hindered(Hindrance.NOTHING_TO_CHANGE)
    if _is_too_much(case, measurement.reduction_mg - standing.standing_mg):
        return case.declined(Hindrance.ABOVE_SILENCE_CAP)
    behaviour = replace(standing.behaviour, inputs=inputs)
    cause = standing.cause.next_amendment
    posting = _posting(case, cause, behaviour, measurement, methodology)
    posting = replace(posting, corrects=standing.methodology)
    decision = decide_credits(case.account, [posting], case.now, {standing.cause.event: standing})
    return case.book(decision.account, decision.entries)


def _credit(case: _Case, ground: Ground) -> RuledDispute:
    """Credit what is missing, by the rules that a partner's own report of it is under."""
    dispute, methodology = case.dispute, ground.methodology
    if ground.standing is not None:
        return case.hindered(Hindrance.ALREADY_BOOKED)
    if (ledger_day(case.now) - ledger_day(dispute.occurred_at)).days >= DAYS_KEPT:
        # The account has forgotten what it counted towards that day's caps.
        return case.hindered(Hindrance.TOO_LATE)
    claim = case.ruling.inputs if case.ruling.inputs is not None else dispute.inputs
    measured = _measure(case, methodology, claim)
    if measured is None or methodology is None:
        return case.hindered(Hindrance.UNMEASURABLE)
    inputs, measurement = measured
    if _is_too_much(case, measurement.reduction_mg):
        return case.declined(Hindrance.ABOVE_SILENCE_CAP)
    behaviour = Behaviour(dispute.scenario, dispute.occurred_at, inputs)
    posting = _posting(case, dispute.event, behaviour, measurement, methodology)
    posting = replace(
        posting,
        caps=tuple(rule.cap for rule in methodology.caps),
        exclusive_with=methodology.exclusive_with,
        points=ground.points,
    )
    decision = decide_credits(case.account, [posting], case.now)
    if decision.refusals:
        return case.hindered(decision.refusals[0].reason)
    return case.book(decision.account, decision.entries)


def _measure(
    case: _Case, methodology: Methodology | None, inputs: Mapping[str, object]
) -> tuple[dict[str, Decimal], Measurement] | None:
    """Return what the methodology reads and makes of the inputs; None where it cannot any more."""
    if methodology is None:
        return None
    try:
        read = methodology.read_inputs(inputs)
    except InvalidRequestError:
        return None
    measured = methodology.measure(read)
    return read, claimed(measured) if case.ruling.is_silence else measured


def _is_too_much(case: _Case, credited_mg: int) -> bool:
    return case.ruling.is_silence and credited_mg > SILENCE_CREDITS_MG_MAX


def _posting(
    case: _Case,
    cause: Cause,
    behaviour: Behaviour,
    measurement: Measurement,
    methodology: Methodology,
) -> Posting:
    return Posting(
        cause=cause,
        behaviour=behaviour,
        payload_digest=digest({"cause": cause.key, "dispute": case.dispute.dispute_id}),
        measurement=measurement,
        methodology=methodology.reference,
        label=methodology.label_for(measurement.missing),
        caps=(),
        salt=case.salt,
        reason=CLAIMED if case.ruling.is_silence else "",
    )
