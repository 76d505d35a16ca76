"""A plan: who does what when, what partners send, and what should become of every event."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from infra.seed.people import ChangeKind, Person

EVENTS_PER_REQUEST_MAX = 100


class EventKey(NamedTuple):
    """What an event is known by."""

    partner: str
    event_id: str


class Case(StrEnum):
    """How a partner sends an event, in words for a table."""

    ON_TIME = "on time"
    OUT_OF_ORDER = "out of order, after later rides"
    LATE = "days late"
    BEFORE_CONSENT = "from before the consent"
    BANK_RUN = "in one of the bank's runs"
    STRANGER = "of a person without account"
    NO_DISTANCE = "without distance"
    COMPLETION = "the distance, afterwards"
    AGAIN_IN_BATCH = "again, in the same batch"
    AGAIN_SOON = "again, with the next delivery"
    AGAIN_LATER = "again, days later"
    OTHER_PAYLOAD = "same id, other payload"
    TWO_PAYLOADS = "two payloads of one id in a batch"
    WRONG_KEY = "signed with a wrong key"
    OLD_SIGNATURE = "signed too long ago"
    CHANGED_BODY = "changed after it was signed"
    OTHER_SOURCE = "in another partner's name"
    TOO_OLD = "older than the acceptance window"
    FUTURE = "in the future"
    UNKNOWN_TYPE = "of an unknown type"
    NEGATIVE = "a negative distance"
    TOO_FINE = "a distance finer than a metre"
    NO_OFFSET = "a time without offset"


class Signing(StrEnum):
    GOOD = "good"
    FORMER_KEY = "former key"
    WRONG_KEY = "wrong key"
    STALE = "stale"
    CHANGED_BODY = "changed body"


@dataclass(frozen=True, slots=True)
class Send:
    """One event as it is sent once.

    `refusal` is the problem code that the door should give, None where it should be accepted;
    `is_repeat` marks what should add nothing, because the event is known already.
    """

    case: Case
    key: EventKey
    event: Mapping[str, Any]
    refusal: str | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a partner, and the status that it should be answered with."""

    partner: str
    sends: tuple[Send, ...]
    is_batch: bool
    signing: Signing
    status: int


@dataclass(frozen=True, slots=True)
class Action:
    """What a user does. `scenario` and `partner` belong to grants and withdrawals."""

    person: Person
    kind: ChangeKind
    scenario: str = ""
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Everything that happens at one time: first the actions, then the deliveries, in any order."""

    at: datetime
    closes_day: bool = False
    actions: tuple[Action, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def sends(self) -> Iterator[Send]:
        for delivery in self.deliveries:
            yield from delivery.sends


@dataclass(frozen=True, slots=True)
class Fate:
    """What should become of an acknowledged event. `conflicts` counts its other payloads."""

    scenario: str
    subject: str | None
    reason: str | None = None
    reduction_mg: int | None = None
    conflicts: int = 0

    @property
    def outcome(self) -> str:
        return "credited" if self.reason is None else "rejected"


@dataclass(frozen=True, slots=True)
class Plan:
    """A month, step by step, with the fate of every event that is ever acknowledged.

    `balances_mg` and `entries` are of the accounts that are open in the end, by subject.
    """

    first_day: date
    last_day: date
    steps: tuple[Step, ...]
    fates: Mapping[EventKey, Fate]
    balances_mg: Mapping[str, int]
    entries: Mapping[str, int]

    @property
    def sends(self) -> Iterator[Send]:
        for step in self.steps:
            yield from step.sends

    @property
    def unacknowledged(self) -> tuple[EventKey, ...]:
        """Events that no delivery gets through the door: they must not have an outcome."""
        return tuple(dict.fromkeys(each.key for each in self.sends if each.key not in self.fates))
