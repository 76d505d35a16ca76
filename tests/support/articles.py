"""Articles as they are published."""

from typing import Any

MINISTRY = {
    "key": "ministry",
    "title": "Grid factors of 2023",
    "publisher": "The ministry",
    "year": 2025,
    "address": "https://example.org/factors",
    "grade": "A",
}


def text(title: str, summary: str, markdown: str) -> dict[str, str]:
    return {"title": title, "summary": summary, "markdown": markdown}


def an_article(content_id: str, **changes: Any) -> dict[str, Any]:
    """Return an article of one sentence in each language."""
    facts: dict[str, Any] = {
        "content_id": content_id,
        "kind": "how-to",
        "tags": [],
        "published_at": "2026-11-01T00:00:00Z",
        "note": "First published",
        "texts": {
            "en": text(content_id.title(), "What it is.", f"About {content_id} [^ministry]."),
            "zh-Hans": text("示范文章", "说明。", "示范[^ministry]。"),
        },
        "sources": [MINISTRY],
    }
    return {**facts, **changes}


FIGURE_BYTES = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"><path d="M0 0h64v32z"/></svg>'
)
FIGURE = "figure.a9403847cc5ac2e9110173e6006b67cd.svg"
METRO = an_article(
    "metro",
    kind="footprint",
    tags=["metro", "出行"],
    published_at="2026-11-05T08:00:00+08:00",
    note="The range is explained",
    texts={
        "en": text(
            "A metro ride",
            "Why platforms disagree.",
            "What a ride **saves** hangs on the factor [^ministry], as [the grid](content:grid).",
        ),
        "zh-Hans": text(
            "一次地铁出行",
            "各平台的数字为何不同。",
            "一次地铁出行的**减排量**取决于排放因子[^ministry]。",
        ),
    },
)
GRID = an_article(
    "grid",
    tags=["grid"],
    published_at="2026-11-06T08:00:00+08:00",
    texts={
        "en": text("What the grid factor is", "Where emissions are from.", "It [^ministry]."),
        "zh-Hans": text(
            "电网排放因子是什么", "一度电的排放从哪里来。", "每一度电都有排放[^ministry]。"
        ),
    },
)
