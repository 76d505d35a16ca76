"""Receipts: one entry with everything that its amount follows from, for anybody to work out again.

A receipt holds the entry with what its hash covers, the methodology in full, every case with every
step, and how the measured amount became the booked one. Its bytes are its canonical JSON.
"""

from decimal import Decimal

from shared.domain.canonical import Json
from shared.domain.entry import CLAIMED, AmendmentKind, Entry, Original
from shared.domain.errors import ReceiptMismatchError
from shared.domain.expression import Values
from shared.domain.instants import format_instant
from shared.domain.measurement import NO_SPREAD, EvidenceGrade, Label, Measurement
from shared.domain.methodology import Case, Methodology

RECEIPT_VERSION = 2
# The JOSE `typ` of a signed receipt.
RECEIPT_TYPE = "carbon-receipt+jws"
CREDIT = "credit"


def build_receipt(entry: Entry, methodology: Methodology, public_id: str) -> dict[str, Json]:
    """Return the receipt of an entry under the methodology that it names.

    Raises ReceiptMismatchError where the entry is not what the methodology makes of its inputs: a
    receipt never says what its reader could not find by working it out.
    """
    measurement = methodology.measure(entry.behaviour.inputs)
    booking = _booking(measurement, entry.original)
    label = methodology.label_for(measurement.missing)
    _require_same(entry, measurement, label, booked_mg=booking["booked_mg"])
    return {
        "version": RECEIPT_VERSION,
        "entry": _entry(entry, measurement, public_id),
        "methodology": methodology.document,
        "methodology_digest": methodology.digest,
        "label": label.value,
        "measurement": {
            "cases": [
                _case(case, methodology) for case in methodology.cases(entry.behaviour.inputs)
            ],
            "reduction_mg": measurement.reduction_mg,
            "down_mg": measurement.spread.down_mg,
            "up_mg": measurement.spread.up_mg,
            "activity_mg2": measurement.spread.activity_mg2,
            "low_mg": measurement.low_mg,
            "high_mg": measurement.high_mg,
            "evidence_grade": int(measurement.grade),
            "missing": list(measurement.missing),
        },
        "booking": {"kind": entry.original.kind.value if entry.original else CREDIT, **booking},
    }


def plain(value: Decimal) -> str:
    """Return a number without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def plain_values(values: Values) -> dict[str, str]:
    return {name: plain(value) for name, value in values.items()}


def _booking(measurement: Measurement, original: Original | None) -> dict[str, int]:
    measured_mg = measurement.reduction_mg
    before_mg = original.reduction_mg if original else 0
    booked_mg = measured_mg - before_mg
    if original is not None and original.kind is AmendmentKind.COMPLETION:
        # A completion tops up; it never takes back.
        booked_mg = max(0, booked_mg)
    if original is not None and original.kind is AmendmentKind.REVERSAL:
        # It takes back whatever stood, however that had been measured.
        booked_mg = -before_mg
    return {"before_mg": before_mg, "measured_mg": measured_mg, "booked_mg": booked_mg}


def _require_same(entry: Entry, measurement: Measurement, label: Label, *, booked_mg: int) -> None:
    standing = (entry.reduction_mg, entry.spread, entry.grade, entry.missing, entry.label)
    spread, missing = measurement.spread_around(entry.standing_mg), measurement.missing
    grade = EvidenceGrade.REPORTED if entry.reason == CLAIMED else measurement.grade
    if entry.is_reversal:
        # Of what it takes back, the grade stays what it was.
        spread, missing, grade = NO_SPREAD, (), entry.grade
    if standing != (booked_mg, spread, grade, missing, label):
        raise ReceiptMismatchError


def _entry(entry: Entry, measurement: Measurement, public_id: str) -> dict[str, Json]:
    return {
        "entry_id": public_id,
        "account_id": entry.account_id,
        "seq": entry.seq,
        "cause": entry.cause.key,
        "scenario": entry.behaviour.scenario,
        "partner": entry.cause.partner,
        "event_id": entry.cause.event_id,
        "amendment": entry.cause.amendment,
        "occurred_at": format_instant(entry.behaviour.occurred_at),
        "booked_at": format_instant(entry.booked_at),
        # As they are hashed, whatever zeros they end in.
        "inputs": {name: str(value) for name, value in entry.behaviour.inputs.items()},
        "missing": list(entry.missing),
        "reduction_mg": entry.reduction_mg,
        "low_mg": 0 if entry.is_reversal else measurement.low_mg,
        "high_mg": 0 if entry.is_reversal else measurement.high_mg,
        "evidence_grade": int(entry.grade),
        "methodology": entry.methodology,
        "points": entry.points,
        "spend_by": entry.spend_by.isoformat() if entry.spend_by else None,
        "reason": entry.reason or None,
        "consent_number": entry.consent_number,
        "payload_digest": entry.payload_digest,
        "salt": entry.salt,
        "detail_digest": entry.detail_digest,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
        "original": _original(entry.original) if entry.original else None,
    }


def _original(original: Original) -> dict[str, Json]:
    return {
        "kind": original.kind.value,
        "methodology": original.methodology,
        "reduction_mg": original.reduction_mg,
        "down_mg": original.spread.down_mg,
        "up_mg": original.spread.up_mg,
        "activity_mg2": original.spread.activity_mg2,
        "evidence_grade": int(original.grade),
        "provisional": original.is_provisional,
        "points": original.points,
    }


def _case(case: Case, methodology: Methodology) -> dict[str, Json]:
    return {
        "case": case.name,
        "values": plain_values(case.values),
        "steps": [
            {
                "name": step.name,
                "unit": step.unit,
                "expression": step.expression.text,
                "value": plain(case.steps[step.name]),
            }
            for step in methodology.steps
        ],
        "reduction_mg": case.reduction_mg,
    }
