"""Articles are published once, found by their words, and retired for everybody."""

from datetime import datetime
from typing import Any

import pytest

from shared.adapters.article_markdown import render
from shared.application.get_asset import get_asset
from shared.application.get_content import get_content
from shared.application.list_contents import ContentFilter, WordsByShelf, list_contents
from shared.application.ports import Write
from shared.application.publish_contents import ContentPublication, publish_contents
from shared.application.retire_contents import retire_contents
from shared.domain.article import ArticleKind
from shared.domain.errors import (
    AssetNotFoundError,
    BusyError,
    ContentNotFoundError,
    InvalidCursorError,
    InvalidRequestError,
)
from shared.runtime.wire_contents import DraftBody
from tests.support.articles import FIGURE, FIGURE_BYTES, GRID, METRO, an_article
from tests.support.builders import at
from tests.support.fakes import FakeAssets, FakeDocuments, Store, busy, no_pause

NOW = at("2026-11-10T12:00:00+08:00")


class WatchedDocuments(FakeDocuments):
    """Counts what is read, and has the trouble of the store with what is put."""

    reads = 0

    def get(self, *asked: Any) -> Any:
        self.reads += 1
        return super().get(*asked)

    def of_owner(self, *asked: Any, **how: Any) -> Any:
        self.reads += 1
        return super().of_owner(*asked, **how)

    def put(self, *writes: Write) -> None:
        if self.store.trouble:
            self.store.trouble.popleft()()
        super().put(*writes)
        if self.store.lost_replies:
            self.store.lost_replies -= 1
            raise BusyError


class Library:
    """Articles that were published, and every step in one call."""

    def __init__(self, *articles: Any) -> None:
        self.store = Store()
        self.documents = WatchedDocuments(self.store)
        self.assets = FakeAssets()
        self.remembered: WordsByShelf = {}
        if articles:
            self.publish(*articles)

    def publish(self, *articles: Any, now: datetime = NOW) -> ContentPublication:
        drafts = [DraftBody.model_validate(each).draft() for each in articles]
        return publish_contents(
            self.documents, self.assets, render, drafts, now=now, pause=no_pause
        )

    def retire(self, *ids: str) -> list[str]:
        return retire_contents(self.documents, ids, now=NOW, pause=no_pause)

    def page(
        self, language: str = "zh-Hans", limit: int = 50, cursor: str | None = None, **wanted: Any
    ) -> tuple[list[str], str | None]:
        found, after = list_contents(
            self.documents,
            ContentFilter(language, **wanted),
            limit=limit,
            cursor=cursor,
            now=NOW,
            remembered=self.remembered,
        )
        return [each.content_id for each in found], after

    def found(self, **wanted: Any) -> list[str]:
        return self.page(**wanted)[0]

    def read_count(self, **wanted: Any) -> int:
        before = self.documents.reads
        self.found(**wanted)
        return self.documents.reads - before


def test_articles_are_listed_newest_first_in_each_language():
    library = Library(METRO, GRID)
    assert library.found() == library.found(language="en") == ["grid", "metro"]


def test_the_same_again_changes_nothing():
    library = Library(METRO, GRID)
    before = dict(library.store.documents)
    done = library.publish(METRO, GRID)
    assert (done.published, done.unchanged) == ((), ("metro", "grid"))
    assert library.store.documents == before


def test_a_lost_answer_leaves_one_revision():
    library = Library(GRID)
    library.store.lost_replies = 1
    library.publish(METRO)
    assert get_content(library.documents, "metro", now=NOW).revision == 1
    assert library.found() == ["grid", "metro"]


def test_another_publication_in_between_loses_nothing():
    library = Library(GRID)
    library.store.trouble.append(lambda: library.publish(an_article("bus")))
    library.publish(METRO)
    assert sorted(library.found()) == ["bus", "grid", "metro"]


def test_one_flaw_keeps_every_article_back():
    library = Library()
    with pytest.raises(InvalidRequestError) as refusal:
        library.publish(GRID, {**METRO, "published_at": "2026-11-01T00:00:00Z"}, METRO)
    assert refusal.value.pointers == (("/contents/2/content_id", "is named once"),)
    assert not library.store.documents


def test_the_flaws_are_told_with_their_places_and_not_with_what_was_written():
    text = {**METRO["texts"]["en"], "markdown": "<b>secret</b> [a](content:rocket)"}
    with pytest.raises(InvalidRequestError) as refusal:
        Library().publish({**METRO, "texts": {**METRO["texts"], "en": text}})
    assert refusal.value.pointers == (
        ("/contents/0/texts/en/markdown", "line 1: has HTML"),
        ("/contents/0/texts/en/markdown", "cites no source"),
        ("/contents/0/texts/en/markdown", "has a link to an article that is not there"),
    )
    assert "secret" not in refusal.value.detail


def test_a_link_may_lead_to_what_stands_and_to_what_comes_with_it():
    with pytest.raises(InvalidRequestError, match="not there"):
        Library().publish(METRO)
    library = Library(GRID)
    assert library.publish(METRO).published == ("metro",)


def test_there_is_room_for_150_articles():
    library = Library(*(an_article(f"a-{each}") for each in range(150)))
    with pytest.raises(InvalidRequestError, match="at most 150"):
        library.publish(an_article("one-more"))
    assert library.publish(an_article("a-1", note="Revised")).published == ("a-1",)


# Lists


def test_a_page_costs_one_read():
    library = Library(METRO, GRID)
    assert library.read_count() == library.read_count(kind=ArticleKind.FOOTPRINT) == 1


def test_a_search_reads_the_words_once_until_the_shelf_changes():
    library = Library(METRO, GRID)
    assert [library.read_count(query="排放") for _ in range(3)] == [2, 1, 1]
    library.publish(an_article("bus"))
    assert library.read_count(query="示范") == 2
    assert library.found(query="示范") == ["bus"]


def test_a_chinese_word_is_found_inside_a_sentence_and_an_english_one_in_its_own_language():
    library = Library(METRO, GRID)
    assert library.found(query="地铁出行的减排量") == ["metro"]
    assert library.found(query="saves") == []
    assert library.found(language="en", query="SAVES") == ["metro"]


def test_filters_are_met_together():
    library = Library(METRO, GRID)
    assert library.found(kind=ArticleKind.FOOTPRINT) == ["metro"]
    assert library.found(tag="出行", query="排放") == ["metro"]
    assert library.found(tag="出行", kind=ArticleKind.HOW_TO) == []


def test_pages_follow_one_another_though_articles_come_and_go():
    library = Library(*(an_article(f"a-{each}") for each in range(5)))
    first, cursor = library.page(limit=2)
    library.retire("a-3")
    library.publish(an_article("newer", published_at="2026-11-09T00:00:00Z"))
    second, cursor = library.page(limit=2, cursor=cursor)
    third, end = library.page(limit=2, cursor=cursor)
    assert (first, second, third, end) == (["a-4", "a-3"], ["a-2", "a-1"], ["a-0"], None)


def test_a_cursor_belongs_to_its_filter():
    library = Library(METRO, GRID)
    _, cursor = library.page(limit=1)
    with pytest.raises(InvalidCursorError):
        library.page(limit=1, cursor=cursor, language="en")


def test_an_empty_library_has_an_empty_page():
    assert Library().page(query="排放") == ([], None)


# Retiring


def test_what_is_retired_is_neither_listed_nor_found_nor_read():
    library = Library(METRO, GRID)
    assert library.retire("metro") == ["metro"]
    assert library.found() == ["grid"]
    assert library.found(query="地铁") == []
    with pytest.raises(ContentNotFoundError):
        get_content(library.documents, "metro", now=NOW)
    assert library.retire("metro") == []


def test_a_retired_article_stays_so_until_it_is_revised():
    library = Library(METRO, GRID)
    library.retire("metro")
    assert library.publish(METRO).unchanged == ("metro",)
    assert library.found() == ["grid"]
    library.publish({**METRO, "note": "Revised"})
    assert library.found() == ["grid", "metro"]


def test_one_that_was_never_published_keeps_all():
    library = Library(GRID)
    with pytest.raises(ContentNotFoundError):
        library.retire("grid", "rocket")
    assert library.found() == ["grid"]


def test_a_store_that_stays_busy_is_told():
    library = Library(GRID)

    library.store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        library.publish(METRO)
    assert library.found() == ["grid"]


class TestPictures:
    """What an article shows is there, is what its name means, and is shown."""

    def shows(self, **changes: Any) -> Any:
        shown = "A bus[^ministry].\n\n![A figure](asset:figure.svg)"
        bus = an_article("bus", assets=[FIGURE], **changes)
        return {**bus, "texts": {**bus["texts"], "en": {**bus["texts"]["en"], "markdown": shown}}}

    def test_it_stands_in_the_text_in_its_size(self):
        library = Library()
        library.assets.pictures[FIGURE] = FIGURE_BYTES
        assert library.publish(self.shows()).published == ("bus",)
        html = get_content(library.documents, "bus", now=NOW).texts["en"].html
        assert f'src="/v1/assets/{FIGURE}" alt="A figure" width="64" height="32"' in html

    @pytest.mark.parametrize("data", [None, FIGURE_BYTES + b" "])
    def test_without_it_nothing_is_published(self, data):
        library = Library()
        if data:
            library.assets.pictures[FIGURE] = data
        with pytest.raises(InvalidRequestError) as refused:
            library.publish(GRID, self.shows())
        assert "/contents/1/assets/0" in dict(refused.value.pointers)
        assert library.store.documents == {}

    def test_it_is_named_once_and_shown(self):
        library = Library()
        library.assets.pictures[FIGURE] = FIGURE_BYTES
        with pytest.raises(InvalidRequestError) as refused:
            library.publish({**self.shows(), "assets": [FIGURE, FIGURE]})
        assert refused.value.pointers == (("/contents/0/assets/1", "is named once"),)
        with pytest.raises(InvalidRequestError) as refused:
            library.publish(an_article("bus", assets=[FIGURE]))
        assert refused.value.pointers == (("/contents/0/assets/0", "is shown in no text"),)


def test_a_picture_is_served_with_its_type():
    assets = FakeAssets(**{FIGURE: FIGURE_BYTES})
    found = get_asset(assets, FIGURE)
    assert (found.data, found.media_type) == (FIGURE_BYTES, "image/svg+xml")


@pytest.mark.parametrize("asset", ["figure.svg", "../" + FIGURE, FIGURE + "\n", ""])
def test_a_name_that_no_asset_has_is_not_looked_for(asset):
    assets = FakeAssets(**{FIGURE: FIGURE_BYTES})
    with pytest.raises(AssetNotFoundError):
        get_asset(assets, asset)
    assert assets.reads == []
