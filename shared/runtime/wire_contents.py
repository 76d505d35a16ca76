"""What is said of articles, and how one is published."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from shared.application.publish_contents import Draft, DraftText
from shared.domain.article import ARTICLES_MAX, Article, ArticleKind, Summary
from shared.domain.factors import Source, SourceGrade
from shared.domain.instants import format_instant, parse_instant
from shared.runtime.http import WireModel

DRAFTS_MAX = 50
SOURCES_MAX = 20
TAGS_MAX = 6
ASSETS_MAX = 8
MARKDOWN_CHARACTERS_MAX = 20_000

Language = Literal["zh-Hans", "en"]
Kind = Literal["how-to", "policy", "news", "footprint"]
ContentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9\u4e00-\u9fff-]{1,24}$")]
AssetName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}\.[0-9a-f]{32}\.(svg|png|webp)$")
]
_Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
_Https = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"]{1,500}$")]
_Grade = Literal["A", "A*", "B", "C"]
_Instant = Annotated[str, StringConstraints(max_length=40)]


def _line(length: int) -> object:
    """Text without line ends or other controls, and not only spaces."""
    pattern = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
    return StringConstraints(max_length=length, pattern=pattern)


class CitedSourceBody(WireModel):
    """Where a statement was read; `year` is 0 where the source does not say."""

    title: Annotated[str, _line(200)]
    publisher: Annotated[str, _line(120)]
    year: int = Field(ge=0, le=2200)
    address: _Https
    grade: _Grade

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(
            title=source.title,
            publisher=source.publisher,
            year=source.year,
            address=source.address,
            grade=source.grade.value,
        )


class KeyedSourceBody(CitedSourceBody):
    """A source under the key by which the texts cite it."""

    key: _Key

    def source(self) -> Source:
        return Source(
            self.key, self.title, self.publisher, self.year, self.address, SourceGrade(self.grade)
        )


class DraftTextBody(WireModel):
    """A text in Markdown, with its title and what a list says of it."""

    title: Annotated[str, _line(80)]
    summary: Annotated[str, _line(300)]
    markdown: Annotated[str, StringConstraints(min_length=1, max_length=MARKDOWN_CHARACTERS_MAX)]

    def text(self) -> DraftText:
        return DraftText(self.title, self.summary, self.markdown)


class DraftTextsBody(WireModel):
    """What people read, in every language."""

    en: DraftTextBody
    zh_hans: DraftTextBody = Field(alias="zh-Hans")


class DraftBody(WireModel):
    """One article to publish; it is shown from `published_at` until `retires_at`.

    `assets` are the pictures that its texts show as `asset:<name>.<ext>`; each was put into the
    bucket before as `<name>.<digest>.<ext>`.
    """

    content_id: ContentId
    kind: Kind
    tags: list[Tag] = Field(max_length=TAGS_MAX)
    texts: DraftTextsBody
    sources: list[KeyedSourceBody] = Field(min_length=1, max_length=SOURCES_MAX)
    published_at: _Instant
    retires_at: _Instant | None = None
    note: Annotated[str, _line(200)]
    assets: list[AssetName] = Field(default_factory=list, max_length=ASSETS_MAX)

    def draft(self) -> Draft:
        """Return the draft; raise InvalidRequestError for an instant that is none."""
        return Draft(
            content_id=self.content_id,
            kind=ArticleKind(self.kind),
            tags=tuple(self.tags),
            texts={"zh-Hans": self.texts.zh_hans.text(), "en": self.texts.en.text()},
            sources=tuple(each.source() for each in self.sources),
            published_at=parse_instant(self.published_at),
            retires_at=parse_instant(self.retires_at) if self.retires_at is not None else None,
            note=self.note,
            assets=tuple(self.assets),
        )


class ContentPublicationBody(WireModel):
    contents: list[DraftBody] = Field(min_length=1, max_length=DRAFTS_MAX)


class ContentRetirementBody(WireModel):
    content_ids: list[ContentId] = Field(min_length=1, max_length=ARTICLES_MAX)


class ContentSummaryBody(WireModel):
    """An article as a list shows it."""

    content_id: str
    kind: Kind
    language: Language
    title: str
    summary: str
    tags: list[str]
    published_at: str
    revision: int

    @classmethod
    def of(cls, summary: Summary, language: Language) -> Self:
        return cls(
            content_id=summary.content_id,
            kind=summary.kind.value,
            language=language,
            title=summary.title,
            summary=summary.summary,
            tags=list(summary.tags),
            published_at=format_instant(summary.published_at),
            revision=summary.revision,
        )


class ContentPageBody(WireModel):
    """A page of articles; the last one has no `next_cursor`."""

    contents: list[ContentSummaryBody]
    next_cursor: str | None = None


class RevisionBody(WireModel):
    """A published state of an article, and why it was published."""

    revision: int
    published_at: str
    note: str


class ContentBody(WireModel):
    """An article in one of its languages.

    `html` holds no script and no address but https, `#/contents/{content_id}`, which is another
    article, and `/v1/assets/{asset}`, which is a picture. A citation is
    `<sup data-source="n">[n]</sup>`, and means the nth of `sources`.
    """

    content_id: str
    kind: Kind
    language: Language
    languages: list[Language]
    title: str
    summary: str
    tags: list[str]
    published_at: str
    retires_at: str | None = None
    revision: int
    revisions: list[RevisionBody]
    html: str
    markdown: str
    sources: list[CitedSourceBody]

    @classmethod
    def of(cls, article: Article, language: Language) -> Self:
        text = article.texts[language]
        ends_at = article.ends_at
        return cls(
            content_id=article.content_id,
            kind=article.kind.value,
            language=language,
            languages=["zh-Hans", "en"],
            title=text.title,
            summary=text.summary,
            tags=list(article.tags),
            published_at=format_instant(article.published_at),
            retires_at=format_instant(ends_at) if ends_at else None,
            revision=article.revision,
            revisions=[
                RevisionBody(
                    revision=each.number,
                    published_at=format_instant(each.published_at),
                    note=each.note,
                )
                for each in article.revisions
            ],
            html=text.html,
            markdown=text.markdown,
            sources=[CitedSourceBody.of(each) for each in article.sources],
        )
