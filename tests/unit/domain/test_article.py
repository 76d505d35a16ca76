"""Articles: when they are shown, how they are revised, and how their words are found."""

import pytest

from shared.domain.article import Article, ArticleKind, ArticleText, ArticleWords, Shelf, folded
from shared.domain.article import terms_of as terms
from tests.support.builders import at

FIRST, LAST = at("2026-11-05T08:00:00+08:00"), at("2026-11-20T08:00:00+08:00")
NOW = at("2026-11-10T12:00:00+08:00")


def an_article(content_id: str = "metro", **changes) -> Article:
    text = ArticleText("Metro", "A ride.", "A ride.", "<p>A ride.</p>")
    facts = {
        "kind": ArticleKind.HOW_TO,
        "tags": (),
        "texts": {"zh-Hans": text, "en": text},
        "sources": (),
        "published_at": FIRST,
        "note": "first",
    }
    return Article(content_id, **{**facts, **changes})


def test_an_article_is_shown_from_its_first_instant_until_just_before_its_last():
    article = an_article(retires_at=LAST)
    shown = [
        article.is_shown(at(each))
        for each in (
            "2026-11-05T07:59:59.999+08:00",
            "2026-11-05T08:00:00+08:00",
            "2026-11-20T07:59:59.999+08:00",
            "2026-11-20T08:00:00+08:00",
        )
    ]
    assert shown == [False, True, True, False]


def test_an_operator_retires_before_the_time_and_never_after_it():
    assert an_article(retires_at=LAST).retired(NOW).ends_at == NOW
    assert an_article(retires_at=NOW).retired(LAST).ends_at == NOW


def test_a_revision_adds_to_the_history_and_is_shown_again():
    first = an_article().revised(None, NOW)
    second = an_article(note="second").revised(first.retired(NOW), LAST)
    assert [(each.number, each.published_at, each.note) for each in second.revisions] == [
        (1, FIRST, "first"),
        (2, LAST, "second"),
    ]
    assert (second.version, second.ends_at) == (3, None)


def test_of_a_long_history_the_newest_fifty_are_kept():
    article = an_article().revised(None, NOW)
    for _ in range(59):
        article = an_article().revised(article, NOW)
    assert [each.number for each in article.revisions] == list(range(11, 61))


def test_the_same_content_is_the_same_whatever_became_of_it():
    standing = an_article().revised(None, NOW).retired(NOW)
    assert standing.same_content(an_article())
    assert not standing.same_content(an_article(note="another"))


def test_a_shelf_is_newest_first_and_has_each_article_once():
    shelf = Shelf("en").with_articles(
        [an_article("a"), an_article("b", published_at=NOW), an_article("c")]
    )
    shelf = shelf.with_articles([an_article("a", published_at=LAST)])
    assert [each.content_id for each in shelf.summaries] == ["a", "b", "c"]
    assert shelf.version == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"retires_at": FIRST},
        {"texts": {"en": ArticleText("a", "b", "c", "d")}},
        {"texts": dict.fromkeys(("en", "zh-Hans"), ArticleText("a", "b", "碳" * 50_001, ""))},
    ],
    ids=["ends as it begins", "one language", "too long"],
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(ValueError, match="An article"):
        an_article(**changes)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("排放因子", True),
        ("放因", True),
        ("地铁 排放", True),
        ("排放 火箭", False),
        ("ＣＯ２", True),
        ("co2", True),
        ("called", True),
        ("call", True),
        ("led", False),
        ("100", True),
        ("00", False),
        ("100%", True),
        ("a.c", False),
    ],
)
def test_words_are_found(query, is_found):
    text = folded("一次地铁出行的排放因子，每度 CO₂ 100% Called abc")
    assert ArticleWords("zh-Hans", "metro", text).has(terms(query)) == is_found


def test_a_query_has_eight_different_words_at_most():
    assert terms("  A a Ｂ 3 4 5 6 7 8 9") == ("a", "b", "3", "4", "5", "6", "7", "8")
