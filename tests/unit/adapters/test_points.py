"""The shipped points policy, and what is said of a broken file."""

from dataclasses import replace
from datetime import date

import pytest

from shared.adapters.catalogue import catalogue
from shared.adapters.points import POLICIES, parse_policy, points_policies
from shared.adapters.quiz import quiz_policies
from shared.domain.errors import CatalogueError
from shared.domain.points_policy import PointsRate
from tests.support.builders import at

NAME = "standard@2026.1.toml"
TEXT = """
id = "standard"
version = "2026.1"
effective_from = 2026-01-01
spend_through_years = 1
day_cap = 60
month_cap = 600

[title]
en = "Ten points"
zh-Hans = "十个积分"

[otherwise]
per_credit = 0
per_kg = 10

[scenarios.metro]
per_credit = 1
per_kg = 20
"""


def test_a_policy_is_read_from_its_file():
    policy = parse_policy(TEXT, NAME)
    assert (policy.reference, policy.effective_from) == ("standard@2026.1", date(2026, 1, 1))
    assert (policy.spend_through_years, policy.day_cap, policy.month_cap) == (1, 60, 600)
    assert policy.otherwise == PointsRate(per_credit=0, per_kg=10)
    assert policy.scenarios == {"metro": PointsRate(per_credit=1, per_kg=20)}
    assert policy.title == {"en": "Ten points", "zh-Hans": "十个积分"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "standard"', ""),
        ("day_cap = 60", ""),
        ("day_cap = 60", "day_cap = sixty"),
        ("day_cap = 60", "day_cap = 0"),
        ('zh-Hans = "十个积分"', ""),
        ("[otherwise]", "[other]"),
        ("per_kg = 20", ""),
        ("per_kg = 20", "per_gram = 20"),
        ("per_kg = 20", "per_kg = -20"),
        ("per_kg = 20", 'per_kg = "20"'),
        ("[scenarios.metro]", "[metro]"),
        ("spend_through_years = 1", "spend_through_years = 9"),
    ],
)
def test_a_broken_file_is_refused_by_its_name(old, new):
    assert old in TEXT
    with pytest.raises(CatalogueError, match=r"standard@2026\.1"):
        parse_policy(TEXT.replace(old, new), NAME)


def test_a_file_is_named_by_its_id_and_version():
    with pytest.raises(CatalogueError, match=r"standard@2027\.1\.toml.*named by"):
        parse_policy(TEXT, "standard@2027.1.toml")


def test_the_shipped_policies_are_in_force_from_their_first_day():
    policies = points_policies()
    of_the_quiz = len(quiz_policies().policies)
    assert len(policies.policies) + of_the_quiz == len(list(POLICIES.glob("*.toml"))) >= 2
    assert policies.in_force(at("2025-12-31T23:59:59+08:00")) is None
    first = policies.in_force(at("2026-01-01T00:00:00+08:00"))
    assert first is not None
    assert first.reference == "standard@2026.1"


def test_the_first_shipped_policy_gives_ten_points_for_a_kilogram_and_one_for_a_ride():
    terms = points_policies().terms("metro", at("2026-11-09T12:00:00+08:00"))
    assert terms is not None
    assert (terms.for_credit(204_608), terms.spend_by) == (3, date(2027, 12, 31))
    assert (terms.day_cap, terms.month_cap) == (60, 600)


def test_every_scenario_that_a_shipped_policy_names_is_in_the_catalogue():
    for policy in points_policies().policies:
        assert set(policy.scenarios) <= set(catalogue().scenarios)


def test_a_policy_whose_version_is_read_twice_begins_on_one_day_and_is_refused():
    policy = parse_policy(TEXT, NAME)
    with pytest.raises(CatalogueError, match="one day"):
        type(points_policies()).of([policy, replace(policy, version="2026.2")])
