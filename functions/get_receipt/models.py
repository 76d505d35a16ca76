"""A receipt as it is answered and signed; shared/domain/receipt.py builds it.

Numbers are decimal texts without trailing zeros, but for an entry's inputs: these stand as the
entry's hash covers them. Amounts are milligrams of CO2e.
"""

from typing import Any

from shared.runtime.http import WireModel


class OriginalBody(WireModel):
    """What the behaviour was credited, in all and by which version, before this amendment."""

    kind: str
    methodology: str
    reduction_mg: int
    down_mg: int
    up_mg: int
    activity_mg2: int
    evidence_grade: int
    provisional: bool
    points: int


class ReceiptEntryBody(WireModel):
    """The entry, with everything that its hash and its detail's digest are made of.

    `points` is what it earned, or takes back, by the policy; `reason` is why it was reversed.
    """

    entry_id: str
    account_id: str
    seq: int
    cause: str
    scenario: str
    partner: str
    event_id: str
    amendment: int
    occurred_at: str
    booked_at: str
    inputs: dict[str, str]
    missing: list[str]
    reduction_mg: int
    low_mg: int
    high_mg: int
    evidence_grade: int
    methodology: str
    points: int
    spend_by: str | None
    reason: str | None
    consent_number: int
    payload_digest: str
    salt: str
    detail_digest: str
    previous_hash: str
    hash: str
    original: OriginalBody | None


class StepResultBody(WireModel):
    """One step of the formula with its value in this case."""

    name: str
    unit: str
    expression: str
    value: str


class CaseBody(WireModel):
    """The formula worked through once: `central`, `low`, `high`, or one input at its bounds."""

    case: str
    values: dict[str, str]
    steps: list[StepResultBody]
    reduction_mg: int


class MeasurementBody(WireModel):
    """What the cases come to together."""

    cases: list[CaseBody]
    reduction_mg: int
    down_mg: int
    up_mg: int
    activity_mg2: int
    low_mg: int
    high_mg: int
    evidence_grade: int
    missing: list[str]


class BookingBody(WireModel):
    """How the measured amount became the booked one.

    `kind` is a credit, a completion, a correction, or a reversal, which takes back what stood.
    """

    kind: str
    before_mg: int
    measured_mg: int
    booked_mg: int


class ReceiptBody(WireModel):
    """`methodology` is the version's document; its digest covers it without `effective_until`."""

    version: int
    entry: ReceiptEntryBody
    methodology: dict[str, Any]
    methodology_digest: str
    label: str
    measurement: MeasurementBody
    booking: BookingBody


class SignedReceiptBody(WireModel):
    """The receipt, and its compact JWS (ES256): the payload is the receipt's canonical JSON."""

    receipt: ReceiptBody
    jws: str
