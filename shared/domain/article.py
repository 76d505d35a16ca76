"""Articles: what people can read, in every language, with the sources that it rests on.

An article is one document. What a list shows of it stands once more on a shelf, one document for
each language, so that a page of a list costs one read; and its words stand beside it for a search.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.factors import Source

LANGUAGES = ("zh-Hans", "en")
CATALOGUE = "articles"
# A shelf with as many of the longest summaries is still one item of a table.
ARTICLES_MAX = 150
# The newest are kept.
REVISIONS_MAX = 50
# The texts of one article, with their HTML, in UTF-8; an item of a table takes 400 KB.
TEXTS_BYTES_MAX = 300_000
QUERY_TERMS_MAX = 8


class ArticleKind(StrEnum):
    """What an article is about: how something is done, a policy, news, or a thing's footprint."""

    HOW_TO = "how-to"
    POLICY = "policy"
    NEWS = "news"
    FOOTPRINT = "footprint"


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article in one language; `html` is what its Markdown was rendered to, and is safe."""

    title: str
    summary: str
    markdown: str
    html: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A published state of an article, and why it was published."""

    number: int
    published_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Article:
    """What was published last under an id; `texts` has every language.

    It is shown from `published_at` until `retires_at`, or until an operator retires it.
    """

    KIND: ClassVar[str] = "article"

    content_id: str
    kind: ArticleKind
    tags: tuple[str, ...]
    texts: Mapping[str, ArticleText]
    sources: tuple[Source, ...]
    published_at: datetime
    retires_at: datetime | None = None
    retired_at: datetime | None = None
    note: str = ""
    revisions: tuple[Revision, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        if set(self.texts) != set(LANGUAGES):
            raise ValueError("An article has a text in every language.")
        if self.retires_at is not None and self.retires_at <= self.published_at:
            raise ValueError("An article is published before it retires.")
        texts = self.texts.values()
        if sum(len((each.markdown + each.html).encode()) for each in texts) > TEXTS_BYTES_MAX:
            raise ValueError(f"An article has at most {TEXTS_BYTES_MAX} bytes of text and HTML.")

    @property
    def owner(self) -> str:
        return CATALOGUE

    @property
    def name(self) -> str:
        return self.content_id

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def revision(self) -> int:
        return self.revisions[-1].number if self.revisions else 0

    @property
    def ends_at(self) -> datetime | None:
        """When it is no longer shown: what comes first of both."""
        ends = [each for each in (self.retires_at, self.retired_at) if each is not None]
        return min(ends, default=None)

    def is_shown(self, now: datetime) -> bool:
        return _is_shown(self.published_at, self.ends_at, now)

    def same_content(self, other: "Article") -> bool:
        """Tell whether both were written the same, whatever became of them since."""
        written = replace(
            other, retired_at=self.retired_at, revisions=self.revisions, version=self.version
        )
        return written == self

    def revised(self, standing: "Article | None", now: datetime) -> "Article":
        """Return this as the next revision of what stands; it is shown again if that was retired.

        The first revision counts from `published_at`, and each later one from when it is made.
        """
        before = standing.revisions if standing else ()
        number = before[-1].number + 1 if before else 1
        revision = Revision(number, now if before else self.published_at, self.note)
        return replace(
            self,
            retired_at=None,
            revisions=(*before, revision)[-REVISIONS_MAX:],
            version=standing.version + 1 if standing else 1,
        )

    def retired(self, now: datetime) -> "Article":
        """Return the article as no longer shown from now on."""
        return replace(self, retired_at=now, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of an article, and from when until when it does."""

    content_id: str
    kind: ArticleKind
    title: str
    summary: str
    tags: tuple[str, ...]
    published_at: datetime
    ends_at: datetime | None
    revision: int

    @classmethod
    def of(cls, article: Article, language: str) -> "Summary":
        text = article.texts[language]
        return cls(
            article.content_id,
            article.kind,
            text.title,
            text.summary,
            article.tags,
            article.published_at,
            article.ends_at,
            article.revision,
        )

    def is_shown(self, now: datetime) -> bool:
        return _is_shown(self.published_at, self.ends_at, now)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The summaries of all articles in one language, newest first."""

    KIND: ClassVar[str] = "shelf"

    language: str
    summaries: tuple[Summary, ...] = ()
    version: int = 0

    @property
    def owner(self) -> str:
        return CATALOGUE

    @property
    def name(self) -> str:
        return self.language

    @property
    def due_at(self) -> datetime | None:
        return None

    def with_articles(self, articles: Iterable[Article]) -> "Shelf":
        """Return the shelf with these articles in place of what it says of them."""
        by_id = {each.content_id: each for each in self.summaries}
        by_id |= {each.content_id: Summary.of(each, self.language) for each in articles}
        newest_first = sorted(
            by_id.values(), key=lambda each: (each.published_at, each.content_id), reverse=True
        )
        return replace(self, summaries=tuple(newest_first), version=self.version + 1)


@dataclass(frozen=True, slots=True)
class ArticleWords:
    """All that an article says in one language, folded, for a search to look through."""

    KIND: ClassVar[str] = "article-words"

    language: str
    content_id: str
    text: str
    version: int = 1

    @property
    def owner(self) -> str:
        return self.language

    @property
    def name(self) -> str:
        return self.content_id

    @property
    def due_at(self) -> datetime | None:
        return None

    def has(self, terms: Sequence[str]) -> bool:
        """Tell whether every folded term occurs.

        A word in Latin letters is found from its beginning, so that "led" is not found in "called";
        Chinese has no spaces, so a Chinese word is found wherever it stands.
        """
        return all(_occurrence(term).search(self.text) for term in terms)


def folded(text: str) -> str:
    """Return a text in which full width, case and runs of spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms_of(query: str) -> tuple[str, ...]:
    """Return what a query looks for: its first QUERY_TERMS_MAX different words, folded."""
    return tuple(dict.fromkeys(folded(query).split()))[:QUERY_TERMS_MAX]


def _occurrence(term: str) -> re.Pattern[str]:
    is_latin = re.match(r"[a-z0-9]", term) is not None
    return re.compile((r"(?<![a-z0-9])" if is_latin else "") + re.escape(term))


def _is_shown(published_at: datetime, ends_at: datetime | None, now: datetime) -> bool:
    return published_at <= now and (ends_at is None or now < ends_at)
