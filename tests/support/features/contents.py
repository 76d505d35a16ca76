"""Contents: the articles they add to the town, their payloads, and what is expected of them.

`metro` and `grid` are shown, `metro` in its second revision. `later` is published tomorrow, `over`
retired by itself yesterday, and `gone` by an operator.
"""

from typing import Any

from shared.domain.asset import ASSET_BYTES_MAX, asset_name
from tests.support.articles import FIGURE, FIGURE_BYTES, GRID, METRO, an_article
from tests.support.builders import at
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features.expectations import Expectations

FIRST_METRO = {**METRO, "note": "First published"}
LATER = an_article("later", published_at="2026-11-11T04:00:00Z")
OVER = an_article("over", retires_at="2026-11-09T04:00:00Z")
GONE = an_article("gone")


def publish(*articles: Any) -> Any:
    return load("publish_contents").handler({"contents": list(articles)}, context())


# What somebody put there past the publication, and what its name does not mean.
FALSE_FIGURE = "false." + "0" * 32 + ".svg"
HUGE_FIGURE = "huge." + "0" * 32 + ".svg"
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>a()</script></svg>'
SCRIPT_FIGURE = asset_name("script.svg", SCRIPT)


def build(cloud: Cloud, time: Any) -> None:
    """Add the articles and the pictures."""
    cloud.put_asset(FIGURE, FIGURE_BYTES)
    cloud.put_asset(FALSE_FIGURE, FIGURE_BYTES)
    cloud.put_asset(HUGE_FIGURE, b" " * (ASSET_BYTES_MAX + 1))
    cloud.put_asset(SCRIPT_FIGURE, SCRIPT)
    time.now = at("2026-11-01T12:00:00+08:00")
    publish(FIRST_METRO, GRID, LATER, OVER, GONE)
    load("retire_contents").handler({"content_ids": ["gone"]}, context())
    time.now = NOW
    publish(METRO)


def _with(article: dict[str, Any], **markdown: str) -> dict[str, Any]:
    """Return the article with another text in a language: `en` or `zh`."""
    names = {"zh": "zh-Hans"}
    texts = {
        names.get(name, name): {**article["texts"][names.get(name, name)], "markdown": text}
        for name, text in markdown.items()
    }
    return {**article, "texts": {**article["texts"], **texts}}


def _shows(article: dict[str, Any], file: str) -> dict[str, Any]:
    return _with(article, en=f"A bus [^ministry].\n\n![A bus](asset:{file})")


def _reading() -> dict[str, Any]:
    from tests.support.payloads import http

    def every(**query: str) -> dict[str, Any]:
        return http("list_contents", query=query)

    def one(content_id: str, **query: str) -> dict[str, Any]:
        return http("get_content", path={"content_id": content_id}, query=query)

    def asset(name: str, **headers: str) -> dict[str, Any]:
        return http("get_asset", path={"asset": name}, headers=headers)

    return {
        "get_asset/found.200": asset(FIGURE),
        "get_asset/never_put.404": asset("figure." + "0" * 32 + ".svg"),
        "get_asset/without_digest.404": asset("figure.svg"),
        "get_asset/other_ending.404": asset(FIGURE.replace(".svg", ".html")),
        "get_asset/escaped_path.404": asset("..%2F..%2Fadmin"),
        "get_asset/larger_than_any.404": asset(HUGE_FIGURE),
        "get_asset/name_of_3000_characters.404": asset("c" * 3000),
        "list_contents/listed.200": every(),
        "list_contents/in_english.200": every(language="en"),
        "list_contents/first_page.200": every(limit="1"),
        "list_contents/of_a_kind.200": every(kind="footprint"),
        "list_contents/with_a_tag.200": every(tag="metro"),
        "list_contents/word_inside_a_sentence.200": every(q="排放因子"),
        "list_contents/word_that_nobody_wrote.200": every(q="火箭"),
        "list_contents/retired_is_not_found.200": every(q="gone", language="en"),
        "list_contents/unknown_kind.422": every(kind="poem"),
        "list_contents/unknown_language.422": every(language="fr"),
        "list_contents/empty_query.422": every(q=""),
        "list_contents/query_of_101_characters.422": every(q="碳" * 101),
        "list_contents/limit_zero.422": every(limit="0"),
        "list_contents/limit_of_a_billion.422": every(limit="1000000000"),
        "list_contents/unknown_parameter.422": every(draft="true"),
        "list_contents/forged_cursor.400": every(cursor="AAAAAAAAAAAAAAAAAAAA"),
        "get_content/found.200": one("metro"),
        "get_content/in_english.200": one("metro", language="en"),
        "get_content/never_published.404": one("rocket"),
        "get_content/not_yet_published.404": one("later"),
        "get_content/retired_by_itself.404": one("over"),
        "get_content/retired.404": one("gone"),
        "get_content/escaped_path.404": one("..%2F..%2Fadmin"),
        "get_content/id_of_3000_characters.404": one("c" * 3000),
        "get_content/unknown_language.422": one("metro", language="fr"),
        "get_content/unknown_parameter.422": one("metro", revision="1"),
    }


def _publishing() -> dict[str, Any]:
    def event(*articles: Any, **more: Any) -> dict[str, Any]:
        return {"contents": list(articles), **more}

    new = an_article("bus")
    half = {"en": new["texts"]["en"]}
    [source, *_] = new["sources"]
    cited = "A bus [^ministry]."
    return {
        "new.ok": event(new),
        "published_before.ok": event(METRO, GRID),
        "revised.ok": event(_with(GRID, en=f"{cited} Anew.")),
        "retired_before_and_the_same.ok": event(GONE),
        "retired_before_and_revised.ok": event(_with(GONE, en=f"{cited} Anew.")),
        "with_a_picture.ok": event({**_shows(new, "figure.svg"), "assets": [FIGURE]}),
        "picture_that_is_not_there.refused": event(
            {**_shows(new, "figure.svg"), "assets": ["figure." + "0" * 32 + ".svg"]}
        ),
        "picture_with_another_digest.refused": event(
            {**_shows(new, "false.svg"), "assets": [FALSE_FIGURE]}
        ),
        "picture_with_a_script.refused": event(
            {**_shows(new, "script.svg"), "assets": [SCRIPT_FIGURE]}
        ),
        "picture_that_is_not_shown.refused": event({**new, "assets": [FIGURE]}),
        "script.refused": event(_with(new, en=f"{cited}\n\n<script>alert(1)</script>")),
        "html_in_a_line.refused": event(_with(new, en=f"{cited} <b onclick='a()'>Bold</b>")),
        "javascript_link.refused": event(_with(new, en=f"{cited} [a](javascript:alert%281%29)")),
        "http_link.refused": event(_with(new, zh=f"{cited} [a](http://example.com)")),
        "link_to_no_article.refused": event(_with(new, en=f"{cited} [a](content:rocket)")),
        "picture.refused": event(_with(new, en=f"{cited} ![a](asset:a.png)")),
        "level_1_heading.refused": event(_with(new, en=f"# Title\n\n{cited}")),
        "cites_nothing.refused": event(_with(new, en="A bus.")),
        "cites_what_is_not_listed.refused": event(_with(new, en="A bus [^rumour].")),
        "source_that_is_not_cited.refused": event(
            {**new, "sources": [source, {**source, "key": "other"}]}
        ),
        "source_named_twice.refused": event({**new, "sources": [source, source]}),
        "without_sources.refused": event({**new, "sources": []}),
        "source_without_https.refused": event(
            {**new, "sources": [{**source, "address": "javascript:alert(1)"}]}
        ),
        "named_twice.refused": event(new, new),
        "in_one_language.refused": event({**new, "texts": half}),
        "retires_before_it_begins.refused": event({**new, "retires_at": "2025-01-01T00:00:00Z"}),
        "no_such_instant.refused": event({**new, "published_at": "2026-02-30T00:00:00Z"}),
        "unknown_kind.refused": event({**new, "kind": "poem"}),
        "none.refused": event(),
        "fifty_one.refused": event(*(an_article(f"a-{each}") for each in range(51))),
        "misspelt.refused": event(new, aply=True),
    }


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return {
        **_reading(),
        **{f"publish_contents/{case}": each for case, each in _publishing().items()},
        "retire_contents/retired.ok": {"content_ids": ["metro"]},
        "retire_contents/retired_before.ok": {"content_ids": ["gone", "over"]},
        "retire_contents/one_was_never_published.refused": {"content_ids": ["metro", "rocket"]},
        "retire_contents/none.refused": {"content_ids": []},
        "retire_contents/misspelt.refused": {"content_ids": ["metro"], "aply": True},
    }


EXPECTED = Expectations(
    codes={
        **{
            f"publish_contents/{case}": "invalid_request"
            for case in (
                "picture_that_is_not_there.refused",
                "picture_with_another_digest.refused",
                "picture_with_a_script.refused",
                "picture_that_is_not_shown.refused",
                "script.refused",
                "html_in_a_line.refused",
                "javascript_link.refused",
                "http_link.refused",
                "link_to_no_article.refused",
                "picture.refused",
                "level_1_heading.refused",
                "cites_nothing.refused",
                "cites_what_is_not_listed.refused",
                "source_that_is_not_cited.refused",
                "source_named_twice.refused",
                "without_sources.refused",
                "source_without_https.refused",
                "named_twice.refused",
                "in_one_language.refused",
                "retires_before_it_begins.refused",
                "no_such_instant.refused",
                "unknown_kind.refused",
                "none.refused",
                "fifty_one.refused",
                "misspelt.refused",
            )
        },
        "retire_contents/one_was_never_published.refused": "content_not_found",
        "retire_contents/none.refused": "invalid_request",
        "retire_contents/misspelt.refused": "invalid_request",
        **{
            f"list_contents/{case}.422": "invalid_request"
            for case in (
                "unknown_kind",
                "unknown_language",
                "empty_query",
                "query_of_101_characters",
                "limit_zero",
                "limit_of_a_billion",
                "unknown_parameter",
            )
        },
        **{
            f"get_asset/{case}.404": "asset_not_found"
            for case in (
                "never_put",
                "without_digest",
                "other_ending",
                "escaped_path",
                "larger_than_any",
                "name_of_3000_characters",
            )
        },
        "get_content/unknown_language.422": "invalid_request",
        "get_content/unknown_parameter.422": "invalid_request",
        **{
            f"get_content/{case}.404": "content_not_found"
            for case in (
                "never_published",
                "not_yet_published",
                "retired_by_itself",
                "retired",
                "escaped_path",
                "id_of_3000_characters",
            )
        },
    },
    # An article, and its words in two languages; the shelves are there.
    growth={
        "publish_contents/new.ok": {"DocumentsTable": 3},
        "publish_contents/with_a_picture.ok": {"DocumentsTable": 3},
    },
    answers={
        "list_contents/listed.200": {
            "contents": [
                {
                    "content_id": "grid",
                    "kind": "how-to",
                    "language": "zh-Hans",
                    "title": "电网排放因子是什么",
                    "summary": "一度电的排放从哪里来。",
                    "tags": ["grid"],
                    "published_at": "2026-11-06T00:00:00.000Z",
                    "revision": 1,
                },
                {
                    "content_id": "metro",
                    "kind": "footprint",
                    "language": "zh-Hans",
                    "title": "一次地铁出行",
                    "summary": "各平台的数字为何不同。",
                    "tags": ["metro", "出行"],
                    "published_at": "2026-11-05T00:00:00.000Z",
                    "revision": 2,
                },
            ]
        },
        "list_contents/word_that_nobody_wrote.200": {"contents": []},
        "list_contents/retired_is_not_found.200": {"contents": []},
        "get_content/found.200": {
            "content_id": "metro",
            "language": "zh-Hans",
            "languages": ["zh-Hans", "en"],
            "html": (
                "<p>一次地铁出行的<strong>减排量</strong>取决于排放因子"
                '<sup data-source="1">[1]</sup>。</p>\n'
            ),
            "revision": 2,
            "revisions": [
                {
                    "revision": 1,
                    "published_at": "2026-11-05T00:00:00.000Z",
                    "note": "First published",
                },
                {
                    "revision": 2,
                    "published_at": "2026-11-10T04:00:00.000Z",
                    "note": "The range is explained",
                },
            ],
            "sources": [
                {
                    "title": "Grid factors of 2023",
                    "publisher": "The ministry",
                    "year": 2025,
                    "address": "https://example.org/factors",
                    "grade": "A",
                }
            ],
        },
    },
    reports={
        "publish_contents/with_a_picture.ok": {"published": ["bus"], "unchanged": []},
        "publish_contents/new.ok": {"published": ["bus"], "unchanged": []},
        "publish_contents/published_before.ok": {"published": [], "unchanged": ["metro", "grid"]},
        "publish_contents/revised.ok": {"published": ["grid"], "unchanged": []},
        "publish_contents/retired_before_and_the_same.ok": {
            "published": [],
            "unchanged": ["gone"],
        },
        "publish_contents/retired_before_and_revised.ok": {"published": ["gone"]},
        "retire_contents/retired.ok": {"retired": ["metro"], "unchanged": []},
        "retire_contents/retired_before.ok": {"retired": [], "unchanged": ["gone", "over"]},
    },
)
