"""The shipped methodologies by hand, and what is said about a broken file."""

from datetime import date
from decimal import Decimal

import pytest

from shared.adapters.catalogue import catalogue
from shared.domain.catalogue import Catalogue, parse_methodology
from shared.domain.errors import (
    CatalogueError,
    InvalidRequestError,
    MethodologyNotFoundError,
    NoMethodologyError,
)
from tests.support.builders import OCCURRED_AT, at

SHORT = """
id = "walk"
version = "1"
scenario = "walk"
jurisdiction = "CN"
effective_from = 2025-01-01

[title]
en = "Walk"
zh-Hans = "步行"

[summary]
en = "A walk."
zh-Hans = "步行。"

[[inputs]]
name = "distance_km"
unit = "km"
minimum = 0.1
maximum = 20
decimals = 1

[[parameters]]
name = "per_km"
unit = "g/km"
value = 10.5
label = "published"
sources = ["paper"]

[[steps]]
name = "reduction"
unit = "g"
expression = "distance_km * per_km"

[[caps]]
period = "day"
count = 3
label = "illustrative"
note = "Enough."

[[sources]]
key = "paper"
title = "A paper"
publisher = "A journal"
year = 2020
address = "https://example.org/paper"
grade = "A"
"""


def reduction_mg(scenario, distance_km=None):
    data = {} if distance_km is None else {"distance_km": Decimal(distance_km)}
    methodology = catalogue().in_force(scenario, OCCURRED_AT)
    return methodology.reduction_mg(methodology.read_inputs(data))


@pytest.mark.parametrize(
    ("scenario", "distance_km", "milligrams"),
    [
        ("e-statement", None, 24_000),  # 24 g
        ("digital-card", None, 89_000),  # 89 g
        ("online-bill-payment", None, 89_000),  # 89 g
        ("metro", "8", 204_608),  # 8 x 0.23 x (0.1952 - 0.0840) kg = 0.204608 kg
        ("metro", "8.2", 209_723),  # 8.2 x 25,576 mg = 209,723.2 mg
        ("metro", "0.1", 2_557),  # 0.1 x 25,576 mg = 2,557.6 mg, rounded down
        ("metro", "120", 3_069_120),  # 120 x 25,576 mg
        ("bus", "3", 95_910),  # 3 x 0.23 x (0.1952 - 0.0562) kg = 0.09591 kg
        ("bus", "0.333", 10_646),  # 0.333 x 31,970 mg = 10,646.01 mg
        ("shared-bike", "1", 48_700),  # 48.7 g
        ("shared-bike", "0.333", 16_217),  # 0.333 x 48,700 mg = 16,217.1 mg
    ],
)
def test_a_shipped_methodology_gives_what_the_arithmetic_by_hand_gives(
    scenario, distance_km, milligrams
):
    assert reduction_mg(scenario, distance_km) == milligrams


def test_the_shipped_caps_are_those_that_were_decided():
    assert {
        each.scenario: [(rule.cap.period.value, rule.cap.count) for rule in each.caps]
        for each in catalogue().methodologies
    } == {
        "bus": [("day", 6)],
        "digital-card": [("month", 2)],
        "e-statement": [("month", 1)],
        "metro": [("day", 5)],
        "online-bill-payment": [("month", 10)],
        "shared-bike": [("day", 8)],
    }


@pytest.mark.parametrize(
    ("scenario", "distance_km"),
    [
        ("metro", "0"), ("metro", "-8"), ("metro", "0.099"), ("metro", "120.001"),
        ("metro", "1000000000"), ("bus", "80.001"), ("shared-bike", "60.001"),
        ("metro", "8.1234"),
    ],
)  # fmt: skip
def test_an_implausible_distance_is_refused(scenario, distance_km):
    with pytest.raises(InvalidRequestError) as refused:
        reduction_mg(scenario, distance_km)
    assert [pointer for pointer, _ in refused.value.pointers] == ["/data/distance_km"]


@pytest.mark.parametrize("value", [None, "8", True, [8], {"km": 8}, Decimal("NaN"), Decimal("Inf")])
def test_a_distance_is_a_number_and_nothing_like_one(value):
    with pytest.raises(InvalidRequestError):
        catalogue().in_force("metro", OCCURRED_AT).read_inputs({"distance_km": value})


def test_data_that_a_methodology_does_not_ask_for_is_left():
    methodology = catalogue().in_force("metro", OCCURRED_AT)
    data = {"distance_km": 8, "stations": ["A", "B"], "phone": "13800000000"}
    assert methodology.read_inputs(data) == {"distance_km": Decimal(8)}


def test_a_reduction_is_never_below_zero():
    text = SHORT.replace("distance_km * per_km", "per_km - distance_km * 2")
    methodology = parse_methodology(text, "walk@1.toml")
    # 10.5 - 20 x 2 = -29.5 g
    assert methodology.reduction_mg({"distance_km": Decimal(20)}) == 0


def test_a_methodology_applies_from_its_first_day_in_utc_plus_8():
    metro = catalogue()
    assert metro.in_force("metro", at("2025-01-01T00:00:00.000+08:00")).version == "2025.1"
    with pytest.raises(NoMethodologyError):
        metro.in_force("metro", at("2024-12-31T23:59:59.999+08:00"))
    with pytest.raises(NoMethodologyError):
        metro.in_force("rocket", OCCURRED_AT)


def test_a_version_ends_where_the_next_begins():
    first = parse_methodology(
        SHORT.replace("2025-01-01", "2025-01-01\neffective_until = 2026-11-10"), "walk@1.toml"
    )
    second = parse_methodology(
        SHORT.replace("2025-01-01", "2026-11-10").replace('version = "1"', 'version = "2"'),
        "walk@2.toml",
    )
    both = Catalogue.of([second, first])
    assert both.in_force("walk", at("2026-11-09T23:59:59.999+08:00")).version == "1"
    assert both.in_force("walk", at("2026-11-10T00:00:00.000+08:00")).version == "2"
    assert both.get("walk", "2") is second
    assert both.scenarios == ("walk",)
    with pytest.raises(MethodologyNotFoundError):
        both.get("walk", "3")


@pytest.mark.parametrize("until", ["", "\neffective_until = 2026-11-11"], ids=["overlap", "gap"])
def test_two_versions_that_overlap_or_leave_a_gap_are_refused(until):
    first = parse_methodology(SHORT.replace("2025-01-01", "2025-01-01" + until), "walk@1.toml")
    second = parse_methodology(
        SHORT.replace("2025-01-01", "2026-11-10").replace('version = "1"', 'version = "2"'),
        "walk@2.toml",
    )
    with pytest.raises(CatalogueError, match=r"walk@1 must end on the day that walk@2 begins"):
        Catalogue.of([first, second])


def test_the_digest_is_that_of_the_file():
    methodology = parse_methodology(SHORT, "walk@1.toml")
    assert methodology.digest != parse_methodology(SHORT + "\n", "walk@1.toml").digest
    assert methodology.reference == "walk@1"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('id = "walk"', "id = ", "line 2"),
        ('version = "1"\n', "", "version is missing"),
        ('version = "1"', "version = 1", "1 should be a text"),
        ('en = "Walk"', 'en = " "', "should be a text"),
        ('zh-Hans = "步行"\n', "", "zh-Hans is missing"),
        ("2025-01-01", '"2025-01-01"', "should be a day"),
        ("2025-01-01", "2025-01-01T00:00:00", "should be a day"),
        ("value = 10.5", 'value = "ten"', "wrong form"),
        ('label = "published"', 'label = "sure"', "'sure' is not a valid Label"),
        ('grade = "A"', 'grade = "Z"', "'Z' is not a valid Grade"),
        ('period = "day"', 'period = "week"', "'week' is not a valid CapPeriod"),
        ("count = 3", "count = 0", "counts from 1"),
        ("* per_km", "* per_mile", "reads `per_mile`, which is not defined"),
        ("* per_km", "* per_km ** 2", "is not allowed in a formula"),
        ("* per_km", "* 10.5", "is not allowed in a formula"),
        ('name = "per_km"', 'name = "distance_km"', "`distance_km` is defined twice"),
        ('name = "reduction"', 'name = "per_km"', "`per_km` is defined twice"),
        ('name = "reduction"', 'name = "result"', "last step must be `reduction`, in g"),
        ('unit = "g"\n', 'unit = "kg"\n', "last step must be `reduction`, in g"),
        ('sources = ["paper"]', 'sources = ["book"]', "names no source `book`"),
        ('sources = ["paper"]', "sources = []", "is published: by whom?"),
        ('label = "published"', 'label = "derived"', "show its arithmetic"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_the_reason(old, new, reason):
    broken = SHORT.replace(old, new, 1)
    assert broken != SHORT
    with pytest.raises(CatalogueError) as refused:
        parse_methodology(broken, "walk@1.toml")
    assert refused.value.detail.startswith("walk@1.toml: ")
    assert reason in refused.value.detail


def test_every_shipped_value_that_is_not_illustrative_names_its_source():
    for methodology in catalogue().methodologies:
        assert methodology.effective_from == date(2025, 1, 1)
        for parameter in methodology.parameters:
            assert parameter.sources or parameter.label == "illustrative"
