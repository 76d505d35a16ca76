"""Entries: append-only, one per cause, chained by hash within their account.

A behaviour is credited once, by its event's own entry. What is learnt later is booked as an
amendment of it: a completion brings what the event did not know, a correction applies another
methodology or other inputs, a reversal takes the credit back. An amendment holds the difference,
and what stood before.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.canonical import Json, canonical_json, digest
from shared.domain.instants import format_instant, ledger_day
from shared.domain.measurement import NO_SPREAD, EvidenceGrade, Label, Spread, Sum, at_grade

# The reason of an entry that stands on its user's word alone; its evidence is of the lowest grade.
CLAIMED = "claimed"
# How often one behaviour may be amended: each look at its standing reads all of them.
AMENDMENTS_MAX = 9


@dataclass(frozen=True, slots=True)
class Cause:
    """What caused an entry: one event of one partner, or its n-th amendment."""

    partner: str
    event_id: str
    amendment: int = 0

    @property
    def key(self) -> str:
        number = f"~{self.amendment}" if self.amendment else ""
        return f"event#{self.partner}#{self.event_id}{number}"

    @property
    def event(self) -> "Cause":
        """The event itself, whose behaviour this amends."""
        return Cause(self.partner, self.event_id)

    @property
    def next_amendment(self) -> "Cause":
        return Cause(self.partner, self.event_id, self.amendment + 1)

    @classmethod
    def parse(cls, key: str) -> "Cause":
        kind, partner, event = key.split("#")
        if kind != "event":
            raise ValueError("An entry is caused by an event.")
        event_id, separator, number = event.partition("~")
        cause = cls(partner, event_id, int(number) if separator else 0)
        if cause.key != key or cause.amendment < 0:
            raise ValueError("A cause is written in one way only.")
        return cause


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a partner reported: the scenario, when it occurred, and the measured inputs."""

    scenario: str
    occurred_at: datetime
    inputs: Mapping[str, Decimal]


class AmendmentKind(StrEnum):
    """Why a behaviour's credit was amended."""

    COMPLETION = "completion"
    CORRECTION = "correction"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Original:
    """What a behaviour was credited before an amendment, in all, in milligrams of CO2e.

    `points` is what it had earned, in all.
    """

    kind: AmendmentKind
    methodology: str
    reduction_mg: int
    spread: Spread
    grade: EvidenceGrade
    is_provisional: bool
    points: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking: `reduction_mg` milligrams of CO2e as the `seq`-th of its account.

    `spread`, `grade` and `missing` describe the behaviour's credit as it stands after this entry.
    `points` is what the entry earned, or, of a reversal, takes back; `spend_by` is the last day to
    spend them. `reason` is why a reversal was made, or CLAIMED.
    The hash covers a salted digest of the personal detail instead of the detail itself, so that
    the detail can be erased one day and the chain still verifies.
    """

    cause: Cause
    account_id: str
    seq: int
    behaviour: Behaviour
    booked_at: datetime
    reduction_mg: int
    spread: Spread
    grade: EvidenceGrade
    methodology: str
    label: Label
    consent_number: int
    payload_digest: str
    salt: str
    previous_hash: str
    missing: tuple[str, ...] = ()
    original: Original | None = None
    points: int = 0
    spend_by: date | None = None
    reason: str = ""

    @property
    def ledger_day(self) -> date:
        return ledger_day(self.booked_at)

    @property
    def is_provisional(self) -> bool:
        """Whether an input was missing, so that a completion may still top the credit up."""
        return bool(self.missing)

    @property
    def standing_mg(self) -> int:
        """What the behaviour is credited in all, after this entry."""
        return self.reduction_mg + (self.original.reduction_mg if self.original else 0)

    @property
    def standing_points(self) -> int:
        """What the behaviour has earned in all, after this entry."""
        return self.points + (self.original.points if self.original else 0)

    @property
    def is_reversal(self) -> bool:
        """Whether the behaviour's credit was taken back, after which nothing amends it."""
        return self.original is not None and self.original.kind is AmendmentKind.REVERSAL

    @property
    def low_mg(self) -> int:
        return self.spread.low_mg(self.standing_mg)

    @property
    def high_mg(self) -> int:
        return self.spread.high_mg(self.standing_mg)

    @property
    def standing(self) -> Sum:
        """What the behaviour is credited in all, after this entry, and how sure that is."""
        return Sum(
            count=1,
            reduction_mg=self.standing_mg,
            spread=self.spread,
            grades_mg=at_grade(self.grade, self.standing_mg),
            provisional_mg=self.standing_mg if self.is_provisional else 0,
            weakness=self.label.weakness,
        )

    @property
    def contribution(self) -> Sum:
        """What this entry adds to every sum that it is in; of an amendment, the difference."""
        after, before = self.standing, self.original
        if before is None:
            return after
        undone = Sum(
            reduction_mg=-before.reduction_mg,
            spread=NO_SPREAD.minus(before.spread),
            grades_mg=at_grade(before.grade, -before.reduction_mg),
            provisional_mg=-before.reduction_mg if before.is_provisional else 0,
        )
        return after + undone

    def amended(self, kind: AmendmentKind) -> Original:
        """Return what an amendment of this entry finds standing."""
        return Original(
            kind=kind,
            methodology=self.methodology,
            reduction_mg=self.standing_mg,
            spread=self.spread,
            grade=self.grade,
            is_provisional=self.is_provisional,
            points=self.standing_points,
        )

    @property
    def detail_digest(self) -> str:
        detail = canonical_json(
            {
                "cause": self.cause.key,
                "inputs": {name: str(value) for name, value in self.behaviour.inputs.items()},
                "occurred_at": format_instant(self.behaviour.occurred_at),
                "payload_digest": self.payload_digest,
                "scenario": self.behaviour.scenario,
            }
        )
        return hashlib.sha256(bytes.fromhex(self.salt) + detail).hexdigest()

    @property
    def hash(self) -> str:
        facts: dict[str, Json] = {
            "account_id": self.account_id,
            "booked_at": format_instant(self.booked_at),
            "consent_number": self.consent_number,
            "detail_digest": self.detail_digest,
            "methodology": self.methodology,
            "previous_hash": self.previous_hash,
            "reduction_mg": self.reduction_mg,
            "seq": self.seq,
        }
        if self.original is not None:
            facts["amends"] = self.original.kind.value
            facts["replaces"] = self.original.methodology
            facts["standing_mg"] = self.standing_mg
        if self.reason:
            facts["reason"] = self.reason
        if self.spend_by is not None:
            facts["points"] = self.points
            facts["spend_by"] = self.spend_by.isoformat()
        return digest(facts)
