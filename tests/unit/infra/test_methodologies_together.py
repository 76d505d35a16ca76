"""What files say together: a day has one rule, exclusion is mutual, and users have a notice."""

import pytest

from tests.support.workshop import RIDE, Folder


@pytest.fixture
def folder(tmp_path, capsys):
    return Folder(tmp_path, capsys)


def problems_after(folder, old, new):
    """Return the problems of the one file, without its name."""
    folder.edit(old, new)
    return [problem.removeprefix("ride@1.toml:") for problem in folder.problems()]


def test_two_versions_of_a_scenario_meet_on_one_day(folder):
    folder.succeed(begins="2027-01-01")
    folder.end("2027-01-01")
    assert folder.run("release")[0] == 0


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        (
            None,
            "6: It has no end, but ride@2 begins on 2027-01-01: add effective_until = 2027-01-01.",
        ),
        ("2027-01-02", "7: It overlaps: it ends on 2027-01-02, but ride@2 begins on 2027-01-01."),
        (
            "2026-12-31",
            "7: It leaves a gap: it ends on 2026-12-31, but ride@2 begins on 2027-01-01.",
        ),
    ],
)
def test_days_with_two_rules_or_none_are_found(folder, until, problem):
    folder.succeed(begins="2027-01-01")
    if until:
        folder.end(until)
    assert folder.problems() == [f"ride@1.toml:{problem}"]


def test_two_rules_of_other_names_for_one_scenario_overlap_too(folder):
    folder.write(RIDE.replace('id = "ride"', 'id = "trip"'), "trip@1.toml")
    assert folder.problems() == [
        (
            "ride@1.toml:6: It has no end, but trip@1 begins on 2025-01-01:"
            " add effective_until = 2025-01-01."
        )
    ]


def test_comparisons_stand_side_by_side(folder):
    for name in ("city", "town"):
        text = RIDE.replace('id = "ride"', f'id = "{name}"')
        folder.write(text.replace('use = "credit"', 'use = "comparison"'), f"{name}@1.toml")
    assert folder.run("release")[0] == 0


def test_a_last_version_has_no_end(folder):
    folder.end("2027-01-01")
    assert folder.problems() == ["ride@1.toml:7: It ends, but no version follows it."]


def test_a_version_ends_after_it_begins(folder):
    folder.end("2025-01-01")
    folder.succeed(begins="2025-01-01")
    assert "ride@1.toml:7: It ends before it begins." in folder.problems()


def test_what_should_be_looked_at_again_is_a_warning_and_no_problem(folder):
    folder.run("release")
    assert folder.run("check", today="2027-06-30") == (0, ["sound methodologies: 1"])
    assert folder.run("check", today="2027-07-01") == (
        0,
        [
            "ride@1.toml:7: warning: The factors were to be looked at again by 2027-06-30.",
            "sound methodologies: 1",
        ],
    )


def test_nobody_looks_again_at_what_has_ended(folder):
    folder.end("2027-01-01")
    folder.succeed(begins="2027-01-01")
    folder.run("release")
    assert folder.run("check", today="2028-01-01") == (0, ["sound methodologies: 2"])


def test_exclusion_is_mutual_and_needs_a_cap_for_the_day(folder):
    folder.edit('licence = "Apache-2.0"', 'licence = "Apache-2.0"\nexclusive_with = ["walk"]')
    walk = RIDE.replace('id = "ride"', 'id = "walk"').replace('rio = "ride"', 'rio = "walk"')
    folder.write(walk, "walk@1.toml")
    folder.notify("walk")
    assert folder.problems() == ["ride@1.toml:9: walk@1 does not exclude `ride` in turn."]
    exclusive = 'licence = "Apache-2.0"\nexclusive_with = ["ride"]'
    folder.edit('licence = "Apache-2.0"', exclusive, "walk@1.toml")
    folder.edit('period = "day"', 'period = "month"')
    assert folder.problems() == [
        "ride@1.toml:9: What is exclusive with others on a day needs a cap for the day."
    ]
    folder.edit('period = "month"', 'period = "day"')
    assert folder.run("release")[0] == 0


@pytest.mark.parametrize("scenario", ["ride", "walk"])
def test_exclusion_is_of_another_scenario_that_is_credited(folder, scenario):
    exclusive = f'licence = "Apache-2.0"\nexclusive_with = ["{scenario}"]'
    assert problems_after(folder, 'licence = "Apache-2.0"', exclusive) == [
        f"9: `{scenario}` is not another scenario that is credited."
    ]


def test_metro_and_bus_rules_say_why_they_differ(folder):
    folder.notify("metro")
    assert problems_after(folder, 'scenario = "ride"', 'scenario = "metro"') == [
        "1: `traits` is missing: every metro rule says what it rests on."
    ]


def test_nothing_is_credited_without_a_notice_that_names_what_is_collected(folder):
    (folder.notices / "ride@2025-01.toml").unlink()
    assert folder.problems() == [
        "ride@1.toml:4: There is no notice for `ride`: nobody can consent to it."
    ]
    folder.notify("ride", "2025-01")
    folder.notify("ride", "2025-02", inputs='"duration_h"')
    assert folder.problems() == [
        (
            "ride@1.toml:19: The notice ride@2025-02 does not tell users that `distance_km` is"
            " collected."
        )
    ]


def test_a_broken_notice_is_named(folder):
    folder.notify("ride")
    path = folder.notices / "ride@2025-01.toml"
    path.write_text(path.read_text("utf-8").replace("retention", "retentoin"), "utf-8")
    assert folder.problems()[-1].startswith("ride@2025-01.toml:1: This notice cannot be read: ")
