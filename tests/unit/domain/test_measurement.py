"""Ranges of results and of sums, by hand: factor errors add up, activity errors in quadrature."""

import pytest

from shared.domain.measurement import (
    NO_SPREAD,
    NOTHING,
    EvidenceGrade,
    Label,
    Measurement,
    Spread,
    Sum,
    at_grade,
)

RIDE = Sum(1, 100_000, Spread(10_000, 20_000, 9_000_000), (100_000, 0, 0, 0, 0))
TRIP = Sum(
    count=1,
    reduction_mg=50_000,
    spread=Spread(5_000, 7_000, 16_000_000),
    grades_mg=(0, 0, 50_000, 0, 0),
    provisional_mg=50_000,
    weakness=2,
)


# Labels


def test_what_is_made_of_several_values_is_as_weak_as_the_worst():
    weakest = max(Label, key=lambda label: label.weakness)
    assert [label.weakness for label in Label] == [0, 1, 2]
    assert weakest is Label.ILLUSTRATIVE


@pytest.mark.parametrize("label", Label)
def test_a_label_is_found_by_its_weakness(label):
    assert Label.of_weakness(label.weakness) is label


# Ranges


@pytest.mark.parametrize(
    ("square", "root"), [(0, 0), (1, 1), (2, 2), (4, 2), (9_000_000, 3_000), (9_000_001, 3_001)]
)
def test_a_root_is_rounded_up_so_that_no_range_is_too_narrow(square, root):
    assert Spread(activity_mg2=square).activity_mg == root


def test_a_range_goes_down_and_up_by_the_factors_and_both_ways_by_the_activity():
    spread = Spread(4_000, 6_000, 9_000_000)
    assert spread.low_mg(204_608) == 197_608  # 204,608 - 4,000 - 3,000
    assert spread.high_mg(204_608) == 213_608  # 204,608 + 6,000 + 3,000


def test_a_credit_is_not_below_zero_however_uncertain_it_is():
    assert Spread(300_000, 0, 0).low_mg(204_608) == 0


@pytest.mark.parametrize(
    ("central_mg", "spread", "low_mg", "high_mg"),
    [
        (-30_000, Spread(1_000, 2_000, 0), -31_000, -28_000),
        (-30_000, Spread(-1_000, -2_000, 0), -32_000, -29_000),
        (-30_000, Spread(0, 0, 4_000_000), -32_000, -28_000),
        (50_000, Spread(-10_000, -20_000, 0), 30_000, 60_000),
        (5_000, Spread(-10_000, -20_000, 0), 0, 15_000),
        (50_000, Spread(0, 0, -4_000_000), 50_000, 50_000),
    ],
    ids=[
        "lowered",
        "lowered and more certain",
        "lowered by an activity",
        "raised and more certain",
        "raised a little",
        "the same, measured better",
    ],
)
def test_the_range_of_a_difference_holds_the_difference(central_mg, spread, low_mg, high_mg):
    assert (spread.low_mg(central_mg), spread.high_mg(central_mg)) == (low_mg, high_mg)


@pytest.mark.parametrize(
    ("credited_mg", "spread"),
    [
        (100, Spread(40, 30, 25)),  # as measured: from 55 to 135
        (120, Spread(60, 10, 25)),  # the same range, seen from 120
        (150, Spread(90, 0, 25)),  # above all of it
    ],
)
def test_what_is_credited_above_its_measurement_is_as_uncertain_downwards(credited_mg, spread):
    measured = Measurement(100, Spread(40, 30, 25), EvidenceGrade.METERED)
    seen = measured.spread_around(credited_mg)
    assert seen == spread
    assert seen.low_mg(credited_mg) == measured.low_mg == 55


# Sums


def test_factor_errors_add_up_fully_and_activity_errors_in_quadrature():
    total = RIDE + TRIP
    assert total.spread == Spread(15_000, 27_000, 25_000_000)
    # 3,000 and 4,000 are 5,000 together.
    assert (total.low_mg, total.high_mg) == (130_000, 182_000)


def test_a_sum_splits_its_milligrams_by_grade():
    assert (RIDE + TRIP).grades_mg == (100_000, 0, 50_000, 0, 0)
    assert (RIDE + RIDE).grades_mg == (200_000, 0, 0, 0, 0)


def test_a_sum_counts_entries_and_what_is_provisional():
    total = RIDE + TRIP + TRIP
    assert (total.count, total.reduction_mg, total.provisional_mg) == (3, 200_000, 100_000)


def test_a_sums_label_is_the_weakest_in_it():
    assert RIDE.label is Label.PUBLISHED
    assert (RIDE + TRIP).label is (TRIP + RIDE).label is Label.ILLUSTRATIVE


def test_nothing_adds_nothing():
    assert NOTHING + TRIP == TRIP + NOTHING == TRIP
    assert (NOTHING.low_mg, NOTHING.high_mg, NOTHING.label) == (0, 0, Label.PUBLISHED)


def test_a_sum_is_written_as_its_facts_in_a_fixed_order():
    # count, mg, down, up, activity squared, provisional, weakness, and five grades
    facts = [1, 50_000, 5_000, 7_000, 16_000_000, 50_000, 2, 0, 0, 50_000, 0, 0]
    assert TRIP.facts == facts
    assert Sum.of_facts(facts) == TRIP


def test_zeros_at_the_end_of_the_facts_may_be_left_out():
    assert Sum.of_facts([]) == NOTHING
    assert Sum.of_facts([2, 30]) == Sum(2, 30, NO_SPREAD)
    assert Sum.of_facts([1, 50_000, 5_000, 7_000, 16_000_000, 50_000, 2, 0, 0, 50_000]) == TRIP


@pytest.mark.parametrize(
    ("grade", "amounts"),
    [(1, (7, 0, 0, 0, 0)), (3, (0, 0, 7, 0, 0)), (EvidenceGrade.REPORTED, (0, 0, 0, 0, 7))],
)
def test_an_amount_stands_in_the_place_of_its_grade(grade, amounts):
    assert at_grade(grade, 7) == amounts
