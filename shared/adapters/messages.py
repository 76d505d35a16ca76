"""How queue messages and stream records are written and read.

A message that cannot be read raises ValueError: it is poison, and goes to its dead-letter queue.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.adapters.entries import EntryRow
from shared.application.ports import AccountPostings, FulfilmentOrder, ReportedEvent
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import Posting
from shared.domain.entry import Behaviour, Cause
from shared.domain.errors import CarbonAccountError
from shared.domain.instants import format_instant, parse_instant
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread
from shared.domain.points import PointsTerms
from shared.domain.totals import SEQUENCE_DIGITS, CountedEntry, counted_line

# A reader takes the version it knows; a change that an old reader would misread gets a new number.
EVENT_VERSION = 2
POSTINGS_VERSION = 3
FULFILMENT_VERSION = 1


def write_event(event: ReportedEvent) -> str:
    return _dump(
        {
            "v": EVENT_VERSION,
            "cause": event.cause.key,
            "reference_hash": event.reference_hash,
            "behaviour": _behaviour(event.behaviour),
            "payload_digest": event.payload_digest,
            "received_at": format_instant(event.received_at),
            "completes": event.completes.key if event.completes else None,
        }
    )


def read_event(text: str) -> ReportedEvent:
    """Return the event; raise ValueError for anything that `write_event` did not write."""
    try:
        data = _load(text, EVENT_VERSION)
        return ReportedEvent(
            cause=Cause.parse(data["cause"]),
            reference_hash=str(data["reference_hash"]),
            behaviour=_read_behaviour(data["behaviour"]),
            payload_digest=str(data["payload_digest"]),
            received_at=parse_instant(data["received_at"]),
            completes=Cause.parse(data["completes"]) if data["completes"] else None,
        )
    except (CarbonAccountError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("The message is not an event.") from error


def write_postings(batch: AccountPostings) -> str:
    return _dump(
        {
            "v": POSTINGS_VERSION,
            "account_id": batch.account_id,
            "postings": [
                {
                    "cause": posting.cause.key,
                    "behaviour": _behaviour(posting.behaviour),
                    "payload_digest": posting.payload_digest,
                    "reduction_mg": posting.measurement.reduction_mg,
                    "spread": list(posting.measurement.spread),
                    "grade": posting.measurement.grade,
                    "missing": list(posting.measurement.missing),
                    "methodology": posting.methodology,
                    "label": posting.label,
                    "caps": [[cap.period, cap.count] for cap in posting.caps],
                    "salt": posting.salt,
                    "exclusive_with": list(posting.exclusive_with),
                    "completes": posting.completes.key if posting.completes else None,
                    "corrects": posting.corrects,
                    "points": _points(posting.points),
                    **({"reason": posting.reason} if posting.reason else {}),
                }
                for posting in batch.postings
            ],
        }
    )


def read_postings(text: str) -> AccountPostings:
    """Return the postings; raise ValueError for anything that `write_postings` did not write."""
    try:
        data = _load(text, POSTINGS_VERSION)
        return AccountPostings(
            account_id=_read_account_id(data["account_id"]),
            postings=tuple(_read_posting(each) for each in data["postings"]),
        )
    except (CarbonAccountError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("The message does not hold postings.") from error


def write_order(order: FulfilmentOrder) -> str:
    facts = {"account_id": order.account_id, "redemption_id": order.redemption_id}
    return _dump({"v": FULFILMENT_VERSION, **facts})


def read_order(text: str) -> FulfilmentOrder:
    """Return the order; raise ValueError for anything that `write_order` did not write."""
    data = _load(text, FULFILMENT_VERSION)
    facts = (data.get("account_id"), data.get("redemption_id"))
    if not all(isinstance(each, str) and each for each in facts):
        raise ValueError("The message is not an order.")
    return FulfilmentOrder(*facts)


def read_stream_record(record: Mapping[str, Any]) -> CountedEntry:
    """Return a new line out of a stream record; raise ValueError for anything else."""
    try:
        row = EntryRow.from_raw_data(record["dynamodb"]["NewImage"])
        line = row.line()
        sequence = str(record["dynamodb"]["SequenceNumber"])
    except (CarbonAccountError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("The record is not a new entry.") from error
    if not sequence.isdecimal() or len(sequence) > SEQUENCE_DIGITS:
        raise ValueError("The record has no sequence number.")
    return counted_line(line, sequence.zfill(SEQUENCE_DIGITS), row.hash)


def _read_account_id(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("An account's id is a text.")
    return value


def _read_posting(data: Mapping[str, Any]) -> Posting:
    # An entry's hash reads the salt as hex; what is not would stop the whole batch there.
    salt = bytes.fromhex(data["salt"]).hex()
    return Posting(
        cause=Cause.parse(data["cause"]),
        behaviour=_read_behaviour(data["behaviour"]),
        payload_digest=str(data["payload_digest"]),
        measurement=_read_measurement(data),
        methodology=str(data["methodology"]),
        label=Label(data["label"]),
        caps=tuple(Cap(CapPeriod(period), count) for period, count in data["caps"]),
        salt=salt,
        exclusive_with=_read_names(data["exclusive_with"]),
        completes=Cause.parse(data["completes"]) if data["completes"] else None,
        corrects=str(data["corrects"]),
        points=_read_points(data["points"]),
        reason=str(data.get("reason", "")),
    )


def _read_measurement(data: Mapping[str, Any]) -> Measurement:
    reduction_mg = data["reduction_mg"]
    down_mg, up_mg, activity_mg2 = data["spread"]
    spread = Spread(down_mg, up_mg, activity_mg2)
    grade = data["grade"]
    if any(type(each) is not int or each < 0 for each in (reduction_mg, *spread, grade)):
        raise TypeError("A reduction is a whole number of milligrams.")
    return Measurement(
        reduction_mg=reduction_mg,
        spread=spread,
        grade=EvidenceGrade(grade),
        missing=_read_names(data["missing"]),
    )


def _points(terms: PointsTerms | None) -> list[str | int] | None:
    if terms is None:
        return None
    caps = (terms.day_cap, terms.month_cap)
    return [terms.policy, terms.per_credit, terms.per_kg, *caps, terms.spend_by.isoformat()]


def _read_points(value: object) -> PointsTerms | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise TypeError("Terms come in a list.")
    policy, *numbers, spend_by = value
    if any(type(each) is not int for each in numbers):
        raise TypeError("Points are whole numbers.")
    per_credit, per_kg, day_cap, month_cap = numbers
    last = date.fromisoformat(spend_by)
    return PointsTerms(str(policy), per_credit, per_kg, day_cap, month_cap, last)


def _read_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("Names come in a list.")
    return tuple(str(each) for each in value)


def _behaviour(behaviour: Behaviour) -> dict[str, Any]:
    return {
        "scenario": behaviour.scenario,
        "occurred_at": format_instant(behaviour.occurred_at),
        "inputs": {name: str(value) for name, value in behaviour.inputs.items()},
    }


def _read_behaviour(data: Mapping[str, Any]) -> Behaviour:
    return Behaviour(
        scenario=str(data["scenario"]),
        occurred_at=parse_instant(data["occurred_at"]),
        inputs={name: Decimal(value) for name, value in data["inputs"].items()},
    )


def _dump(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _load(text: str, version: int) -> Any:  # noqa: ANN401 - checked field by field
    try:
        data = json.loads(text)
    except (RecursionError, json.JSONDecodeError) as error:
        raise ValueError("The message is not JSON.") from error
    if not isinstance(data, dict) or data.get("v") != version:
        raise ValueError("The message has another form.")
    return data
