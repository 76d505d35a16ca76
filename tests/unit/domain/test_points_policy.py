"""Policies: data with a version and a first day. Days are ledger days, in UTC+8."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.errors import CatalogueError
from shared.domain.points import PointsTerms
from shared.domain.points_policy import PointsPolicies, PointsPolicy, PointsRate
from tests.support.builders import at

POLICY = PointsPolicy(
    policy_id="standard",
    version="2026.1",
    effective_from=date(2026, 1, 1),
    spend_through_years=1,
    day_cap=60,
    month_cap=600,
    otherwise=PointsRate(0, 10),
    scenarios={"metro": PointsRate(1, 20)},
    title={"en": "Ten points for a kilogram", "zh-Hans": "每千克十分"},
)
MIDYEAR = replace(POLICY, version="2026.2", effective_from=date(2026, 7, 1), day_cap=40)
NOON = at("2026-11-09T12:00:00+08:00")


def test_a_scenario_earns_by_its_own_rate_and_by_the_common_one_otherwise():
    assert POLICY.terms("metro", NOON) == PointsTerms(
        "standard@2026.1", 1, 20, 60, 600, date(2027, 12, 31)
    )
    assert POLICY.terms("bus", NOON) == PointsTerms(
        "standard@2026.1", 0, 10, 60, 600, date(2027, 12, 31)
    )


@pytest.mark.parametrize(
    ("occurred_at", "years", "last"),
    [
        ("2026-12-31T23:59:59.999+08:00", 1, date(2027, 12, 31)),
        ("2027-01-01T00:00:00+08:00", 1, date(2028, 12, 31)),
        # Still the old year in UTC, and the new one in the ledger.
        ("2026-12-31T16:00:00Z", 1, date(2028, 12, 31)),
        ("2026-06-01T12:00:00+08:00", 0, date(2026, 12, 31)),
        ("2026-06-01T12:00:00+08:00", 6, date(2032, 12, 31)),
    ],
)
def test_points_last_through_a_year_after_the_behaviours(occurred_at, years, last):
    policy = replace(POLICY, spend_through_years=years)
    assert policy.terms("metro", at(occurred_at)).spend_by == last


@pytest.mark.parametrize(
    "facts",
    [
        {"day_cap": 0},
        {"day_cap": 1_001},
        {"month_cap": 0},
        {"month_cap": 20_001},
        {"spend_through_years": -1},
        {"spend_through_years": 7},
        {"otherwise": PointsRate(-1, 10)},
        {"scenarios": {"metro": PointsRate(1, -1)}},
    ],
)
def test_a_policy_that_could_not_be_kept_is_refused_by_its_name(facts):
    with pytest.raises(CatalogueError, match=r"standard@2026\.1"):
        replace(POLICY, **facts)


@pytest.mark.parametrize(
    ("instant", "version"),
    [
        ("2025-12-31T23:59:59.999+08:00", None),
        ("2026-01-01T00:00:00+08:00", "2026.1"),
        ("2026-06-30T23:59:59.999+08:00", "2026.1"),
        ("2026-07-01T00:00:00+08:00", "2026.2"),
        ("2030-01-01T00:00:00+08:00", "2026.2"),
    ],
)
def test_the_latest_that_has_begun_is_in_force_in_whatever_order_they_are_read(instant, version):
    for policies in ([POLICY, MIDYEAR], [MIDYEAR, POLICY]):
        found = PointsPolicies.of(policies).in_force(at(instant))
        assert (found.version if found else None) == version


def test_behaviour_earns_by_the_policy_of_its_own_day():
    policies = PointsPolicies.of([POLICY, MIDYEAR])
    june = policies.terms("metro", at("2026-06-30T23:00:00+08:00"))
    july = policies.terms("metro", at("2026-07-01T01:00:00+08:00"))
    assert june is not None
    assert july is not None
    assert (june.policy, june.day_cap) == ("standard@2026.1", 60)
    assert (july.policy, july.day_cap) == ("standard@2026.2", 40)


def test_before_the_first_policy_nothing_is_earned():
    assert PointsPolicies.of([POLICY]).terms("metro", at("2025-06-01T00:00:00Z")) is None
    assert PointsPolicies().terms("metro", NOON) is None


def test_two_policies_cannot_begin_on_one_day():
    with pytest.raises(CatalogueError, match="one day"):
        PointsPolicies.of([POLICY, replace(MIDYEAR, effective_from=date(2026, 1, 1))])
