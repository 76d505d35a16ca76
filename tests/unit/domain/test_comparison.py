import random
from decimal import Decimal

import pytest

from shared.domain.catalogue import Catalogue
from shared.domain.comparison import RuleResult, compare, source_grades
from shared.domain.errors import InvalidRequestError
from tests.support.rules import DISTANCE, SOURCE, TRAITS, a_rule, a_rule_per_trip

GOVERNING = a_rule()
CITY = a_rule_per_trip(
    "metro-city",
    traits={
        "basis": "trip",
        "year": 2015,
        "baseline": {"en": "The average trip", "zh-Hans": "平均出行"},
        "displacement": {"en": "Every ride", "zh-Hans": "每次出行"},
    },
)
EIGHT_KM = {"distance_km": Decimal(8)}


def differences(result: RuleResult, language: str = "en") -> dict[str, str]:
    return {each.trait: each.text[language] for each in result.differences}


def test_the_same_ride_is_worth_something_else_under_each_rule():
    governing, city = compare(GOVERNING, [CITY], EIGHT_KM)
    assert governing.measurement
    assert city.measurement
    assert (governing.is_governing, city.is_governing) == (True, False)
    assert governing.measurement.reduction_mg == 204_608
    assert (governing.measurement.low_mg, governing.measurement.high_mg) == (42_665, 498_791)
    assert city.measurement.reduction_mg == city.measurement.low_mg == 200_000


def test_every_difference_is_one_sentence_in_both_languages():
    governing, city = compare(GOVERNING, [CITY], EIGHT_KM)
    assert governing.differences == ()
    assert differences(city) == {
        "baseline": "Baseline: “The average trip”; by the governing rule: “A petrol car”.",
        "displacement": "What it displaces: “Every ride”; by the governing rule: “23 % of trips”.",
        "basis": "It counts per trip; the governing rule counts per km.",
        "year": "Its figures are from 2015; the governing rule's are from 2023.",
    }
    assert differences(city, "zh-Hans") == {
        "baseline": "基准：“平均出行”；适用规则为“汽油车”。",
        "displacement": "替代关系：“每次出行”；适用规则为“23%的出行”。",
        "basis": "它按次计算；适用规则按公里计算。",
        "year": "它的数据来自2015年；适用规则的数据来自2023年。",
    }


def test_what_is_the_same_is_not_a_difference():
    _, other = compare(GOVERNING, [a_rule_per_trip(traits=TRAITS)], EIGHT_KM)
    assert other.differences == ()


def test_a_year_that_nobody_states_is_said_to_be_unknown():
    _, other = compare(GOVERNING, [a_rule_per_trip(traits=TRAITS | {"year": 0})], EIGHT_KM)
    assert differences(other) == {
        "year": "Its figures are from an unknown year; the governing rule's are from 2023."
    }
    assert differences(other, "zh-Hans") == {
        "year": "它的数据来自未知年份；适用规则的数据来自2023年。"
    }


def test_a_factor_that_both_have_and_do_not_share_is_a_difference():
    factors = {each["name"]: each for each in GOVERNING.document["parameters"]}
    changed = [
        factors["displacement_rate"] | {"value": "0.30"},
        factors["ef_car"] | {"unit": "kg/mile", "value": "0.3"},
        factors["ef_metro"] | {"value": "0.0321"},
    ]
    _, other = compare(GOVERNING, [a_rule("metro-z", use="comparison", parameters=changed)], {})
    assert [(each.trait, each.text["en"]) for each in other.differences] == [
        ("factor", "It takes displacement_rate as 0.3; the governing rule takes 0.23."),
        ("factor", "It takes ef_metro as 0.0321 kg/km; the governing rule takes 0.084 kg/km."),
    ]
    assert differences(other, "zh-Hans") == {
        "factor": "它取ef_metro为0.0321 kg/km；适用规则取0.084 kg/km。"
    }


def test_a_basis_without_a_chinese_word_stands_as_it_is():
    _, other = compare(GOVERNING, [a_rule_per_trip(traits=TRAITS | {"basis": "m3"})], EIGHT_KM)
    assert differences(other, "zh-Hans") == {"basis": "它按m3计算；适用规则按公里计算。"}


def test_rules_that_say_nothing_of_themselves_are_compared_by_their_amounts_only():
    silent = a_rule_per_trip(traits={})
    assert [each.differences for each in compare(silent, [CITY], {})] == [(), ()]


def test_a_rule_that_lacks_an_input_says_what_it_needs_in_place_of_an_amount():
    needs_distance = {name: value for name, value in DISTANCE.items() if name != "if_missing"}
    strict = a_rule("metro-strict", use="comparison", inputs=[needs_distance])
    governing, city, lacking = compare(GOVERNING, [CITY, strict], {})
    assert (lacking.measurement, lacking.reason) == (None, "needs distance_km")
    assert city.measurement is not None
    assert governing.measurement
    assert governing.measurement.missing == ("distance_km",)
    assert governing.measurement.reduction_mg == 25_576


def test_the_governing_rule_too_may_lack_an_input():
    needs_distance = {name: value for name, value in DISTANCE.items() if name != "if_missing"}
    governing, city = compare(a_rule(inputs=[needs_distance]), [CITY], {"distance_km": None})
    assert (governing.measurement, governing.reason) == (None, "needs distance_km")
    assert city.measurement is not None


def test_inputs_that_a_rule_does_not_know_are_dropped():
    governing, city = compare(GOVERNING, [CITY], {**EIGHT_KM, "colour": "green"})
    assert (governing.inputs, city.inputs) == (EIGHT_KM, {})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Decimal(121), "must be from 0.1 to 120 km"),
        (0, "must be from 0.1 to 120 km"),
        (Decimal("8.1234"), "must have at most 3 decimals"),
        ("8", "must be a number"),
        (True, "must be a number"),
        ([8], "must be a number"),
    ],
    ids=str,
)
def test_what_the_governing_rule_finds_implausible_is_refused_with_a_pointer(value, problem):
    with pytest.raises(InvalidRequestError) as refused:
        compare(GOVERNING, [CITY], {"distance_km": value})
    assert refused.value.pointers == (("/inputs/distance_km", problem),)


def test_what_only_another_rule_finds_implausible_is_its_reason():
    short = a_rule("metro-short", use="comparison", inputs=[DISTANCE | {"maximum": "5"}])
    _, other = compare(GOVERNING, [short], EIGHT_KM)
    assert (other.measurement, other.reason) == (
        None,
        "distance_km must be from 0.1 to 5 km",
    )


def test_the_governing_rule_comes_first_and_the_others_by_reference_in_whatever_order_they_come():
    others = [a_rule_per_trip(f"metro-{name}") for name in ("a", "b", "c", "z")]
    expected = [GOVERNING.reference, *(f"metro-{name}@2025.1" for name in ("a", "b", "c", "z"))]
    shuffle = random.Random(1)
    for _ in range(10):
        shuffle.shuffle(others)
        results = compare(GOVERNING, others, EIGHT_KM)
        assert [each.methodology.reference for each in results] == expected


def test_a_catalogues_answer_does_not_hang_on_the_order_of_its_files():
    rules = [GOVERNING, CITY, a_rule_per_trip("metro-a"), a_rule("metro-b", use="comparison")]
    answers = []
    for files in (rules, rules[::-1], rules[2:] + rules[:2]):
        catalogue = Catalogue.of(files)
        results = compare(GOVERNING, catalogue.comparisons("metro"), EIGHT_KM)
        answers.append([(each.methodology.reference, each.measurement) for each in results])
    assert answers[0] == answers[1] == answers[2]
    assert [reference for reference, _ in answers[0]] == [
        "metro-distance@2025.1",
        "metro-a@2025.1",
        "metro-b@2025.1",
        "metro-city@2025.1",
    ]


def test_source_grades_are_named_once_and_best_first():
    sources = [SOURCE | {"key": grade, "grade": grade} for grade in ("C", "A*", "A", "C")]
    assert source_grades(a_rule(sources=sources)) == ("A", "A*", "C")
