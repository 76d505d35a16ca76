"""What a reader is shown of one version: where it comes from, and an example worked out."""

import pytest

from tests.support.workshop import Folder


@pytest.fixture
def folder(tmp_path, capsys):
    return Folder(tmp_path, capsys)


def shown(folder, *arguments):
    code, lines = folder.run("show", "ride@1", *arguments)
    assert code == 0
    words = (" ".join(line.split()) for line in lines)
    return [line for line in words if line.strip("─")]


def test_a_version_is_shown_with_its_values_and_where_they_come_from(folder):
    lines = shown(folder, "--input", "distance_km=8")
    assert lines[:4] == [
        "ride@1: Ride, per kilometre · 出行（按公里）",
        "A car's emission less the ride's own.",
        "credit · ride · CN · from 2025-01-01 · best before 2027-06-30 · as a whole derived",
        "at most 5 a day (illustrative): Enough.",
    ]
    assert "ef_car 0.2 0.16 to 0.22 kg/km derived 1" in lines
    assert "ef_ride 0.08 0.03 to 0.1 kg/km published 3" in lines
    assert "2 cars-2021 (A*): Cars. A ministry, 2021" in lines
    assert "3 rides (C): Rides. A newspaper" in lines


def test_an_example_is_worked_out_step_by_step(folder):
    lines = shown(folder, "--input", "distance_km=8")
    assert lines[lines.index("Example") :] == [
        "Example",
        "distance_km = 8 km",
        "baseline = distance_km * ef_car * g_per_kg",
        "= 8 * 0.2 * 1000 = 1600 g",
        "project = distance_km * ef_ride * g_per_kg",
        "= 8 * 0.08 * 1000 = 640 g",
        "reduction = baseline - project",
        "= 1600 - 640 = 960 g",
        "case reduction, g",
        "central 960",
        "low 480",  # 8 km x (0.16 - 0.1) kg/km
        "high 1520",  # 8 km x (0.22 - 0.03) kg/km
        "distance_km low 912",  # 7.6 km x 0.12 kg/km
        "distance_km high 1008",  # 8.4 km x 0.12 kg/km
        # 960 - 480 - 48 g and 960 + 560 + 48 g
        "960 g CO2e, from 432 to 1568 g; evidence grade 1",
    ]


def test_what_is_not_given_is_assumed_and_said_to_be(folder):
    lines = shown(folder)
    assert "distance_km = 0.1 km (not given; illustrative)" in lines
    assert lines[-1] == (
        # 0.1 km x 0.12, 0.06 and 0.19 kg/km
        "12 g CO2e, from 6 to 19 g; evidence grade 3, provisional without distance_km"
    )


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ("distanc_km=8", "--input distanc_km=...: is not an input. Did you mean `distance_km`?"),
        ("distance_km=101", "--input distance_km=...: must be from 0.1 to 100 km"),
        ("distance_km=far", "--input distance_km=...: must be a number"),
        ("distance_km", "--input distance_km=...: must be a number"),
    ],
)
def test_an_example_takes_what_an_event_may_bring(folder, given, refusal):
    assert folder.run("show", "ride@1", "--input", given) == (1, [refusal])


def test_a_version_that_is_not_there_is_said_to_be_so(folder):
    assert folder.run("show", "ride@2") == (1, ["There is no readable methodology ride@2."])
