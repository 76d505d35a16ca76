import pytest

from shared.adapters.catalogue import NOTICES, catalogue, notices, parse_notice
from shared.domain.errors import CatalogueError

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


def test_every_scenario_has_one_methodology_and_one_notice():
    assert catalogue().scenarios == tuple(sorted(notices())) == (
        "bus", "digital-card", "e-statement", "metro", "online-bill-payment", "shared-bike",
    )  # fmt: skip


def test_a_notice_tells_title_purpose_and_rights_in_both_languages():
    for notice in notices().values():
        for language in ("en", "zh-Hans"):
            assert set(notice.texts[language]) == {"title", "purpose", "rights"}
            assert all(text.strip() for text in notice.texts[language].values())


def test_a_notice_names_what_is_kept_and_nothing_else():
    inputs = {
        each.scenario: {one.name for one in each.inputs} for each in catalogue().methodologies
    }
    for scenario, notice in notices().items():
        assert set(notice.data_categories) == {"event_id", "occurred_at"} | inputs[scenario]


def test_a_shipped_notice_is_read_from_its_file():
    assert len(list(NOTICES.glob("*.toml"))) == 6


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
