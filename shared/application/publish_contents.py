"""Publish articles. What stands already is left alone, so a repeat is nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from shared.application.changing import until_committed
from shared.application.ports import Assets, Documents, Pause, Renderer, Rendering, Write
from shared.domain.article import (
    ARTICLES_MAX,
    CATALOGUE,
    LANGUAGES,
    Article,
    ArticleKind,
    ArticleText,
    ArticleWords,
    Shelf,
    folded,
)
from shared.domain.asset import Picture, file_of, picture_of
from shared.domain.errors import InvalidRequestError
from shared.domain.factors import Source

Flaw = tuple[str, str]
"""A JSON pointer to what is wrong, and why."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """An article as it was written in one language."""

    title: str
    summary: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as it was written; `texts` are by language.

    `assets` are the names of the pictures that its texts show.
    """

    content_id: str
    kind: ArticleKind
    tags: tuple[str, ...]
    texts: dict[str, DraftText]
    sources: tuple[Source, ...]
    published_at: datetime
    retires_at: datetime | None
    note: str
    assets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentPublication:
    """The ids of the articles that were written, and of those that stood like this before."""

    published: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article to publish, with its words by language."""

    article: Article
    words: dict[str, str]


def publish_contents(
    documents: Documents,
    assets: Assets,
    render: Renderer,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    pause: Pause,
) -> ContentPublication:
    """Publish each draft with what lists and searches know of it, in one commit of its own.

    Its pictures are there before it, and are checked again: others may write where they stand.

    Raises InvalidRequestError with what is wrong with the drafts, or where they are more than there
    is room for; then none is published. Raises BusyError, after which the same may be sent again.
    """
    shelf = documents.get(Shelf, CATALOGUE, LANGUAGES[0]) or Shelf(LANGUAGES[0])
    standing = {each.content_id for each in shelf.summaries}
    rendered, flaws = lint(drafts, render, assets, standing)
    if flaws:
        raise InvalidRequestError("; ".join(map(" ".join, flaws)), pointers=tuple(flaws))
    if len(standing.union(each.content_id for each in drafts)) > ARTICLES_MAX:
        raise InvalidRequestError(f"There are at most {ARTICLES_MAX} articles.")
    changed = tuple(
        each.article.content_id for each in rendered if _publish(documents, each, now, pause)
    )
    ids = (each.content_id for each in drafts)
    return ContentPublication(changed, tuple(each for each in ids if each not in changed))


def lint(
    drafts: Sequence[Draft], render: Renderer, assets: Assets, standing: Collection[str]
) -> tuple[list[Rendered], list[Flaw]]:
    """Return the drafts that are sound, rendered, and the flaws of all others.

    `standing` are the ids of articles that a link may lead to beside those of the drafts.
    """
    ids = [each.content_id for each in drafts]
    known = {*ids, *standing}
    rendered: list[Rendered] = []
    flaws: list[Flaw] = []
    for place, draft in enumerate(drafts):
        keys = [each.key for each in draft.sources]
        pictures, found = _pictures(draft, assets)
        texts = {name: render(each.markdown, keys, pictures) for name, each in draft.texts.items()}
        found += _flaws_of(draft, texts, known)
        if draft.content_id in ids[:place]:
            found.append(("/content_id", "is named once"))
        if not found:
            try:
                rendered.append(_rendered(draft, texts))
            except ValueError as error:
                found.append(("", str(error)))
        flaws += [(f"/contents/{place}{pointer}", reason) for pointer, reason in found]
    return rendered, flaws


def _pictures(draft: Draft, assets: Assets) -> tuple[dict[str, Picture], list[Flaw]]:
    """Return the pictures that are sound, by file, and the flaws of all others."""
    pictures: dict[str, Picture] = {}
    flaws: list[Flaw] = []
    for place, asset in enumerate(draft.assets):
        pointer = f"/assets/{place}"
        file = file_of(asset)
        data = assets.read(asset) if file else None
        if file is None or data is None:
            flaws.append((pointer, "is not among the assets"))
        elif file in pictures:
            flaws.append((pointer, "is named once"))
        else:
            try:
                pictures[file] = picture_of(asset, data)
            except InvalidRequestError as error:
                flaws.append((pointer, error.detail))
    return pictures, flaws


def _flaws_of(draft: Draft, texts: dict[str, Rendering], known: Collection[str]) -> chain[Flaw]:
    keys = [each.key for each in draft.sources]
    cited = frozenset[str]().union(*(each.cited for each in texts.values()))
    shown = frozenset[str]().union(*(each.files for each in texts.values()))
    return chain(
        (
            (f"/sources/{place}", "has a key of its own")
            for place, key in enumerate(keys)
            if key in keys[:place]
        ),
        (
            (f"/sources/{place}", "is cited in no text")
            for place, key in enumerate(keys)
            if key not in cited
        ),
        (
            (f"/assets/{place}", "is shown in no text")
            for place, asset in enumerate(draft.assets)
            if file_of(asset) not in shown
        ),
        *(
            ((f"/texts/{name}/markdown", reason) for reason in _flaws_of_text(each, known))
            for name, each in texts.items()
        ),
    )


def _flaws_of_text(text: Rendering, known: Collection[str]) -> tuple[str, ...]:
    missing = () if text.cited else ("cites no source",)
    astray = () if text.articles <= set(known) else ("has a link to an article that is not there",)
    return (*text.flaws, *missing, *astray)


def _rendered(draft: Draft, texts: dict[str, Rendering]) -> Rendered:
    article = Article(
        content_id=draft.content_id,
        kind=draft.kind,
        tags=draft.tags,
        texts={
            name: ArticleText(each.title, each.summary, each.markdown, texts[name].html)
            for name, each in draft.texts.items()
        },
        sources=draft.sources,
        published_at=draft.published_at,
        retires_at=draft.retires_at,
        note=draft.note,
    )
    words = {
        name: folded(" ".join((each.title, each.summary, *draft.tags, texts[name].plain)))
        for name, each in draft.texts.items()
    }
    return Rendered(article, words)


def _publish(documents: Documents, wanted: Rendered, now: datetime, pause: Pause) -> bool:
    """Tell whether there was anything to write; another publication in between is no harm."""

    def step() -> bool:
        standing = documents.get(Article, CATALOGUE, wanted.article.content_id)
        if standing is not None and standing.same_content(wanted.article):
            return False
        article = wanted.article.revised(standing, now)
        words = [_words(documents, article, name, text) for name, text in wanted.words.items()]
        documents.put(Write(article, replaces=standing), *words, *shelved(documents, article))
        return True

    return until_committed(step, pause)


def _words(documents: Documents, article: Article, language: str, text: str) -> Write:
    standing = documents.get(ArticleWords, language, article.content_id)
    version = standing.version + 1 if standing else 1
    words = ArticleWords(language, article.content_id, text, version)
    return Write(words, replaces=standing)


def shelved(documents: Documents, article: Article) -> list[Write]:
    """Return the writes that put an article, as it now is, on the shelf of each language."""
    standing = {name: documents.get(Shelf, CATALOGUE, name) for name in LANGUAGES}
    return [
        Write((shelf or Shelf(name)).with_articles([article]), replaces=shelf)
        for name, shelf in standing.items()
    ]
