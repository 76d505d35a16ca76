"""Which version is in force, which are for comparison, and how the compiled catalogue is read."""

import hashlib
import json
from itertools import count
from typing import Any

import pytest

from shared.domain.catalogue import Catalogue
from shared.domain.errors import CatalogueError, MethodologyNotFoundError, NoMethodologyError
from shared.domain.measurement import Label
from shared.domain.methodology import Methodology, Use
from tests.support.builders import OCCURRED_AT, at
from tests.support.rules import a_rule, a_rule_per_trip

OLD = a_rule(effective_until="2026-11-10")
NEW = a_rule(version="2026.1", effective_from="2026-11-10")
AWARD = a_rule_per_trip("metro-award")
CITY = a_rule_per_trip("metro-city")
BUS = a_rule("bus-distance", scenario="bus")
CATALOGUE = Catalogue.of([CITY, NEW, BUS, AWARD, OLD])


def test_a_version_ends_where_the_next_begins():
    before, after = at("2026-11-09T23:59:59.999+08:00"), at("2026-11-10T00:00:00.000+08:00")
    assert CATALOGUE.in_force("metro", before).reference == "metro-distance@2025.1"
    assert CATALOGUE.in_force("metro", after).reference == "metro-distance@2026.1"


@pytest.mark.parametrize(
    ("scenario", "instant"),
    [
        ("metro", "2024-12-31T23:59:59.999+08:00"),
        ("rocket", "2026-11-09T12:00:00+08:00"),
        # In UTC+8 it is a day that no calendar has.
        ("metro", "9999-12-31T23:59:59+00:00"),
    ],
    ids=["before every version", "unknown scenario", "the calendar's last second"],
)
def test_where_no_version_is_in_force_nothing_is_measured(scenario, instant):
    with pytest.raises(NoMethodologyError):
        CATALOGUE.in_force(scenario, at(instant))


def test_what_is_for_comparison_never_credits():
    only_compared = Catalogue.of([CITY])
    assert only_compared.scenarios == ()
    with pytest.raises(NoMethodologyError):
        only_compared.in_force("metro", OCCURRED_AT)
    assert only_compared.in_force("metro", OCCURRED_AT, Use.COMPARISON).reference == CITY.reference


def test_the_rules_to_compare_with_are_those_of_the_scenario_by_name():
    assert [each.reference for each in CATALOGUE.comparisons("metro")] == [
        "metro-award@2025.1",
        "metro-city@2025.1",
    ]
    assert CATALOGUE.comparisons("bus") == ()


def test_the_scenarios_are_those_that_are_credited():
    assert CATALOGUE.scenarios == ("bus", "metro")


def test_any_version_is_found_by_its_name_for_ever():
    assert CATALOGUE.named("metro-distance@2025.1") == OLD
    assert CATALOGUE.get("metro-distance", "2026.1") == NEW
    assert CATALOGUE.named("metro-city@2025.1") == CITY


@pytest.mark.parametrize("reference", ["metro-distance@2027.1", "metro", "", "@", "metro-distance"])
def test_what_was_never_released_is_not_found(reference):
    with pytest.raises(MethodologyNotFoundError):
        CATALOGUE.named(reference)


def test_the_index_says_of_each_version_what_its_document_says():
    version = CATALOGUE.versions["metro-distance@2025.1"]
    assert (version.use, version.scenario) == (Use.CREDIT, "metro")
    assert (version.effective_from, version.effective_until) == (
        OLD.effective_from,
        OLD.effective_until,
    )
    assert (version.digest, version.label, version.title) == (
        OLD.digest,
        Label.DERIVED,
        {"en": "Metro ride", "zh-Hans": "地铁出行"},
    )


def test_a_catalogues_digest_can_be_recomputed_from_the_list_of_its_versions():
    text = (
        f'{{"bus-distance@2025.1":{{"digest":"{BUS.digest}","effective_until":null}},'
        f'"metro-distance@2025.1":{{"digest":"{OLD.digest}","effective_until":"2026-11-10"}}}}'
    )
    assert Catalogue.of([OLD, BUS]).digest == hashlib.sha256(text.encode()).hexdigest()


def test_another_version_or_another_end_is_another_catalogue():
    endless = a_rule()
    assert endless.digest == OLD.digest
    digests = [Catalogue.of(each).digest for each in ([], [OLD], [endless], [OLD, NEW])]
    assert len(set(digests)) == 4


def test_versions_are_in_the_order_of_use_scenario_day_and_name():
    assert list(CATALOGUE.versions) == [
        "metro-award@2025.1",
        "metro-city@2025.1",
        "bus-distance@2025.1",
        "metro-distance@2025.1",
        "metro-distance@2026.1",
    ]


# The compiled catalogue

COMPILED = CATALOGUE.to_lines()


def test_a_compiled_catalogue_is_read_as_it_was_written():
    read = Catalogue.from_lines(COMPILED)
    assert read.versions == CATALOGUE.versions
    assert [read.named(each) for each in read.versions] == [
        CATALOGUE.named(each) for each in CATALOGUE.versions
    ]
    assert read.to_lines() == COMPILED


def test_the_first_line_is_the_index_and_one_document_follows_for_each_version():
    index, *documents = COMPILED.splitlines()
    references = [each["reference"] for each in json.loads(index)["versions"]]
    assert references == list(CATALOGUE.versions)
    assert [Methodology.from_document(json.loads(each)).reference for each in documents] == (
        references
    )


def test_a_line_separator_in_a_text_does_not_end_the_line():
    rule = a_rule(summary={"en": "One\u2028two\u0085three.", "zh-Hans": "一二三。"})
    read = Catalogue.from_lines(Catalogue.of([rule]).to_lines())
    assert read.named(rule.reference).document["summary"]["en"] == "One\u2028two\u0085three."


def test_a_document_is_only_read_when_it_is_asked_for_and_only_once():
    index, *documents = COMPILED.splitlines()
    documents[0] = "{}"
    read = Catalogue.from_lines("\n".join([index, *documents]))
    assert read.in_force("bus", OCCURRED_AT) is read.named("bus-distance@2025.1")
    with pytest.raises(CatalogueError):
        read.named("metro-award@2025.1")


def with_version(**changes: Any) -> str:
    """Return a catalogue of one version whose index says something else."""
    index, document = Catalogue.of([BUS]).to_lines().splitlines()
    [version] = json.loads(index)["versions"]
    changed = {key: value for key, value in {**version, **changes}.items() if value is not ...}
    return f"{json.dumps({'versions': [changed]})}\n{document}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "{",
        "{}",
        "[]",
        "null",
        '{"versions":7}',
        '{"versions":[7]}',
        COMPILED + "{}\n",
        COMPILED.rsplit("\n", 2)[0],
        with_version(reference=...),
        with_version(use="gift"),
        with_version(effective_from="soon"),
        with_version(label="sure"),
        with_version(title="Bus"),
        with_version(effective_until=...),
    ],
    ids=count(),
)
def test_anything_else_is_a_broken_catalogue(text):
    with pytest.raises(CatalogueError, match="The compiled catalogue is broken"):
        Catalogue.from_lines(text)


def test_a_version_that_stands_twice_is_a_broken_catalogue():
    index, *documents = COMPILED.splitlines()
    versions = json.loads(index)["versions"]
    versions[1] = versions[0]
    with pytest.raises(CatalogueError):
        Catalogue.from_lines("\n".join([json.dumps({"versions": versions}), *documents]))
