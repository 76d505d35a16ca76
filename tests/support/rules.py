"""Small methodologies to compare and to write receipts of, as published documents."""

from typing import Any

from shared.domain.methodology import ROUNDING, Methodology

SOURCE = {
    "key": "paper",
    "title": "A paper",
    "publisher": "A journal",
    "year": 2023,
    "address": "https://example.org/paper",
    "grade": "A",
}
DISTANCE = {
    "name": "distance_km",
    "unit": "km",
    "minimum": "0.1",
    "maximum": "120",
    "decimals": 3,
    "uncertainty": "0.05",
    "uncertainty_label": "illustrative",
    "uncertainty_note": "By the fare.",
    "title": {"en": "Distance", "zh-Hans": "距离"},
    "if_missing": {"value": "1", "label": "illustrative", "note": "One station."},
}
TRAITS = {
    "basis": "km",
    "year": 2023,
    "baseline": {"en": "A petrol car", "zh-Hans": "汽油车"},
    "displacement": {"en": "23 % of trips", "zh-Hans": "23%的出行"},
}


def parameter(
    name: str, unit: str, value: str, low: str, high: str, effect: str = "rises", **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "unit": unit,
        "value": value,
        "low": low,
        "high": high,
        "effect": effect,
        "label": "published",
        "sources": ["paper"],
        "range_label": "derived",
        "range_note": "Of the same paper.",
        **more,
    }


def a_rule(rule_id: str = "metro-distance", **changes: Any) -> Methodology:
    """Return a metro rule by distance: 8 km are 204,608 mg, from 42,665 to 498,791 mg."""
    document: dict[str, Any] = {
        "id": rule_id,
        "version": "2025.1",
        "use": "credit",
        "scenario": "metro",
        "jurisdiction": "CN",
        "effective_from": "2025-01-01",
        "best_before": "2027-06-30",
        "licence": "Apache-2.0",
        "exclusive_with": [],
        "title": {"en": "Metro ride", "zh-Hans": "地铁出行"},
        "summary": {"en": "A ride.", "zh-Hans": "出行。"},
        "traits": TRAITS,
        "inputs": [DISTANCE],
        "parameters": [
            parameter("displacement_rate", "1", "0.23", "0.1", "0.31"),
            parameter("ef_car", "kg/km", "0.1952", "0.16272", "0.2248", label="derived"),
            parameter("ef_metro", "kg/km", "0.084", "0.0278", "0.0966", "falls"),
        ],
        "steps": [
            {
                "name": "baseline",
                "unit": "g",
                "expression": "distance_km * displacement_rate * ef_car * g_per_kg",
            },
            {
                "name": "project",
                "unit": "g",
                "expression": "distance_km * displacement_rate * ef_metro * g_per_kg",
            },
            {"name": "reduction", "unit": "g", "expression": "baseline - project"},
        ],
        "caps": [],
        "evidence": [
            {"grade": 1, "inputs": ["distance_km"], "note": {"en": "Metered.", "zh-Hans": "计量"}},
            {"grade": 3, "inputs": [], "note": {"en": "Recorded.", "zh-Hans": "记录"}},
        ],
        "sources": [SOURCE],
        "rounding": ROUNDING,
    }
    document |= changes
    return Methodology.from_document(document)


def a_rule_per_trip(rule_id: str = "metro-city", award: str = "200", **changes: Any) -> Methodology:
    """Return a comparison rule that awards the same to every ride."""
    facts: dict[str, Any] = {
        "use": "comparison",
        "inputs": [],
        "parameters": [parameter("award", "g", award, award, award)],
        "steps": [{"name": "reduction", "unit": "g", "expression": "award"}],
        "evidence": [{"grade": 3, "inputs": [], "note": {"en": "Recorded.", "zh-Hans": "记录"}}],
        "traits": TRAITS | {"basis": "trip", "year": 0},
    }
    return a_rule(rule_id, **(facts | changes))
