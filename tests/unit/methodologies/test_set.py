"""What holds for the released methodologies as a whole: which there are, and what they must say."""

from datetime import UTC, datetime

import pytest

from shared.adapters.catalogue import catalogue, notices
from shared.domain.caps import CapPeriod
from shared.domain.errors import NoMethodologyError
from shared.domain.methodology import Methodology, Use
from shared.domain.partner import THE_PLATFORM

NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
SCENARIOS = [
    "bus",
    "digital-card",
    "e-invoice",
    "e-reading",
    "e-statement",
    "ev-charging",
    "ev-driving",
    "home-office",
    "metro",
    "no-cutlery",
    "online-bill-payment",
    "online-medical-registration",
    "paper-recycling",
    "plastic-recycling",
    "remote-meeting",
    "reusable-cup",
    "saved-electricity",
    "second-hand-clothes",
    "second-hand-phone",
    "shared-bike",
    "shared-e-bike",
    "show-e-ticket",
    "train-e-ticket",
    "walking",
]


def credited() -> list[Methodology]:
    return [catalogue().in_force(scenario, NEW_YEAR) for scenario in catalogue().scenarios]


def compared() -> list[Methodology]:
    return [each for scenario in ("bus", "metro") for each in catalogue().comparisons(scenario)]


def test_these_behaviours_are_credited_from_new_years_day_2025():
    assert list(catalogue().scenarios) == SCENARIOS
    assert len(SCENARIOS) >= 15
    assert {each.use for each in credited()} == {Use.CREDIT}


def test_every_behaviour_has_a_notice_that_names_what_is_collected():
    assert sorted({*notices()} - {*THE_PLATFORM.scenarios}) == SCENARIOS
    for each in credited():
        collected = ["event_id", "occurred_at", *(one.name for one in each.inputs)]
        assert list(notices()[each.scenario].data_categories) == collected


def test_metro_has_five_rules_to_compare_with_and_bus_four():
    assert len(catalogue().comparisons("metro")) >= 5
    assert len(catalogue().comparisons("bus")) >= 4


def test_a_comparison_is_never_in_force_for_credit():
    ids = {each.id for each in compared()}
    assert ids.isdisjoint(each.id for each in credited())
    assert {each.use for each in compared()} == {Use.COMPARISON}
    for each in compared():
        assert each.caps == ()
        with pytest.raises(NoMethodologyError):
            catalogue().in_force(each.id, NEW_YEAR)


def test_every_rule_for_a_ride_says_what_it_rests_on():
    rides = [each for each in credited() if each.scenario in {"bus", "metro"}]
    for each in [*rides, *compared()]:
        assert each.document["traits"]["basis"] in {"km", "trip"}
        assert set(each.document["traits"]) == {"basis", "year", "baseline", "displacement"}


def test_every_credit_is_capped():
    for each in credited():
        assert each.caps


def test_what_excludes_another_is_excluded_by_it_and_capped_by_the_day():
    excluded = {each.scenario: set(each.exclusive_with) for each in credited()}
    assert {one for one, others in excluded.items() if others} == {
        "ev-charging",
        "ev-driving",
        "home-office",
        "remote-meeting",
    }
    for scenario, others in excluded.items():
        assert all(scenario in excluded[other] for other in others)
    for each in credited():
        if each.exclusive_with:
            assert CapPeriod.DAY in {rule.cap.period for rule in each.caps}


def test_what_rests_on_the_grid_of_2023_is_looked_at_again_when_2026_ends():
    for each in [*credited(), *compared()]:
        names = {parameter.name for parameter in each.parameters}
        until = "2026-12-31" if "ef_grid" in names else "2027-06-30"
        if each.effective_until is None:
            assert each.document["best_before"] == until
