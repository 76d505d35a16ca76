"""A released version never changes; what is added is locked, and compiled for the functions."""

import json
from datetime import date
from hashlib import sha256

import pytest

from infra.methodologies.__main__ import ROOT
from infra.methodologies.workshop import Workshop
from shared.domain.catalogue import Catalogue
from shared.domain.instants import parse_instant
from tests.support.workshop import RIDE, Folder

CHANGED = "ride@1.toml:1: ride@1 was released and has changed: release a new version instead."


@pytest.fixture
def folder(tmp_path, capsys):
    """Give a folder whose one version is released."""
    folder = Folder(tmp_path, capsys)
    assert folder.run("release") == (
        0,
        ["ride@1 begins on 2025-01-01", "released methodologies: 1"],
    )
    return folder


def test_what_is_released_is_sound(folder):
    assert folder.run("check") == (0, ["sound methodologies: 1"])


def test_the_lock_has_a_line_for_each_version_with_the_digest_of_its_document(folder):
    _, document = folder.read("catalogue.jsonl").splitlines()
    digest = sha256(document.encode()).hexdigest()
    assert folder.read("released.lock") == f"ride@1 {digest} 2025-01-01 -\n"


def test_the_document_is_the_file_with_numbers_as_text(folder):
    index, line = folder.read("catalogue.jsonl").splitlines()
    document = json.loads(line)
    assert document["inputs"] == [
        {
            "name": "distance_km",
            "unit": "km",
            "title": {"en": "Distance", "zh-Hans": "里程"},
            "minimum": "0.1",
            "maximum": "100",
            "decimals": 3,
            "uncertainty": "0.05",
            "uncertainty_label": "illustrative",
            "uncertainty_note": "Between stations.",
            "if_missing": {"value": "0.1", "label": "illustrative", "note": "The shortest."},
        }
    ]
    assert document["parameters"][1] == {
        "name": "ef_ride",
        "unit": "kg/km",
        "value": "0.08",
        "low": "0.03",
        "high": "0.1",
        "effect": "falls",
        "label": "published",
        "sources": ["rides"],
        "range_label": "illustrative",
        "range_note": "Other cities.",
    }
    assert document["effective_from"] == "2025-01-01"
    assert document["exclusive_with"] == []
    assert document["rounding"] == "down, once, to whole milligrams of CO2e"
    assert not {"effective_until", "traits", "results", "benchmarks"} & document.keys()
    assert json.loads(index)["versions"][0]["reference"] == "ride@1"


def test_the_functions_read_what_was_compiled(folder):
    catalogue = Catalogue.from_lines(folder.read("catalogue.jsonl"))
    ride = catalogue.in_force("ride", parse_instant("2026-11-24T08:00:00+08:00"))
    # 8 km x (0.2 - 0.08) kg/km = 0.96 kg
    assert ride.measure(ride.read_inputs({"distance_km": 8})).reduction_mg == 960_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = 0.08", "value = 0.09"),
        ('"Metered."', '"Metered!"'),
        ("effective_from = 2025-01-01", "effective_from = 2025-01-02"),
        ("count = 5", "count = 6"),
    ],
)
def test_a_released_version_never_changes(folder, old, new):
    lock, catalogue = folder.read("released.lock"), folder.read("catalogue.jsonl")
    folder.edit(old, new)
    assert folder.problems() == [CHANGED]
    assert folder.run("release") == (1, [CHANGED, "1 problem"])
    assert folder.run("compile") == (1, [CHANGED, "1 problem"])
    assert (folder.read("released.lock"), folder.read("catalogue.jsonl")) == (lock, catalogue)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = 0.08", "value = 0.080  # as it was"),
        ("maximum = 100", "maximum = 100.0"),
        ('use = "credit"\nscenario = "ride"', 'scenario = "ride"\nuse = "credit"'),
    ],
)
def test_the_same_facts_written_otherwise_are_no_change(folder, old, new):
    folder.edit(old, new)
    assert folder.run("check") == (0, ["sound methodologies: 1"])


def test_a_released_file_stays(folder):
    (folder.methodologies / "ride@1.toml").unlink()
    assert folder.problems() == [
        "released.lock:1: ride@1 was released, but its file is gone: put it back."
    ]


def test_a_successor_is_released_together_with_the_end_of_what_it_follows(folder):
    folder.succeed(begins="2027-01-01")
    folder.end("2027-01-01")
    assert folder.problems() == [
        "ride@1.toml:1: ride@1 ends on 2027-01-01: not released yet, run `make methodologies`.",
        "ride@2.toml:1: ride@2 begins on 2027-01-01: not released yet, run `make methodologies`.",
    ]
    was = folder.read("released.lock").removesuffix(" -\n")
    assert folder.run("release") == (
        0,
        [
            "ride@1 ends on 2027-01-01",
            "ride@2 begins on 2027-01-01",
            "released methodologies: 2",
        ],
    )
    first, second = folder.read("released.lock").splitlines()
    assert first == f"{was} 2027-01-01"
    assert second.startswith("ride@2 ")
    assert second.endswith(" 2027-01-01 -")
    assert folder.run("check") == (0, ["sound methodologies: 2"])


@pytest.mark.parametrize("until", ["2027-01-01", None])
def test_an_end_that_was_released_stays(folder, until):
    folder.succeed(begins="2027-01-01")
    folder.end("2027-01-01")
    folder.run("release")
    folder.edit("effective_until = 2027-01-01\n", "effective_until = 2028-01-01\n")
    if until is None:
        folder.edit("effective_until = 2028-01-01\n", "")
    assert "ride@1.toml:1: ride@1 was released to end on 2027-01-01: that stays." in (
        folder.problems()
    )


def test_what_is_not_sound_is_not_released(folder):
    folder.succeed(begins="2027-01-01")
    code, (problem, _) = folder.run("release")
    assert code == 1
    assert problem.startswith("ride@1.toml:6: It has no end, but ride@2 begins on 2027-01-01")
    assert "ride@2" not in folder.read("released.lock") + folder.read("catalogue.jsonl")


def test_a_catalogue_that_is_not_what_the_files_say_is_found_and_compiled_anew(folder):
    path = folder.methodologies / "catalogue.jsonl"
    compiled = path.read_text("utf-8")
    path.write_text(compiled.replace('"0.08"', '"0.01"'), "utf-8")
    assert folder.problems() == [
        "catalogue.jsonl:1: It is not what the files say: run `make methodologies`."
    ]
    assert folder.run("compile") == (0, ["compiled methodologies: 1"])
    assert path.read_text("utf-8") == compiled
    path.unlink()
    assert folder.run("check")[0] == 1


def test_what_is_not_released_is_not_compiled(folder):
    folder.write(RIDE.replace('id = "ride"', 'id = "town"').replace("credit", "comparison"),
                 "town@1.toml")  # fmt: skip
    code, (problem, _) = folder.run("compile")
    assert (code, problem) == (
        1,
        "town@1.toml:1: town@1 begins on 2025-01-01: not released yet, run `make methodologies`.",
    )
    assert "town" not in folder.read("catalogue.jsonl")


@pytest.mark.parametrize(
    "line",
    ["ride@2", "ride@2 0 2025-01-01 -", f"ride@2 {'0' * 64} 2025-13-01 -", "", "ride@1 again"],
)
def test_a_line_of_the_lock_that_is_none_is_named(folder, line):
    path = folder.methodologies / "released.lock"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    assert folder.problems() == [
        f"released.lock:2: This is not a release, or one for the second time: {line}"
    ]


def test_every_shipped_methodology_is_sound_released_and_compiled():
    shared = ROOT / "shared"
    # A day that never comes too late for `best_before`: `make check` warns by the calendar.
    shipped = Workshop.open(shared / "methodologies", shared / "notices", date(2026, 1, 1))
    assert shipped.methodologies
    assert shipped.problems == ()
    assert shipped.unreleased == ()
    assert shipped.drift == ()
