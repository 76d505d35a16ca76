"""Amounts as a person should read them: rounded to what is known, never finer."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

# From this amount on, the next larger unit reads better.
_UNITS = (("t", 10**9), ("kg", 10**6), ("g", 10**3))


class Figure(NamedTuple):
    """Decimal texts in one unit."""

    value: str
    low: str
    high: str
    unit: str


def honest_figure(central_mg: int, low_mg: int, high_mg: int) -> Figure:
    """Return an amount and its range, rounded where the half-width has its second digit.

    So 204 608 mg from 42.7 to 498.8 g is 200 g (40 to 500). Without a range, three digits are kept.
    """
    unit, scale = next((each for each in _UNITS if abs(central_mg) >= each[1]), _UNITS[-1])
    half_mg = Decimal(max(high_mg - central_mg, central_mg - low_mg))
    if half_mg:
        place = max(0, half_mg.adjusted() - 1)
    else:
        place = Decimal(central_mg).adjusted() - 2 if central_mg else Decimal(scale).adjusted()
    value, low, high = (_rounded(each, place, scale) for each in (central_mg, low_mg, high_mg))
    return Figure(value, low, high, unit)


def _rounded(amount_mg: int, place: int, scale: int) -> str:
    """Return `amount_mg / scale` as text, rounded to 10**place milligrams."""
    step = Decimal(1).scaleb(place)
    whole = (Decimal(amount_mg) / step).to_integral_value(ROUND_HALF_EVEN) * step
    value = whole / scale
    decimals = max(0, Decimal(scale).adjusted() - place)
    # Adding zero makes "-0" a zero.
    return f"{value + 0:.{decimals}f}"
