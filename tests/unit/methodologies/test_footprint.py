"""The footprint, worked by hand: three people, with the arithmetic in kilograms a year."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from shared.adapters.catalogue import catalogue
from shared.domain.footprint import Amount, Footprint, FootprintModel, count_of, percent_of
from tests.support.homes import EVERY_ANSWER, HOUSEHOLD

MODEL = FootprintModel.of(catalogue().get("personal-footprint", "2025.1"))


def footprint(answers: Mapping[str, object]) -> Footprint:
    """Return the footprint of answers as JSON has them: a fraction is a Decimal."""
    exact = {
        name: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in answers.items()
    }
    return MODEL.calculate(MODEL.read_answers(exact))


def items(of: Footprint) -> dict[str, int]:
    return {each.name: each.amount.central_mg for section in of.sections for each in section.items}


def sections(of: Footprint) -> dict[str, int]:
    return {each.name: each.amount.central_mg for each in of.sections}


def test_somebody_who_answers_nothing():
    average = footprint({})

    # A week's kilometres are multiplied by 365 / 7, a month's by 12; home is shared by 2.62.
    assert items(average) == {
        "electricity": 502_328_335,  # 206.7 x 12 x 0.5306 / 2.62 = 502.328335...
        "natural_gas": 89_128_854,  # 9 x 12 x 2.1622 / 2.62 = 89.128854...
        "lpg": 28_408_854,  # 2 x 12 x 3.1013 / 2.62 = 28.408854...
        "coal": 0,
        "district_heat": 0,
        "tap_water": 16_588_396,  # 10 x 12 x 0.36218 / 2.62 = 16.588396...
        "waste": 150_354_525,  # 20.2 x 365 / 7 x 0.374 / 2.62 = 150.354525...
        "petrol_car": 605_608_000,  # 59.5 x 365 / 7 = 3,102.5 km x 0.1952 = 605.608
        "electric_car": 7_948_175,  # 1.4 x 365 / 7 = 73 km x 0.2052 x 0.5306 = 7.94817576
        "taxi": 15_497_900,  # 2 x 365 / 7 x 0.14861 = 15.4979
        "bus": 10_256_500,  # 3.5 x 365 / 7 = 182.5 km x 0.0562 = 10.2565
        "metro": 14_454_000,  # 3.3 x 365 x 0.084 / 7 = 101.178 / 7 = 14.454
        "train": 39_750_660,  # 1,121 x 0.03546 = 39.75066
        "short_flights": 91_930_560,  # 731 x 0.12576 = 91.93056
        "long_flights": 0,
        "meals": 2_054_950_000,  # 5.63 x 365 = 2,054.95
        "t_shirts": 71_222_000,  # 14.9 x 4.78 = 71.222
        "trousers": 84_920_000,  # 4 x 21.23 = 84.92
        "coats": 63_760_000,  # 2 x 31.88 = 63.76
        "shoes": 32_940_000,  # 2 x 16.47 = 32.94
        "phone": 28_310_714,  # 79.27 / 2.8 = 28.310714...
        "internet": 28_495_419,  # 28.5 x 365 / 7 x 0.019175 = 28.495419...
    }
    assert sections(average) == {
        "home": 786_808_964,
        "travel": 785_445_795,
        "food": 2_054_950_000,
        "goods": 309_648_133,
    }
    assert average.total.central_mg == 3_936_852_892
    assert not any(each.given for each in average.answers)
    # The average of a country is four fifths of what its whole lifestyle was found to cause.
    assert percent_of(average.benchmarks[0], average.total.central_mg) == "78.7"


def test_a_family_of_three_that_eats_little_meat():
    family = footprint(HOUSEHOLD)

    assert items(family) == items(footprint({})) | {
        "electricity": 550_000_000,  # 250 x 12 x 0.55 / 3 = 550
        "natural_gas": 77_839_200,  # 9 x 12 x 2.1622 / 3 = 77.8392
        "lpg": 24_810_400,  # 2 x 12 x 3.1013 / 3 = 24.8104
        "tap_water": 14_487_200,  # 10 x 12 x 0.36218 / 3 = 14.4872
        "waste": 131_309_619,  # 20.2 x 365 / 7 x 0.374 / 3 = 131.309619...
        "electric_car": 8_238_780,  # 73 km x 0.2052 x 0.55 = 8.23878
        "meals": 1_704_550_000,  # 4.67 x 365 = 1,704.55
    }
    assert family.total.central_mg == 3_598_380_952
    given = [each.input.name for each in family.answers if each.given]
    assert given == ["grid_region", "household_size", "electricity_kwh_per_month", "diet"]


def test_somebody_who_answers_everything_and_flies():
    flyer = footprint(EVERY_ANSWER)

    assert items(flyer) == {
        "electricity": 688_896_300,  # 180.5 x 12 x 0.6361 / 2 = 688.8963
        "natural_gas": 194_598_000,  # 15 x 12 x 2.1622 / 2 = 194.598
        "lpg": 18_607_800,  # 1 x 12 x 3.1013 / 2 = 18.6078
        "coal": 95_015_000,  # 100 x 1.9003 / 2 = 95.015
        "district_heat": 1_320_000_000,  # 80 x 300 x 0.11 / 2 = 1,320
        "tap_water": 17_384_640,  # 8 x 12 x 0.36218 / 2 = 17.38464
        "waste": 97_507_142,  # 10 x 365 / 7 x 0.374 / 2 = 97.507142...
        "petrol_car": 712_480_000,  # 140 x 365 / 7 = 7,300 km x 0.1952 / 2 = 712.48
        "electric_car": 238_213_089,  # 3,650 km x 0.2052 x 0.6361 / 2 = 238.213089
        "taxi": 108_485_300,  # 730 km x 0.14861 = 108.4853
        "bus": 61_539_000,  # 1,095 km x 0.0562 = 61.539
        "metro": 214_620_000,  # 2,555 km x 0.084 = 214.62
        "train": 141_840_000,  # 4,000 x 0.03546 = 141.84
        "short_flights": 301_824_000,  # 2,400 x 0.12576 = 301.824
        "long_flights": 2_106_720_000,  # 18,000 x 0.11704 = 2,106.72
        "meals": 2_624_350_000,  # 7.19 x 365 = 2,624.35
        "t_shirts": 47_800_000,  # 10 x 4.78 = 47.8
        "trousers": 63_690_000,  # 3 x 21.23 = 63.69
        "coats": 31_880_000,
        "shoes": 32_940_000,  # 2 x 16.47 = 32.94
        "phone": 31_708_000,  # 79.27 / 2.5 = 31.708
        "internet": 41_993_250,  # 42 x 365 / 7 = 2,190 h x 0.019175 = 41.99325
    }
    assert flyer.total.central_mg == 9_192_091_521
    assert all(each.given for each in flyer.answers)


def test_low_and_high_follow_the_ranges_of_the_factors():
    flyer = footprint(EVERY_ANSWER)
    by_name = {each.name: each.amount for section in flyer.sections for each in section.items}

    # 180.5 x 6 = 1,083 kWh x 0.604295, 0.6361 and 0.69971
    assert by_name["electricity"] == Amount(654_451_485, 688_896_300, 757_785_930)
    # 3,650 km / 2 = 1,825 km x 0.171 x 0.604295 = 188.5853..., x 0.228 x 0.69971 = 291.1493...
    assert by_name["electric_car"] == Amount(188_585_362, 238_213_089, 291_149_331)
    # 80 / 2 = 40 m2 x 200 x 0.088 = 704, x 450 x 0.121 = 2,178
    assert by_name["district_heat"] == Amount(704_000_000, 1_320_000_000, 2_178_000_000)
    # 365 x 5.752 = 2,099.48, x 8.628 = 3,149.22
    assert by_name["meals"] == Amount(2_099_480_000, 2_624_350_000, 3_149_220_000)
    # 2,400 x 0.07435 = 178.44, x 0.3 = 720
    assert by_name["short_flights"] == Amount(178_440_000, 301_824_000, 720_000_000)
    assert flyer.total == Amount(6_292_176_897, 9_192_091_521, 12_403_549_896)


def test_what_saves_the_average_person_most():
    average = footprint({})

    assert [(each.change.key, each.saving_mg) for each in average.savings] == [
        # (5.63 - 4.67) x 365 = 350.4
        ("one-diet-step", 350_400_000),
        # Half of both cars: 302.804 + 3.974088 = 306.778088
        ("one-more-in-the-car", 306_778_088),
        # 59.5 km become 29.8, and 3.3 km become 33.05, so 33.0: one decimal is asked for.
        # 605,608,000 - 303,312,914 (29.8 x 365 x 0.1952 / 7 = 303.312914...) = 302,295,086
        # less 144,540,000 (33 x 365 x 0.084 / 7) - 14,454,000 = 130,086,000
        ("half-of-car-by-metro", 172_209_086),
        # 7.4 x 4.78 + 2 x 21.23 + 31.88 + 16.47 = 126.182 are left; 14.9 / 2 = 7.45 became 7.4
        ("fewer-new-clothes", 126_660_000),
        # A fifth of 605.608
        ("short-car-trips-by-bike", 121_121_600),
    ]
    car_to_metro = average.savings[2]
    assert [
        (each.before.input.name, each.before.text, each.after.text, each.before.given)
        for each in car_to_metro.answers
    ] == [
        ("metro_km_per_week", "3.3", "33", False),
        ("petrol_car_km_per_week", "59.5", "29.8", False),
    ]


def test_a_saving_is_what_the_changed_answers_make():
    flyer = footprint(EVERY_ANSWER)
    assert [(each.change.key, each.saving_mg) for each in flyer.savings] == [
        ("no-long-flight", 2_106_720_000),  # all of 18,000 x 0.11704
        ("one-diet-step", 569_400_000),  # (7.19 - 5.63) x 365 = 569.4
        ("one-more-in-the-car", 316_897_697),  # (712.48 + 238.213089) / 3 = 316.897696...
        ("short-car-trips-by-bike", 142_496_000),  # 712.48 / 5
        # 1,200 x (0.12576 - 0.03546) = 1,200 x 0.0903
        ("half-of-short-flights-by-train", 108_360_000),
    ]
    for saving in flyer.savings:
        changed = dict(EVERY_ANSWER)
        for _, after in saving.answers:
            changed[after.input.name] = after.choice.key if after.choice else after.value
        again = footprint(changed)
        assert flyer.total.central_mg - again.total.central_mg == saving.saving_mg


def test_the_diet_is_changed_by_one_step_at_a_time_and_never_below_the_last():
    steps = {}
    for choice in ("high-meat", "medium-meat", "low-meat", "fish", "vegetarian", "vegan"):
        change = next(each for each in MODEL.changes if each.key == "one-diet-step")
        answers = MODEL.read_answers({"diet": choice})
        steps[choice] = MODEL.changed(change, answers)["diet"].text
    assert steps == {
        "high-meat": "medium-meat",
        "medium-meat": "low-meat",
        "low-meat": "fish",
        "fish": "vegetarian",
        "vegetarian": "vegan",
        "vegan": "vegan",
    }


@pytest.mark.parametrize(
    ("region", "electricity_mg"),
    [
        # 100 kWh x 12 = 1,200 kWh
        ("national", 636_720_000),
        ("north", 763_320_000),
        ("northeast", 614_640_000),
        ("east", 660_000_000),
        ("central", 632_520_000),
        ("northwest", 665_160_000),
        ("south", 485_040_000),
        ("southwest", 296_640_000),
    ],
)
def test_electricity_is_that_of_the_regions_grid(region, electricity_mg):
    alone = footprint(
        {"grid_region": region, "household_size": 1, "electricity_kwh_per_month": 100}
    )
    assert items(alone)["electricity"] == electricity_mg


def test_a_footprint_in_other_words():
    average = footprint({})

    counts = {each.key: count_of(each, average.total.central_mg) for each in average.equivalents}
    assert counts == {
        "tree-years": "179",  # 3,936.852892 / 22 = 178.9...
        "car-km": "20200",  # / 0.1952 = 20,168...
        "phone-charges": "317000",  # / 0.0124 = 317,488...
        "grid-kwh": "7420",  # / 0.5306 = 7,419...
    }
    percents = {each.key: percent_of(each, average.total.central_mg) for each in average.benchmarks}
    assert percents == {
        "china-2019": "78.7",  # of 5,000 kg
        "china-earlier-report": "93.7",  # of 4,200 kg
        "target-2030": "157.5",  # of 2,500 kg
        "target-2040": "281.2",  # of 1,400 kg
        "target-2050": "562.4",  # of 700 kg
        "france-2022": "42.3",  # of 9,300 kg
    }


def test_everything_that_is_asked_has_bounds_a_default_and_a_reason_for_it():
    inputs = MODEL.methodology.inputs
    assert 20 <= len(inputs) <= 25
    for each in inputs:
        assert each.if_missing is not None
        assert each.if_missing.note, each.name
        assert each.problem_of(each.if_missing.choice or each.if_missing.value) is None, each.name
        assert each.choices or each.minimum < each.maximum


def test_a_foreign_factor_says_that_it_is_one():
    foreign = {"desnz-2025": "British", "nosgestesclimat": "French", "acv-numerique": "French"}
    for each in MODEL.methodology.parameters:
        origin = foreign.get(next(iter(each.sources), ""))
        if origin:
            assert origin in each.note, each.name
