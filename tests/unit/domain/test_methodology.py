"""One methodology worked by hand, what it takes, and what is said about a broken document.

The rule for a metro ride: 23 % of its kilometres replace those of a car.

    8 km x 0.23 x (195.2 - 84.0) g/km = 204.608 g
    low:  8 x 0.10 x (162.72 - 96.6)  =  52.896 g    high: 8 x 0.31 x (224.8 - 27.8) = 488.56 g
"""

import hashlib
import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.caps import Cap, CapPeriod
from shared.domain.errors import CatalogueError, InvalidRequestError
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread
from shared.domain.methodology import Methodology
from tests.support.builders import at
from tests.support.rules import DISTANCE, a_rule, parameter

RULE = a_rule()
BOTH: dict[str, Any] = {
    "inputs": [
        {**DISTANCE, "name": "one_g", "unit": "g", "maximum": "1000", "uncertainty": "0.1"},
        {**DISTANCE, "name": "two_g", "unit": "g", "maximum": "1000", "uncertainty": "0.2"},
    ],
    "parameters": [],
    "steps": [{"name": "reduction", "unit": "g", "expression": "one_g + two_g"}],
    "evidence": [
        {"grade": 1, "inputs": ["one_g", "two_g"], "note": {}},
        {"grade": 2, "inputs": ["two_g"], "note": {}},
    ],
}


def measured(rule: Methodology = RULE, **inputs: str) -> Measurement:
    return rule.measure(rule.read_inputs({name: Decimal(text) for name, text in inputs.items()}))


def formula(expression: str, **changes: Any) -> Methodology:
    steps = [{"name": "reduction", "unit": "g", "expression": expression}]
    return a_rule(steps=steps, **changes)


# Measuring


def test_eight_kilometres_are_worked_out_with_their_range():
    ride = measured(distance_km="8")
    assert ride.reduction_mg == 204_608
    # 204,608 - 52,896 down, 488,560 - 204,608 up. 5 % of the way: 7.6 km are 194,377 mg, 10,231
    # less; 8.4 km are 214,838 mg, 10,230 more. The greater of the two counts.
    assert ride.spread == Spread(151_712, 283_952, 10_231**2)
    assert (ride.low_mg, ride.high_mg) == (42_665, 498_791)
    assert (ride.grade, ride.missing) == (EvidenceGrade.METERED, ())


def test_without_its_distance_a_ride_is_the_shortest_one_for_now():
    ride = measured()
    # 1 km: 25.576 g, from 6.612 to 61.07 g. What is assumed has no error of measurement.
    assert ride.reduction_mg == 25_576
    assert ride.spread == Spread(18_964, 35_494, 0)
    assert (ride.grade, ride.missing) == (EvidenceGrade.RECORDED_WITHOUT_QUANTITY, ("distance_km",))


def test_a_result_is_rounded_down_and_once():
    # 0.333 km: 14.950368 - 6.43356 = 8.516808 g. Rounding each step would make 8.517 of it.
    assert measured(distance_km="0.333").reduction_mg == 8_516


def test_a_third_is_worked_out_to_fifty_digits_before_it_is_rounded():
    rule = formula("distance_km / 3 * 3", parameters=[])
    # 0.99999... in 50 digits; a result of whole steps would be 1,000 mg.
    assert measured(rule, distance_km="1").reduction_mg == 999


def test_an_input_cannot_deviate_beyond_its_bounds():
    rule = a_rule(inputs=[{**DISTANCE, "minimum": "7.9", "maximum": "8.1"}])
    # 5 % would be 0.4 km. 7.9 km are 202,050 mg, 2,558 less; 8.1 km are 207,165 mg, 2,557 more.
    assert measured(rule, distance_km="8").spread.activity_mg2 == 2_558**2
    assert [case.values["distance_km"] for case in rule.cases({"distance_km": Decimal(8)})] == [
        8, 8, 8, Decimal("7.9"), Decimal("8.1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("distance_km", "deviation_mg"),
    [
        # 126 km would be above the maximum. 114 km: 2,915,664 mg, 153,456 less than 120 km.
        ("120", 153_456),
        # 0.095 km would be below the minimum. 0.105 km: 2,685 mg, 128 more than 0.1 km.
        ("0.1", 128),
    ],
)
def test_at_a_bound_the_other_side_counts(distance_km, deviation_mg):
    assert measured(distance_km=distance_km).spread.activity_mg2 == deviation_mg**2


def test_the_errors_of_several_inputs_are_squared_and_added():
    # 10 +- 1 g and 20 +- 4 g.
    result = measured(a_rule(**BOTH), one_g="10", two_g="20")
    assert result.reduction_mg == 30_000
    assert result.spread == Spread(0, 0, 1_000**2 + 4_000**2)
    assert (result.low_mg, result.high_mg) == (25_876, 34_124)  # 4,123.1 rounded up


def test_an_input_that_is_counted_has_no_error():
    rule = a_rule(inputs=[{**DISTANCE, "uncertainty": "0"}])
    assert measured(rule, distance_km="8").spread.activity_mg2 == 0


@pytest.mark.parametrize(
    ("inputs", "grade", "missing"),
    [
        ({"one_g": "1", "two_g": "1"}, EvidenceGrade.METERED, ()),
        ({"two_g": "1"}, EvidenceGrade.RECORDED, ("one_g",)),
        ({"one_g": "1"}, EvidenceGrade.REPORTED, ("two_g",)),
        ({}, EvidenceGrade.REPORTED, ("one_g", "two_g")),
    ],
    ids=["all", "the second", "the first", "none"],
)
def test_the_first_evidence_whose_inputs_were_reported_is_the_grade(inputs, grade, missing):
    result = measured(a_rule(**BOTH), **inputs)
    assert (result.grade, result.missing) == (grade, missing)


def test_an_input_that_another_methodology_asked_for_does_not_stand_for_a_missing_one():
    # As an entry has them that was restated by a methodology with other inputs.
    result = a_rule(**BOTH).measure({"two_g": Decimal(20), "three_g": Decimal(30)})
    assert (result.reduction_mg, result.missing) == (21_000, ("one_g",))
    assert result.grade is EvidenceGrade.RECORDED


def test_a_reduction_is_never_below_zero():
    rule = formula("award - distance_km", parameters=[parameter("award", "g", "10", "5", "12")])
    # 10 - 20 g; at its best 12 - 20 g.
    assert measured(rule, distance_km="20") == Measurement(0, Spread(), EvidenceGrade.METERED)
    # 10 - 9 g; at its worst nothing, at its best 3 g; 8.55 km make 1.45 g of it.
    assert measured(rule, distance_km="9").spread == Spread(1_000, 2_000, 450**2)


def test_the_greater_and_the_less_of_values_can_be_chosen():
    rule = formula("max(distance_km, 3) + min(distance_km, 3, award)", parameters=[
        parameter("award", "g", "2", "1", "5")
    ])  # fmt: skip
    assert measured(rule, distance_km="8").reduction_mg == 10_000  # 8 + 2 g
    assert measured(rule, distance_km="1").reduction_mg == 4_000  # 3 + 1 g


def test_what_cannot_be_worked_out_is_an_error_of_the_methodology():
    rule = formula("award / (distance_km - 8)", parameters=[parameter("award", "g", "1", "1", "1")])
    with pytest.raises(CatalogueError, match=r"metro-distance@2025\.1"):
        measured(rule, distance_km="8")


# Cases


def test_every_case_is_shown_with_the_values_and_steps_that_it_rests_on():
    cases = RULE.cases(RULE.read_inputs({"distance_km": 8}))
    assert [(case.name, case.reduction_mg) for case in cases] == [
        ("central", 204_608),
        ("low", 52_896),
        ("high", 488_560),
        ("distance_km low", 194_377),
        ("distance_km high", 214_838),
    ]
    central, low, high, shorter, longer = cases
    assert central.values == {
        "displacement_rate": Decimal("0.23"),
        "distance_km": Decimal(8),
        "ef_car": Decimal("0.1952"),
        "ef_metro": Decimal("0.084"),
        "g_per_kg": Decimal(1000),
    }
    assert central.steps == {
        "baseline": Decimal("359.168"),
        "project": Decimal("154.56"),
        "reduction": Decimal("204.608"),
    }
    # The metro's factor makes the result fall, so the worst case has its high value.
    assert [low.values["ef_metro"], high.values["ef_metro"]] == [
        Decimal("0.0966"),
        Decimal("0.0278"),
    ]
    assert [shorter.values["distance_km"], longer.values["distance_km"]] == [
        Decimal("7.6"),
        Decimal("8.4"),
    ]


def test_a_missing_input_has_no_cases_of_its_own():
    cases = RULE.cases({})
    assert [case.name for case in cases] == ["central", "low", "high"]
    assert cases[0].values["distance_km"] == 1


# Inputs


@pytest.mark.parametrize("data", [{}, {"distance_km": None}, {"distance_mi": 5}])
def test_an_optional_input_may_be_absent_or_null(data):
    assert RULE.read_inputs(data) == {}


def test_an_input_that_is_not_optional_is_required():
    rule = a_rule(inputs=[{name: each for name, each in DISTANCE.items() if name != "if_missing"}])
    with pytest.raises(InvalidRequestError) as refused:
        rule.read_inputs({})
    assert refused.value.pointers == (("/data/distance_km", "is required"),)


@pytest.mark.parametrize("distance_km", ["0.1", "120", "8.123", "1E+2", "8.000"])
def test_a_plausible_distance_is_taken(distance_km):
    value = Decimal(distance_km)
    assert RULE.read_inputs({"distance_km": value}) == {"distance_km": value}


@pytest.mark.parametrize(
    ("distance_km", "reason"),
    [
        ("0", "must be from 0.1 to 120 km"),
        ("-8", "must be from 0.1 to 120 km"),
        ("0.099", "must be from 0.1 to 120 km"),
        ("120.001", "must be from 0.1 to 120 km"),
        ("1000000000", "must be from 0.1 to 120 km"),
        ("8.1234", "must have at most 3 decimals"),
        ("8.0000", "must have at most 3 decimals"),
        ("NaN", "must have at most 3 decimals"),
        ("Infinity", "must have at most 3 decimals"),
    ],
)
def test_an_implausible_distance_is_refused_with_the_reason(distance_km, reason):
    with pytest.raises(InvalidRequestError) as refused:
        RULE.read_inputs({"distance_km": Decimal(distance_km)})
    assert refused.value.pointers == (("/data/distance_km", reason),)


@pytest.mark.parametrize("value", ["8", True, [8], {"km": 8}, 8.0])
def test_a_distance_is_a_number_and_nothing_like_one(value):
    with pytest.raises(InvalidRequestError) as refused:
        RULE.read_inputs({"distance_km": value})
    assert refused.value.pointers == (("/data/distance_km", "must be a number"),)


def test_data_that_a_methodology_does_not_ask_for_is_left():
    data = {"distance_km": 8, "stations": ["A", "B"], "phone": "13800000000"}
    assert RULE.read_inputs(data) == {"distance_km": Decimal(8)}


def test_every_bad_input_is_named():
    with pytest.raises(InvalidRequestError) as refused:
        a_rule(**BOTH).read_inputs({"one_g": -1, "two_g": "many"})
    assert [pointer for pointer, _ in refused.value.pointers] == ["/data/one_g", "/data/two_g"]


def test_an_answer_that_is_chosen_stands_for_its_value():
    def choice(key: str, value: str) -> dict[str, Any]:
        facts = {"low": value, "high": value, "label": "published", "sources": ["paper"]}
        return {"key": key, "value": value, **facts, "title": {"en": key, "zh-Hans": key}}

    diet = {
        "name": "diet",
        "unit": "kg/day",
        "title": {"en": "Diet", "zh-Hans": "饮食"},
        "choices": [choice("vegan", "2.89"), choice("meat", "7.19")],
        "if_missing": {"choice": "meat", "label": "illustrative", "note": "Most people."},
    }
    rule = a_rule(
        use="footprint",
        inputs=[diet],
        parameters=[],
        steps=[{"name": "food", "unit": "kg/year", "expression": "diet * days_per_year"}],
    )
    [chosen] = rule.cases(rule.read_inputs({"diet": "vegan"}))[:1]
    [assumed] = rule.cases(rule.read_inputs({}))[:1]
    assert chosen.steps["food"] == Decimal("1054.85")  # 2.89 x 365
    assert assumed.steps["food"] == Decimal("2624.35")  # 7.19 x 365
    for other in ("fish", 2.89, Decimal("2.89"), ["vegan"], True):
        with pytest.raises(InvalidRequestError) as refused:
            rule.read_inputs({"diet": other})
        assert refused.value.pointers == (("/data/diet", "must be one of vegan, meat"),)


# What it says about itself


def test_a_result_is_labelled_by_the_weakest_value_that_it_rests_on():
    assert RULE.label is Label.DERIVED
    assert RULE.label_for(()) is Label.DERIVED
    assert RULE.label_for(("distance_km",)) is Label.ILLUSTRATIVE
    assert formula("distance_km", parameters=[]).label is Label.PUBLISHED


def test_a_version_is_named_by_its_id_and_number():
    assert (RULE.id, RULE.version, RULE.reference) == (
        "metro-distance",
        "2025.1",
        "metro-distance@2025.1",
    )


def test_caps_and_exclusions_are_read():
    cap = {"period": "day", "count": 5, "label": "published", "note": "Five rides."}
    rule = a_rule(caps=[cap], exclusive_with=["bus"])
    assert [each.cap for each in rule.caps] == [Cap(CapPeriod.DAY, 5)]
    assert rule.exclusive_with == ("bus",)


def test_the_digest_is_that_of_the_published_document():
    text = json.dumps(RULE.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert RULE.digest == hashlib.sha256(text.encode()).hexdigest()


def test_that_a_version_ended_does_not_change_its_digest_and_all_else_does():
    assert a_rule(effective_until="2027-01-01").digest == RULE.digest
    assert a_rule(best_before="2027-07-01").digest != RULE.digest
    assert a_rule(summary={"en": "Another.", "zh-Hans": "另一个。"}).digest != RULE.digest


@pytest.mark.parametrize(
    ("instant", "in_force"),
    [
        ("2024-12-31T23:59:59.999+08:00", False),
        ("2025-01-01T00:00:00.000+08:00", True),
        ("2026-12-31T23:59:59.999+08:00", True),
        ("2027-01-01T00:00:00.000+08:00", False),
    ],
)
def test_a_version_applies_from_its_first_day_to_the_last_in_utc_plus_8(instant, in_force):
    rule = a_rule(effective_until="2027-01-01")
    assert rule.in_force(at(instant)) is in_force


# Broken documents


def broken(path: str, value: Any) -> dict[str, Any]:
    """Return the rule's document with one value replaced, or left out for `...`."""
    document: dict[str, Any] = json.loads(json.dumps(RULE.document))
    *way, last = (int(part) if part.isdigit() else part for part in path.split("/"))
    place: Any = document
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("use", "gift", "'gift' is not a valid Use"),
        ("title", ..., "title is missing"),
        ("inputs", ..., "inputs is missing"),
        ("inputs", 7, "a value has the wrong form"),
        ("inputs/0/name", ..., "name is missing"),
        ("inputs/0/maximum", "far", "a value has the wrong form"),
        ("inputs/0/if_missing/value", "one", "a value has the wrong form"),
        ("inputs/0/if_missing/label", "sure", "'sure' is not a valid Label"),
        ("inputs/0/name", "g_per_kg", "`g_per_kg` is defined twice"),
        ("effective_from", "yesterday", "a value has the wrong form"),
        ("effective_from", 20250101, "a value has the wrong form"),
        ("parameters/0/value", "ten", "a value has the wrong form"),
        ("parameters/0/value", None, "a value has the wrong form"),
        ("parameters/0/low", ..., "low is missing"),
        ("parameters/0/effect", "wobbles", "'wobbles' is not a valid Effect"),
        ("parameters/0/label", "sure", "'sure' is not a valid Label"),
        ("parameters/0/name", "distance_km", "`distance_km` is defined twice"),
        ("parameters/0/name", "rate", "reads `displacement_rate`, which is not defined"),
        ("sources/0/grade", "Z", "'Z' is not a valid SourceGrade"),
        ("caps", [{"period": "week", "count": 3}], "'week' is not a valid CapPeriod"),
        ("caps", [{"period": "day", "count": 0}], "A cap counts from 1 to 35."),
        ("evidence", [], "No evidence grade is given."),
        ("evidence/0/grade", 6, "6 is not a valid EvidenceGrade"),
        ("steps", [], "There is no step."),
        ("steps/0/expression", "distance_km * 0.5", "is not allowed in a formula"),
        ("steps/0/expression", "distance_km ** 2", "is not allowed in a formula"),
        ("steps/0/expression", "distance_km *", "is not a formula"),
        ("steps/0/expression", "1 / 0", "divides by zero"),
        ("steps/0/expression", "ef_car / (ef_car - ef_car) * 1", "divides by zero"),
        ("steps/0/expression", "ef_bus", "Step `baseline` reads `ef_bus`, which is not defined."),
        ("steps/0/expression", "project", "Step `baseline` reads `project`, which is not defined."),
        ("steps/0/expression", "baseline", "reads `baseline`, which is not defined."),
        ("steps/1/name", "baseline", "`baseline` is defined twice."),
        ("steps/1/name", "ef_car", "`ef_car` is defined twice."),
        ("steps/2/name", "result", "The last step must be `reduction`, in g."),
        ("steps/2/unit", "kg", "The last step must be `reduction`, in g."),
    ],
)  # fmt: skip
def test_a_broken_document_is_named_with_the_reason(path, value, reason):
    with pytest.raises(CatalogueError) as refused:
        Methodology.from_document(broken(path, value))
    assert refused.value.detail.startswith("metro-distance@2025.1: ")
    assert reason in refused.value.detail


def test_a_document_without_a_name_is_still_spoken_of():
    with pytest.raises(CatalogueError, match=r"^None@None: parameters is missing\.$"):
        Methodology.from_document({})


def test_a_document_is_not_changed_by_being_read():
    document = deepcopy(dict(RULE.document))
    measured(Methodology.from_document(document), distance_km="8")
    assert document == RULE.document
