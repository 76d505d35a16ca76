"""Entries: append-only, one per cause, chained by hash within their account."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.domain.canonical import canonical_json, digest
from shared.domain.instants import format_instant, ledger_day


@dataclass(frozen=True, slots=True)
class Cause:
    """What caused an entry: one event of one partner."""

    partner: str
    event_id: str

    @property
    def key(self) -> str:
        return f"event#{self.partner}#{self.event_id}"

    @classmethod
    def parse(cls, key: str) -> "Cause":
        kind, partner, event_id = key.split("#")
        if kind != "event":
            raise ValueError("An entry is caused by an event.")
        return cls(partner, event_id)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a partner reported: the scenario, when it occurred, and the measured inputs."""

    scenario: str
    occurred_at: datetime
    inputs: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Entry:
    """One credited behaviour: `reduction_mg` milligrams of CO2e as the `seq`-th of its account.

    The hash covers a salted digest of the personal detail instead of the detail itself, so that
    the detail can be erased one day and the chain still verifies.
    """

    cause: Cause
    account_id: str
    seq: int
    behaviour: Behaviour
    booked_at: datetime
    reduction_mg: int
    methodology: str
    consent_number: int
    payload_digest: str
    salt: str
    previous_hash: str

    @property
    def ledger_day(self) -> date:
        return ledger_day(self.booked_at)

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
        return digest(
            {
                "account_id": self.account_id,
                "booked_at": format_instant(self.booked_at),
                "consent_number": self.consent_number,
                "detail_digest": self.detail_digest,
                "methodology": self.methodology,
                "previous_hash": self.previous_hash,
                "reduction_mg": self.reduction_mg,
                "seq": self.seq,
            }
        )
