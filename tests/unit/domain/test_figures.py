"""Amounts as a person should read them, by hand."""

import pytest

from shared.domain.figures import Figure, honest_figure


@pytest.mark.parametrize(
    ("central_mg", "low_mg", "high_mg", "figure"),
    [
        # The half-width is 105,392 mg: tens of grams are known.
        (204_608, 100_000, 310_000, Figure("200", "100", "310", "g")),
        # 10,231 mg: grams.
        (204_608, 194_377, 214_839, Figure("205", "194", "215", "g")),
        # 294,183 mg: tens of grams.
        (204_608, 42_665, 498_791, Figure("200", "40", "500", "g")),
        # 18 mg: milligrams.
        (512, 500, 530, Figure("0.512", "0.500", "0.530", "g")),
        # 8 mg: nothing is finer than a milligram.
        (512, 504, 515, Figure("0.512", "0.504", "0.515", "g")),
        # 35,433 mg: grams.
        (1_234_567, 1_200_000, 1_270_000, Figure("1.235", "1.200", "1.270", "kg")),
        # 62,343,266 mg: kilograms.
        (237_656_734, 200_000_000, 300_000_000, Figure("238", "200", "300", "kg")),
        # 200 kg: hundredths of a tonne.
        (2_500_000_000, 2_400_000_000, 2_700_000_000, Figure("2.50", "2.40", "2.70", "t")),
        # 56,000 mg: grams.
        (4_000, 0, 60_000, Figure("4", "0", "60", "g")),
    ],
)
def test_a_figure_ends_with_the_second_digit_of_its_half_width(central_mg, low_mg, high_mg, figure):
    assert honest_figure(central_mg, low_mg, high_mg) == figure


@pytest.mark.parametrize(
    ("amount_mg", "value", "unit"),
    [
        (0, "0", "g"),
        (120, "0.120", "g"),
        (25_576, "25.6", "g"),
        (204_608, "205", "g"),
        (1_000_000, "1.00", "kg"),
        (237_656_734, "238", "kg"),
        (1_000_000_000, "1.00", "t"),
    ],
)
def test_without_a_range_three_digits_are_kept(amount_mg, value, unit):
    figure = honest_figure(amount_mg, amount_mg, amount_mg)
    assert figure == Figure(value, value, value, unit)


def test_a_half_goes_to_the_even_digit():
    assert honest_figure(245, 145, 345) == Figure("0.24", "0.14", "0.34", "g")


@pytest.mark.parametrize(
    ("central_mg", "low_mg", "high_mg", "figure"),
    [
        (-204_608, -310_000, -100_000, Figure("-200", "-310", "-100", "g")),
        (-4_000, -60_000, 50_000, Figure("-4", "-60", "50", "g")),
        (-1_234_567, -1_270_000, -1_200_000, Figure("-1.235", "-1.270", "-1.200", "kg")),
        (-400, -60_000, 50_000, Figure("0", "-60", "50", "g")),
    ],
)
def test_a_difference_may_be_below_zero_and_zero_has_no_sign(central_mg, low_mg, high_mg, figure):
    assert honest_figure(central_mg, low_mg, high_mg) == figure
