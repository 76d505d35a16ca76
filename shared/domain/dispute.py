"""Disputes: a user says that an entry is wrong, or that one is missing, and the partner answers.

A partner that does not answer by the deadline has nothing against it: silence decides for the user,
as long as no more than a stated amount is credited on the user's word alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from shared.domain.consent import ConsentKey
from shared.domain.entry import Cause
from shared.domain.errors import DisputeEndedError
from shared.domain.identifiers import derived_id, ordered_id
from shared.domain.instants import format_instant

# How long after its booking an entry may be disputed.
OPEN_WITHIN = timedelta(days=90)
# How long after a behaviour it may be said to be missing: with the time to answer, and a few days
# of a schedule that stands still, an account still remembers what counts towards that day's caps.
MISSING_WITHIN = timedelta(days=21)
# How long a partner has to answer.
ANSWER_WITHIN = timedelta(days=15)
# What the user's word alone may credit per dispute: some 78 km by metro instead of a car.
SILENCE_CREDITS_MG_MAX = 2_000_000
# Two behaviours of one scenario and partner that are closer than this are taken for one.
SAME_WITHIN = timedelta(minutes=10)

DISPUTE_PREFIX = "d"
DISPUTE_ID = re.compile("d[0-9a-v]{26}", re.ASCII)
# What a missing behaviour is credited under; no partner's own event is called so.
CLAIM_PREFIX = "dispute-"


class DisputeKind(StrEnum):
    """What is wrong."""

    NOT_MINE = "not_mine"
    DUPLICATE = "duplicate"
    WRONG_DISTANCE = "wrong_distance"
    MISSING = "missing"


class DisputeState(StrEnum):
    """A dispute ends once: by the partner's answer, by its silence, or by the user."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DECIDED_FOR_USER = "decided_for_user"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset(DisputeState) - {DisputeState.OPEN},
    DisputeState.ACCEPTED: frozenset(),
    DisputeState.DECLINED: frozenset(),
    DisputeState.DECIDED_FOR_USER: frozenset(),
    DisputeState.WITHDRAWN: frozenset(),
}


class DeclineReason(StrEnum):
    """Why a partner says no. With `reported` it sends the event itself, or has sent it."""

    RECORDS_DIFFER = "records_differ"
    NO_RECORD = "no_record"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute of one account.

    `event_id` is the disputed event's; of a missing one, what its credit is booked under. `inputs`
    are what the user says was measured. `reason` is why it ended as it did where its state does not
    say so, `lines` are the keys of the entries that its end booked, and `answer_digest` is by what
    the partner's answer is known again.
    """

    KIND: ClassVar[str] = "dispute"

    dispute_id: str
    account_id: str
    kind: DisputeKind
    scenario: str
    partner: str
    event_id: str
    occurred_at: datetime
    opened_at: datetime
    inputs: Mapping[str, Decimal]
    state: DisputeState = DisputeState.OPEN
    reason: str = ""
    ended_at: datetime | None = None
    lines: tuple[str, ...] = ()
    answer_digest: str = ""
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        return self.dispute_id

    @property
    def due_at(self) -> datetime | None:
        return self.deadline if self.is_open else None

    @property
    def deadline(self) -> datetime:
        """When silence decides, and no answer is taken any more."""
        return self.opened_at + ANSWER_WITHIN

    @property
    def is_open(self) -> bool:
        return self.state is DisputeState.OPEN

    @property
    def event(self) -> Cause:
        return Cause(self.partner, self.event_id)

    @property
    def consent(self) -> ConsentKey:
        return ConsentKey(self.scenario, self.partner)

    def ended(
        self,
        state: DisputeState,
        now: datetime,
        *,
        reason: str = "",
        lines: tuple[str, ...] = (),
        answer_digest: str = "",
    ) -> "Dispute":
        """Return it in its last state; raise DisputeEndedError where it has one already."""
        if state not in TRANSITIONS[self.state]:
            raise DisputeEndedError
        return replace(
            self,
            state=state,
            reason=reason,
            ended_at=now,
            lines=lines,
            answer_digest=answer_digest,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class DisputeCase:
    """Where a partner finds a dispute of one of its users, whose account it is never told."""

    KIND: ClassVar[str] = "dispute-case"

    partner: str
    dispute_id: str
    account_id: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.partner

    @property
    def name(self) -> str:
        return self.dispute_id

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class DisputeRequest:
    """Which dispute an Idempotency-Key of an account has opened."""

    KIND: ClassVar[str] = "dispute-request"

    account_id: str
    name: str
    dispute_id: str
    request_digest: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class DisputeLock:
    """Which dispute an event, or an hour in which one is missing, is or was the matter of.

    It is one at a time; only one that was withdrawn makes room for another.
    """

    KIND: ClassVar[str] = "dispute-lock"

    account_id: str
    name: str
    dispute_id: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def due_at(self) -> datetime | None:
        return None


def dispute_id_for(account_id: str, idempotency_key: str, opened_at: datetime) -> str:
    """Return the id of a dispute; ids are in the order in which disputes were opened."""
    return ordered_id(DISPUTE_PREFIX, opened_at, "dispute", account_id, idempotency_key)


def request_name(account_id: str, idempotency_key: str) -> str:
    return derived_id("q", account_id, idempotency_key)


def claim_id(dispute_id: str) -> str:
    """Return the id of the event that a missing behaviour is credited under."""
    return f"{CLAIM_PREFIX}{dispute_id}"


def is_claim_id(event_id: str) -> bool:
    """Tell whether only a dispute may use this id of an event."""
    is_claim = event_id.startswith(CLAIM_PREFIX)
    return is_claim and DISPUTE_ID.fullmatch(event_id.removeprefix(CLAIM_PREFIX)) is not None


def matter_of(dispute: Dispute) -> str:
    """Return what is disputed: the event, or the hour in which one is missing.

    So nobody can have more credited by silence than one behaviour an hour.
    """
    if dispute.kind is DisputeKind.MISSING:
        # `YYYY-MM-DDTHH`
        hour = format_instant(dispute.occurred_at)[:13]
        return f"missing#{dispute.scenario}#{dispute.partner}#{hour}"
    return dispute.event.key
