"""Other published rules for the same ride, worked by hand: the arithmetic is in grams."""

from decimal import Decimal

from shared.adapters.catalogue import catalogue
from shared.domain.measurement import Label, Measurement
from shared.domain.methodology import Methodology


def rule(methodology_id: str) -> Methodology:
    return catalogue().get(methodology_id, "2025.1")


def measured(methodology_id: str, **inputs: str) -> Measurement:
    methodology = rule(methodology_id)
    data = {name: Decimal(value) for name, value in inputs.items()}
    return methodology.measure(methodology.read_inputs(data))


def range_mg(measurement: Measurement) -> tuple[int, int]:
    """What the factors alone allow: the low case and the high case, in milligrams."""
    spread = measurement.spread
    reduction_mg = measurement.reduction_mg
    return reduction_mg - spread.down_mg, reduction_mg + spread.up_mg


def test_shenzhens_method_gives_468_grams_for_ten_kilometres_by_metro():
    ride = measured("metro-shenzhen-2021", distance_km="10")

    # 10 x 46.8 = 468
    assert ride.reduction_mg == 468_000
    # Low: another newspaper prints 46.7.
    assert range_mg(ride) == (467_000, 468_000)
    assert rule("metro-shenzhen-2021").parameters[0].label is Label.PUBLISHED
    # The length that stands for an unknown ride is an estimate: 0.1 x 46.8 = 4.68
    assert measured("metro-shenzhen-2021").reduction_mg == 4_680
    assert measured("metro-shenzhen-2021").missing == ("distance_km",)
    assert rule("metro-shenzhen-2021").label_for(["distance_km"]) is Label.ILLUSTRATIVE


def test_the_study_of_guangzhou():
    ride = measured("metro-guangzhou-2015")

    assert ride.reduction_mg == 515_500
    # High: its other method, 541.9
    assert range_mg(ride) == (515_500, 541_900)
    assert rule("metro-guangzhou-2015").label is Label.PUBLISHED


def test_a_metro_as_in_beijing():
    ride = measured("metro-beijing-type", distance_km="10")

    # 10 x 0.23 x (195.2 - 32.1) = 2.3 x 163.1 = 375.13
    assert ride.reduction_mg == 375_130
    # Low:  10 x 0.10 x (162.72 - 61.4) = 101.32
    # High: 10 x 0.31 x (224.8 - 27.8) = 610.7
    assert range_mg(ride) == (101_320, 610_700)
    assert (ride.grade, ride.missing) == (1, ())
    # 0.1 x 0.23 x 163.1 = 3.7513
    assert measured("metro-beijing-type").reduction_mg == 3_751
    assert measured("metro-beijing-type").missing == ("distance_km",)
    assert rule("metro-beijing-type").label is Label.DERIVED


def test_beijings_example_in_which_every_metro_ride_replaces_a_car():
    ride = measured("metro-beijing-full-replacement", distance_km="11")

    # 11 km are half of the example: (5,980 - 1,350) / 2 = 2,315
    assert ride.reduction_mg == 2_315_000
    # Low: (4,945.6 - 1,848) / 2 = 1,548.8. High: (5,980 - 706.2) / 2 = 2,636.9
    assert range_mg(ride) == (1_548_800, 2_636_900)
    # 0.1 x 4,630 / 22 = 21.04545...
    assert measured("metro-beijing-full-replacement").reduction_mg == 21_045
    assert measured("metro-beijing-full-replacement").missing == ("distance_km",)
    assert rule("metro-beijing-full-replacement").label is Label.PUBLISHED


def test_wuhans_platforms():
    ride = measured("metro-wuhan-2024", distance_km="10")

    # 10 x 78.4 = 784
    assert ride.reduction_mg == 784_000
    assert range_mg(ride) == (784_000, 784_000)
    assert measured("metro-wuhan-2024").reduction_mg == 7_840
    assert measured("metro-wuhan-2024").missing == ("distance_km",)
    assert rule("metro-wuhan-2024").label is Label.PUBLISHED

    # With a screenshot; on the rider's word it is half of that.
    assert measured("metro-wuhan-2022").reduction_mg == 274_000
    assert range_mg(measured("metro-wuhan-2022")) == (137_000, 274_000)
    assert rule("metro-wuhan-2022").label is Label.PUBLISHED
    assert measured("bus-wuhan-2022").reduction_mg == 105_000
    assert range_mg(measured("bus-wuhan-2022")) == (52_000, 105_000)
    assert rule("bus-wuhan-2022").label is Label.PUBLISHED


def test_the_schemes_award_per_ride_and_state_no_range():
    assert measured("metro-88-carbon-account").reduction_mg == 200_000
    assert range_mg(measured("metro-88-carbon-account")) == (200_000, 200_000)
    assert rule("metro-88-carbon-account").label is Label.PUBLISHED
    assert measured("metro-ant-forest").reduction_mg == 52_000
    assert range_mg(measured("metro-ant-forest")) == (52_000, 52_000)
    assert rule("metro-ant-forest").label is Label.PUBLISHED
    assert measured("bus-c-youji").reduction_mg == 98_000
    assert range_mg(measured("bus-c-youji")) == (98_000, 98_000)
    assert rule("bus-c-youji").label is Label.PUBLISHED
    assert measured("bus-ant-forest").reduction_mg == 80_000
    assert range_mg(measured("bus-ant-forest")) == (80_000, 80_000)
    assert rule("bus-ant-forest").label is Label.PUBLISHED


def test_shenzhens_method_gives_269_grams_for_ten_kilometres_by_electric_bus():
    ride = measured("bus-shenzhen-2021", distance_km="10")

    # 10 x 26.9 = 269
    assert ride.reduction_mg == 269_000
    assert range_mg(ride) == (269_000, 269_000)
    assert rule("bus-shenzhen-2021").parameters[0].label is Label.PUBLISHED
    # 0.1 x 26.9 = 2.69
    assert measured("bus-shenzhen-2021").reduction_mg == 2_690
    assert measured("bus-shenzhen-2021").missing == ("distance_km",)
    assert rule("bus-shenzhen-2021").label is Label.PUBLISHED


def test_a_bus_in_beijing_of_which_every_ride_replaces_a_car():
    ride = measured("bus-beijing-full-replacement", distance_km="10")

    # 10 x 56.2 x 4 - 10 x 56.2 = 2,248 - 562 = 1,686
    assert ride.reduction_mg == 1_686_000
    # Low: 10 x 47.8 x 2.47 = 1,180.66. High: 10 x 64.6 x 3.83 = 2,474.18
    assert range_mg(ride) == (1_180_660, 2_474_180)
    # 0.1 x 56.2 x 3 = 16.86
    assert measured("bus-beijing-full-replacement").reduction_mg == 16_860
    assert measured("bus-beijing-full-replacement").missing == ("distance_km",)
    assert rule("bus-beijing-full-replacement").label is Label.PUBLISHED


def test_one_metro_ride_of_ten_kilometres_is_worth_52_to_2105_grams():
    worth = {
        each.id: each.measure(
            {one.name: Decimal(10) for one in each.inputs},
        ).reduction_mg
        for each in catalogue().comparisons("metro")
    }

    assert worth == {
        "metro-88-carbon-account": 200_000,
        "metro-ant-forest": 52_000,
        # 10 x 4,630 / 22 = 2,104.5454...
        "metro-beijing-full-replacement": 2_104_545,
        "metro-beijing-type": 375_130,
        "metro-guangzhou-2015": 515_500,
        "metro-shenzhen-2021": 468_000,
        "metro-wuhan-2022": 274_000,
        "metro-wuhan-2024": 784_000,
    }


def test_every_comparison_can_be_measured_of_a_ride_of_which_nothing_is_known():
    for scenario in ("bus", "metro"):
        for each in catalogue().comparisons(scenario):
            assert each.measure({}).reduction_mg > 0
