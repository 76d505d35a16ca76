"""Measurements for all methodologies and inputs, and ranges of sums for all entries.

`Methodology.measure` works with formulas that were put together beforehand; `Methodology.cases`
goes step by step, as anybody does who checks a receipt. Both must say the same.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor, isqrt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import CatalogueError
from shared.domain.expression import EXPRESSION_LENGTH_MAX
from shared.domain.measurement import GRADES, NOTHING, EvidenceGrade, Label, Spread, Sum, at_grade
from shared.domain.methodology import Methodology
from tests.support.rules import DISTANCE, a_rule, parameter

DECIMALS = 3
amounts = st.decimals(0, 1000, places=DECIMALS)
shares = st.decimals(0, 1, places=2)


def text(value: Decimal) -> str:
    return f"{value:f}"


# Any formula


def expressions(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Formulas over these names, with everything that the language has."""
    leaves = st.sampled_from([*names, "2", "1000", "g_per_kg"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join)
            | inner.map("({})".format)
            | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
                lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
            )
        ),
        max_leaves=6,
    ).filter(lambda text: len(text) <= EXPRESSION_LENGTH_MAX)


@st.composite
def inputs_of(draw: st.DrawFn, name: str) -> dict[str, Any]:
    minimum, assumed, maximum = sorted(draw(st.tuples(amounts, amounts, amounts)))
    data = {
        **DISTANCE,
        "name": name,
        "minimum": text(minimum),
        "maximum": text(maximum),
        "decimals": DECIMALS,
        "uncertainty": text(draw(shares)),
        "if_missing": {"value": text(assumed), "label": "illustrative", "note": "Made up."},
    }
    if draw(st.booleans()):
        del data["if_missing"]
    return data


@st.composite
def parameters_of(draw: st.DrawFn, name: str) -> dict[str, Any]:
    low, value, high = sorted(draw(st.tuples(amounts, amounts, amounts)))
    effect = draw(st.sampled_from(["rises", "falls"]))
    label = draw(st.sampled_from([each.value for each in Label]))
    return parameter(name, "1", text(value), text(low), text(high), effect, label=label)


@st.composite
def rules(draw: st.DrawFn) -> Methodology:
    inputs = [draw(inputs_of(name)) for name in ("one", "two")[: draw(st.integers(0, 2))]]
    factors = [draw(parameters_of(name)) for name in ("p", "q")]
    names = [*(each["name"] for each in inputs), "p", "q"]
    steps: list[dict[str, Any]] = []
    for name in [*("s", "t")[: draw(st.integers(0, 2))], "reduction"]:
        expression = draw(expressions((*names, *(each["name"] for each in steps))))
        steps.append({"name": name, "unit": "g", "expression": expression})
    evidence = [{"grade": 1, "inputs": [each["name"] for each in inputs], "note": {}}]
    try:
        return a_rule(inputs=inputs, parameters=factors, steps=steps, evidence=evidence)
    except CatalogueError:
        # The formula divides by what is always zero.
        return a_rule()


@st.composite
def rules_and_inputs(draw: st.DrawFn) -> tuple[Methodology, Mapping[str, Decimal]]:
    """A methodology and plausible inputs; what is optional is sometimes not reported."""
    rule = draw(rules())
    reported = {
        each.name: draw(st.decimals(each.minimum, each.maximum, places=DECIMALS))
        for each in rule.inputs
        if each.if_missing is None or draw(st.booleans())
    }
    return rule, rule.read_inputs(reported)


@given(rules_and_inputs())
def test_what_is_measured_is_what_every_case_says_step_by_step(case):
    rule, inputs = case
    try:
        central, low, high, *errors = rule.cases(inputs)
    except (CatalogueError, ArithmeticError):
        # A division by zero is one for both.
        try:
            rule.measure(inputs)
        except CatalogueError:
            return
        raise AssertionError("It was measured and cannot be worked out.") from None
    measured = rule.measure(inputs)
    deviations = [
        max(
            abs(central.reduction_mg - below.reduction_mg),
            abs(above.reduction_mg - central.reduction_mg),
        )
        for below, above in zip(errors[::2], errors[1::2], strict=True)
    ]
    assert measured.reduction_mg == central.reduction_mg
    assert measured.spread == Spread(
        central.reduction_mg - low.reduction_mg,
        high.reduction_mg - central.reduction_mg,
        sum(deviation**2 for deviation in deviations),
    )
    assert measured.missing == tuple(each.name for each in rule.inputs if each.name not in inputs)
    assert measured.grade == (EvidenceGrade.REPORTED if measured.missing else EvidenceGrade.METERED)


@given(rules_and_inputs())
def test_every_case_is_worked_out_from_the_values_that_it_shows(case):
    rule, inputs = case
    try:
        cases = rule.cases(inputs)
    except (CatalogueError, ArithmeticError):
        return
    for each in cases:
        values = dict(each.values)
        for step in rule.steps:
            values[step.name] = step.expression.evaluate(values)
            assert values[step.name] == each.steps[step.name]
        read = frozenset[str]().union(*(step.expression.names for step in rule.steps))
        assert set(each.values) == read - set(each.steps)


# Formulas as methodologies have them


@st.composite
def rides(draw: st.DrawFn) -> tuple[Methodology, Decimal, list[tuple[Decimal, ...]], Decimal]:
    """A rule `way x rate x (car - own)`, with the bounds of its factors, and a reported way."""
    bounds = [tuple(sorted(draw(st.tuples(shares, shares, shares)))) for _ in range(3)]
    facts = zip(
        ("displacement_rate", "ef_car", "ef_metro"),
        bounds,
        ("rises", "rises", "falls"),
        strict=True,
    )
    factors = [
        parameter(name, "1", text(value), text(low), text(high), effect)
        for name, (low, value, high), effect in facts
    ]
    uncertainty = draw(shares)
    rule = a_rule(parameters=factors, inputs=[{**DISTANCE, "uncertainty": text(uncertainty)}])
    return rule, draw(st.decimals(Decimal("0.1"), 120, places=3)), bounds, uncertainty


@given(rides())
def test_a_ride_is_what_fractions_say_rounded_down_once(case):
    rule, way, bounds, uncertainty = case
    rate, car, own = bounds

    def by_fractions(km: Fraction, *factors: Decimal) -> int:
        each, one, other = map(Fraction, factors)
        return max(0, floor(km * each * (one - other) * 1_000_000))

    exact, error = Fraction(way), Fraction(way) * Fraction(uncertainty)
    central = by_fractions(exact, rate[1], car[1], own[1])
    least = by_fractions(exact, rate[0], car[0], own[2])
    greatest = by_fractions(exact, rate[2], car[2], own[0])
    shorter = by_fractions(max(Fraction("0.1"), exact - error), rate[1], car[1], own[1])
    longer = by_fractions(min(Fraction(120), exact + error), rate[1], car[1], own[1])

    measured = rule.measure(rule.read_inputs({"distance_km": way}))
    assert measured.reduction_mg == central
    assert measured.spread == Spread(
        central - least, greatest - central, max(central - shorter, longer - central) ** 2
    )


@given(rides())
def test_a_result_lies_in_its_range(case):
    rule, way, *_ = case
    for inputs in ({}, {"distance_km": way}):
        measured = rule.measure(inputs)
        assert min(measured.spread) >= 0
        assert 0 <= measured.low_mg <= measured.reduction_mg <= measured.high_mg


@given(rides(), st.integers(0, 10**9))
def test_seen_from_more_than_was_measured_the_range_goes_as_far_down(case, excess_mg):
    rule, way, *_ = case
    measured = rule.measure({"distance_km": way})
    credited_mg = measured.reduction_mg + excess_mg
    seen = measured.spread_around(credited_mg)
    assert min(seen) >= 0
    assert seen.low_mg(credited_mg) == measured.low_mg
    assert seen.high_mg(credited_mg) >= measured.high_mg
    assert measured.spread_around(measured.reduction_mg) == measured.spread


# Sums

spreads = st.builds(
    Spread, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6).map(lambda n: n * n)
)


@st.composite
def entries(draw: st.DrawFn) -> Sum:
    """What one entry adds: an amount of one grade, provisional or not."""
    amount_mg = draw(st.integers(0, 10**10))
    return Sum(
        count=1,
        reduction_mg=amount_mg,
        spread=draw(spreads),
        grades_mg=at_grade(draw(st.integers(1, GRADES)), amount_mg),
        provisional_mg=draw(st.sampled_from([0, amount_mg])),
        weakness=draw(st.integers(0, 2)),
    )


sums = st.builds(
    Sum,
    st.integers(0, 10**6),
    st.integers(-(10**12), 10**12),
    st.builds(Spread, *[st.integers(-(10**18), 10**18)] * 3),
    st.tuples(*[st.integers(-(10**12), 10**12)] * GRADES),
    st.integers(-(10**12), 10**12),
    st.integers(0, 2),
)


@given(st.lists(entries(), min_size=1, max_size=12))
def test_the_range_of_a_sum_is_between_quadrature_and_the_sum_of_ranges(each):
    total = sum(each, NOTHING)
    above = [one.high_mg - one.reduction_mg for one in each]
    widest = total.high_mg - total.reduction_mg
    assert widest <= sum(above)
    # As if every error were independent: never wider than that.
    errors = [one.spread.up_mg + isqrt(one.spread.activity_mg2) for one in each]
    assert widest**2 >= sum(error * error for error in errors)
    # Below it is the same, but for what would be less than nothing.
    assert total.low_mg >= sum(
        one.reduction_mg - one.spread.down_mg - one.spread.activity_mg for one in each
    )
    errors = [one.spread.down_mg + isqrt(one.spread.activity_mg2) for one in each]
    if total.low_mg:
        assert (total.reduction_mg - total.low_mg) ** 2 >= sum(error * error for error in errors)


@given(st.lists(entries(), max_size=12), st.randoms(use_true_random=False))
def test_a_sum_does_not_depend_on_the_order_and_splits_whole_by_grade(each, random):
    total = sum(each, NOTHING)
    shuffled = random.sample(each, len(each))
    assert sum(shuffled, NOTHING) == total
    assert sum(total.grades_mg) == total.reduction_mg
    assert 0 <= total.provisional_mg <= total.reduction_mg
    assert total.label.weakness == max((one.weakness for one in each), default=0)


@given(sums)
def test_a_range_always_holds_the_sum(total):
    assert total.low_mg <= total.reduction_mg <= total.high_mg


@given(sums)
def test_a_sum_is_read_from_its_facts_even_without_the_zeros_at_their_end(total):
    facts = total.facts
    assert Sum.of_facts(facts) == total
    while facts and not facts[-1]:
        facts.pop()
    assert Sum.of_facts(facts) == total


@given(sums, sums, sums)
def test_sums_can_be_put_together_in_any_way(one, two, three):
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one
    assert one + NOTHING == one
