"""The operator's command for articles, and how they are read from files."""

from pathlib import Path
from typing import Any

import pytest

from infra import contents, operating
from infra.contents import main
from infra.local.places import DEFAULT_STATE
from infra.operating import RefusedError
from infra.seed.articles import read_assets, read_contents
from shared.domain.asset import ASSET_BYTES_MAX
from tests.support.articles import FIGURE, FIGURE_BYTES

TOML = """\
kind = "footprint"
tags = ["metro"]
published_at = 2026-11-05T08:00:00+08:00
note = "First published"

[zh-Hans]
title = "一次地铁出行"
summary = "说明。"

[en]
title = "A metro ride"
summary = "What it is."

[[source]]
key = "ministry"
title = "Grid factors"
publisher = "The ministry"
year = 2025
address = "https://example.org/factors"
grade = "A"
"""


def write(
    folder: Path, content_id: str = "metro", *, toml: str = TOML, en: str = "A[^ministry]."
) -> None:
    place = folder / content_id
    place.mkdir()
    (place / "content.toml").write_text(toml, "utf-8")
    (place / "zh-Hans.md").write_text("甲[^ministry]，见[电网](content:grid)。", "utf-8")
    (place / "en.md").write_text(en, "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "metro")
    write(tmp_path, "grid")
    return tmp_path


def no_picture(*_: Any) -> None:
    raise AssertionError("There is no picture to put.")


def refused(capsys: Any, *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    assert ended.value.code == 1
    return str(capsys.readouterr().err).strip()


def test_a_folder_is_read_as_it_is_published(folder):
    grid, metro = read_contents(folder)
    assert (grid["content_id"], metro["content_id"]) == ("grid", "metro")
    assert metro["published_at"] == "2026-11-05T08:00:00+08:00"
    assert metro["texts"]["en"] == {
        "title": "A metro ride",
        "summary": "What it is.",
        "markdown": "A[^ministry].",
    }
    assert [each["key"] for each in metro["sources"]] == ["ministry"]


def test_sound_articles_are_counted(folder, capsys):
    main(["check", str(folder)])
    assert capsys.readouterr().out == "sound: 2 articles\n"


def test_every_flaw_of_every_article_is_told(folder, capsys):
    write(folder, "a", en="<script>")
    write(folder, "b", toml=TOML.replace('"footprint"', '"poem"'))
    write(folder, "c", toml="= 1")
    write(folder, "d")
    (folder / "d" / "en.md").unlink()
    write(folder, "e", toml=TOML.replace("08:00:00+08:00", "08:00:00"))
    told = refused(capsys, "check", str(folder)).splitlines()
    assert sorted(line.removeprefix(f"{folder}/")[:30] for line in told) == [
        "a: /texts/en/markdown cites no",
        "a: /texts/en/markdown line 1: ",
        "b/content.toml: /kind Input sh",
        "c: Invalid statement (at line ",
        "d: [Errno 2] No such file or d",
        "e/content.toml: An instant is ",
    ]


def test_a_folder_without_articles_is_refused(tmp_path, capsys):
    assert "has from 1 to 50 folders" in refused(capsys, "check", str(tmp_path))


FIGURE_TEXT = "A[^ministry].\n\n![A figure](asset:figure.svg)"


def add_figure(folder: Path, file: str = "figure.svg", data: bytes = FIGURE_BYTES) -> None:
    (folder / "metro" / "assets").mkdir(exist_ok=True)
    (folder / "metro" / "assets" / file).write_bytes(data)
    (folder / "metro" / "en.md").write_text(FIGURE_TEXT, "utf-8")


def test_pictures_lie_beside_the_texts(folder):
    add_figure(folder)
    grid, metro = read_contents(folder)
    assert metro["assets"] == [FIGURE]
    assert "assets" not in grid
    assert read_assets(folder) == {FIGURE: FIGURE_BYTES}


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("figure.svg", b"<svg onload='a()'/>", "/assets/0 has an attribute that no drawing needs"),
        ("other.svg", FIGURE_BYTES, "/assets/1 is shown in no text"),
        ("other.png", FIGURE_BYTES, "/assets/1 is not a whole PNG"),
        ("other.svg", b" " * (ASSET_BYTES_MAX + 1), "/assets/1 has more than 300000 bytes"),
        ("other.gif", b"GIF89a", "metro/assets/other.gif is not named as a picture is"),
    ],
)
def test_a_flawed_picture_is_told(folder, capsys, file, data, reason):
    add_figure(folder)
    add_figure(folder, file, data)
    assert reason in refused(capsys, "check", str(folder))


def test_pictures_are_put_before_the_articles_are_published(folder, monkeypatch):
    add_figure(folder)
    done: list[Any] = []

    def function(event: Any) -> Any:
        done.append([each["content_id"] for each in event["contents"]])
        return {"published": [], "unchanged": []}

    monkeypatch.setattr(operating, "local", lambda *_: function)
    monkeypatch.setattr(contents, "asset_writer", lambda _: lambda *put: done.append(put))
    main(["publish", str(folder)])
    assert done == [(FIGURE, FIGURE_BYTES), ["grid", "metro"]]


def test_all_are_published_in_one_call(folder, monkeypatch, capsys):
    asked: list[Any] = []

    def function(event: Any) -> Any:
        asked.append(event)
        return {"published": ["grid"], "unchanged": ["metro"]}

    place = (DEFAULT_STATE, "publish_contents")
    monkeypatch.setattr(operating, "local", lambda *where: {place: function}[where])
    monkeypatch.setattr(contents, "asset_writer", lambda _: no_picture)
    main(["publish", str(folder)])
    assert asked == [{"contents": read_contents(folder)}]
    assert capsys.readouterr().out == "published: grid\nunchanged: metro\n"


def test_articles_are_retired_by_their_ids(monkeypatch, capsys):
    place = (DEFAULT_STATE, "retire_contents")

    def function(event: Any) -> Any:
        assert event == {"content_ids": ["metro", "grid"]}
        return {"retired": ["metro", "grid"], "unchanged": []}

    monkeypatch.setattr(operating, "local", lambda *where: {place: function}[where])
    main(["retire", "metro", "grid"])
    assert capsys.readouterr().out == "retired: metro, grid\nunchanged: none\n"


def test_a_refusal_is_shown_as_it_is(folder, monkeypatch, capsys):
    def function(_: Any) -> Any:
        raise RefusedError("carbon refused: [no]")

    monkeypatch.setattr(operating, "local", lambda *_: function)
    monkeypatch.setattr(contents, "asset_writer", lambda _: no_picture)
    assert refused(capsys, "publish", str(folder)) == "carbon refused: [no]"


def test_the_articles_that_a_stack_begins_with_are_sound():
    articles = read_contents()
    assert len(articles) >= 30
    shown = [asset for each in articles for asset in each.get("assets", [])]
    assert sorted(shown) == sorted(read_assets())
