"""Signed receipts to test with, made by the service's own code under a key of the tests."""

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.api_jws import PyJWS

from infra.verify.signature import thumbprint
from shared.application.get_entry import entry_id
from shared.domain.canonical import canonical_json
from shared.domain.entry import AmendmentKind, Behaviour, Cause, Entry, Original
from shared.domain.measurement import NO_SPREAD
from shared.domain.methodology import Methodology
from shared.domain.receipt import RECEIPT_TYPE, build_receipt
from tests.support.builders import BOOKED_AT, OCCURRED_AT

# A ride with everything that a methodology may have: an input with an error, an optional one,
# conversions, min and max, and parameters that make the result rise and fall.
RIDE: dict[str, Any] = {
    "id": "test-ride",
    "version": "2026.1",
    "use": "credit",
    "scenario": "metro",
    "jurisdiction": "CN",
    "effective_from": "2026-01-01",
    "best_before": "2027-06-30",
    "licence": "Apache-2.0",
    "rounding": "down, once, to whole milligrams of CO2e",
    "exclusive_with": ["bus"],
    "title": {"en": "Ride", "zh-Hans": "出行"},
    "summary": {"en": "A ride.", "zh-Hans": "一次出行。"},
    "inputs": [
        {
            "name": "distance_km",
            "unit": "km",
            "title": {"en": "Distance", "zh-Hans": "距离"},
            "minimum": "0.1",
            "maximum": "120",
            "decimals": 3,
            "uncertainty": "0.05",
            "uncertainty_label": "illustrative",
            "uncertainty_note": "Between stations.",
        },
        {
            "name": "people",
            "unit": "1",
            "title": {"en": "People", "zh-Hans": "人数"},
            "minimum": "1",
            "maximum": "5",
            "decimals": 0,
            "uncertainty": "0",
            "if_missing": {"value": "3", "label": "illustrative", "note": "A full car."},
        },
    ],
    "parameters": [
        {
            "name": "ef_car",
            "unit": "kg/km",
            "value": "0.1952",
            "low": "0.15",
            "high": "0.2212",
            "effect": "rises",
            "label": "derived",
            "sources": ["s1"],
            "arithmetic": "9.02 x 0.02164",
            "range_label": "illustrative",
            "range_note": "Small and large cars.",
        },
        {
            "name": "ef_metro",
            "unit": "kg/km",
            "value": "0.084",
            "low": "0.0278",
            "high": "0.0966",
            "effect": "falls",
            "label": "published",
            "sources": ["s1"],
            "range_label": "published",
            "range_note": "Cities.",
        },
    ],
    "steps": [
        {
            "name": "baseline",
            "unit": "g",
            "expression": "distance_km * ef_car * g_per_kg / max(people, 1)",
        },
        {
            "name": "project",
            "unit": "g",
            "expression": "min(distance_km * ef_metro * g_per_kg, baseline)",
        },
        {"name": "reduction", "unit": "g", "expression": "baseline - project"},
    ],
    "caps": [{"period": "day", "count": 5, "label": "published", "note": "Five a day."}],
    "evidence": [
        {
            "grade": 1,
            "inputs": ["distance_km", "people"],
            "note": {"en": "Metered.", "zh-Hans": "计量。"},
        },
        {"grade": 3, "inputs": ["distance_km"], "note": {"en": "Recorded.", "zh-Hans": "记录。"}},
    ],
    "sources": [
        {
            "key": "s1",
            "title": "A table",
            "publisher": "An institute",
            "year": 2024,
            "address": "https://example.org/table",
            "grade": "B",
        }
    ],
}


class Key:
    """An EC P-256 key that signs receipts as the service's would."""

    def __init__(self, number: int) -> None:
        self.private = ec.derive_private_key(number, ec.SECP256R1())
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.jwk = {name: str(public[name]) for name in ("kty", "crv", "x", "y")}
        self.kid = thumbprint(self.jwk)

    @property
    def jwks(self) -> dict[str, Any]:
        """The key set in which this key is published."""
        return {"keys": [{**self.jwk, "kid": self.kid, "use": "sig", "alg": "ES256"}]}

    def sign(self, payload: bytes, **header: Any) -> str:
        """Return the compact JWS; keywords replace or, where None, remove members of its header."""
        members = {"typ": RECEIPT_TYPE, "kid": self.kid, "jwk": self.jwk, **header}
        return PyJWS().encode(payload, self.private, "ES256", headers=members)

    def body(self, receipt: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the service would answer with for this receipt."""
        copy = json.loads(canonical_json(receipt))
        return {"receipt": copy, "jws": self.sign(canonical_json(copy))}


SERVICE = Key(20_261_110)
STRANGER = Key(66)


def a_methodology(**changes: Any) -> Methodology:
    return Methodology.from_document({**deepcopy(RIDE), **changes})


def measured_entry(
    methodology: Methodology,
    inputs: Mapping[str, Decimal],
    *,
    amends: Original | None = None,
    **changes: Any,
) -> Entry:
    """Return the honest entry of these inputs, the seventh of its account."""
    measurement = methodology.measure(inputs)
    before_mg = amends.reduction_mg if amends else 0
    credited_mg = measurement.reduction_mg
    if amends is not None and amends.kind is AmendmentKind.COMPLETION:
        credited_mg = max(credited_mg, before_mg)
    spread, missing = measurement.spread_around(credited_mg), measurement.missing
    grade = measurement.grade
    if amends is not None and amends.kind is AmendmentKind.REVERSAL:
        credited_mg, spread, missing, grade = 0, NO_SPREAD, (), amends.grade
    entry = Entry(
        cause=Cause("metro-demo", "ride-1", 1 if amends else 0),
        account_id="a1",
        seq=7,
        behaviour=Behaviour(methodology.scenario, OCCURRED_AT, inputs),
        booked_at=BOOKED_AT,
        reduction_mg=credited_mg - before_mg,
        spread=spread,
        grade=grade,
        methodology=methodology.reference,
        label=methodology.label_for(measurement.missing),
        consent_number=3,
        payload_digest=hashlib.sha256(b"ride-1").hexdigest(),
        salt="0123456789abcdef0123456789abcdef",
        previous_hash=hashlib.sha256(b"entry 6").hexdigest(),
        missing=missing,
        original=amends,
    )
    return replace(entry, **changes)


def a_receipt(
    inputs: Mapping[str, str] | None = None, methodology: Methodology | None = None, **entry: Any
) -> dict[str, Any]:
    """Return the receipt of an honest entry; keywords are `measured_entry`'s."""
    used = methodology or a_methodology()
    reported = {"distance_km": "8", "people": "1"} if inputs is None else inputs
    values = {name: Decimal(text) for name, text in reported.items()}
    booked = measured_entry(used, values, **entry)
    receipt: dict[str, Any] = build_receipt(booked, used, entry_id(booked.cause))
    return receipt
