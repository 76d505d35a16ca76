import pytest

from shared.adapters.catalogue import CATALOGUE, catalogue, notices, parse_notice
from shared.domain.catalogue import Catalogue
from shared.domain.errors import CatalogueError
from shared.domain.methodology import Use
from shared.domain.partner import THE_PLATFORM

NOTICE = """
scenario = "walk"
version = "2025-01"
data_categories = ["event_id"]
retention = "P3Y"
[texts.en]
title = "Walks"
[texts.zh-Hans]
title = "步行"
"""


def test_the_shipped_index_says_of_every_version_what_its_document_says():
    known = catalogue()
    documents = [known.named(reference) for reference in known.versions]
    assert Catalogue.of(documents).versions == known.versions


def test_the_shipped_catalogue_could_not_have_been_written_in_another_way():
    text = CATALOGUE.read_text("utf-8")
    known = Catalogue.from_lines(text)
    assert Catalogue.of(known.named(each) for each in known.versions).to_lines() == text


def test_every_scenario_that_is_credited_has_a_notice_and_so_has_what_the_platform_asks_for():
    assert {*catalogue().scenarios, *THE_PLATFORM.scenarios} == {*notices()}
    assert not {*catalogue().scenarios} & {*THE_PLATFORM.scenarios}


def test_a_notice_tells_title_purpose_and_rights_in_both_languages():
    for notice in notices().values():
        for language in ("en", "zh-Hans"):
            assert set(notice.texts[language]) == {"title", "purpose", "rights"}
            assert all(text.strip() for text in notice.texts[language].values())


def test_a_notice_names_what_is_kept_and_nothing_else():
    known = [catalogue().named(reference) for reference in catalogue().versions]
    inputs: dict[str, set[str]] = {}
    for each in known:
        if each.use is Use.CREDIT:
            inputs.setdefault(each.scenario, set()).update(one.name for one in each.inputs)
    for scenario in catalogue().scenarios:
        notice = notices()[scenario]
        assert set(notice.data_categories) == {"event_id", "occurred_at"} | inputs[scenario]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('scenario = "walk"', "scenario = "),
        ('scenario = "walk"', 'scenario = "run"'),
        ('version = "2025-01"', 'version = "2025-02"'),
        ('version = "2025-01"', 'version = "2025#01"'),
        ('retention = "P3Y"', ""),
        ("[texts.zh-Hans]", "[texts.fr]"),
    ],
)
def test_a_broken_notice_is_named(old, new):
    with pytest.raises(CatalogueError, match=r"walk@2025-01\.toml"):
        parse_notice(NOTICE.replace(old, new), "walk@2025-01.toml")


def test_a_notice_is_read():
    assert parse_notice(NOTICE, "walk@2025-01.toml").texts["zh-Hans"] == {"title": "步行"}
