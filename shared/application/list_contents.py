"""List articles, newest first, a page at a time."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.application import cursors
from shared.application.ports import Documents
from shared.domain.article import (
    ARTICLES_MAX,
    CATALOGUE,
    ArticleKind,
    ArticleWords,
    Shelf,
    Summary,
    terms_of,
)
from shared.domain.canonical import digest
from shared.domain.instants import format_instant

CONTENTS_PER_PAGE_MAX = 50

WordsByShelf = MutableMapping[str, tuple[int, Sequence[ArticleWords]]]
"""The words of all articles by language, each with the version of the shelf they belong to."""


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """Which articles are wanted; a field that is None lets every one through."""

    language: str
    kind: ArticleKind | None = None
    tag: str | None = None
    query: str | None = None


def list_contents(
    documents: Documents,
    wanted: ContentFilter,
    *,
    limit: int,
    cursor: str | None,
    now: datetime,
    remembered: WordsByShelf,
) -> tuple[list[Summary], str | None]:
    """Return the next `limit` articles that are shown now, and the cursor of the next page.

    It is one read. A search reads the words of all articles too, unless `remembered` has those of
    the same shelf: they change only together. Raises InvalidCursorError and BusyError.
    """
    binding = digest(["contents", wanted.language, wanted.kind, wanted.tag, wanted.query])
    after = cursors.decode(cursor, binding) if cursor is not None else None
    shelf = documents.get(Shelf, CATALOGUE, wanted.language) or Shelf(wanted.language)
    found = [
        each
        for each in shelf.summaries
        if each.is_shown(now)
        and wanted.kind in {None, each.kind}
        and (wanted.tag is None or wanted.tag in each.tags)
        and (after is None or _place(each) < after)
    ]
    terms = terms_of(wanted.query or "")
    if terms and found:
        every = _words(documents, shelf, remembered)
        matching = {each.content_id for each in every if each.has(terms)}
        found = [each for each in found if each.content_id in matching]
    page = found[:limit]
    return page, cursors.encode(_place(page[-1]), binding) if len(found) > limit else None


def _words(documents: Documents, shelf: Shelf, remembered: WordsByShelf) -> Sequence[ArticleWords]:
    version, words = remembered.get(shelf.language, (0, ()))
    if version != shelf.version:
        words, _ = documents.of_owner(ArticleWords, shelf.language, limit=ARTICLES_MAX)
        remembered[shelf.language] = (shelf.version, words)
    return words


def _place(summary: Summary) -> str:
    """Return where a summary stands in the list: a later one is smaller."""
    return f"{format_instant(summary.published_at)}#{summary.content_id}"
