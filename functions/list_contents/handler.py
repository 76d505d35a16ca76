"""List the articles that are shown now, newest first.

GET /v1/contents. `q` looks for words in all of their texts; a Chinese word is found wherever it
stands. What is retired may still be listed for a minute.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters import clock
from shared.adapters.documents import DocumentTable
from shared.application.list_contents import (
    CONTENTS_PER_PAGE_MAX,
    ContentFilter,
    WordsByShelf,
    list_contents,
)
from shared.domain.article import ArticleKind
from shared.domain.errors import BusyError, InvalidCursorError, InvalidRequestError
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire_contents import ContentPageBody, ContentSummaryBody, Kind, Language, Tag

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
# Kept from one request to the next: the words of a language, until its shelf changes.
REMEMBERED: WordsByShelf = {}
CACHE_S = 60
QUERY_LENGTH_MAX = 100

api = Api()
handler = api.handler


class ContentsQuery(QueryModel):
    """Which articles, how many, and from where."""

    language: Language = "zh-Hans"
    kind: Kind | None = None
    tag: Tag | None = None
    q: str | None = Field(default=None, min_length=1, max_length=QUERY_LENGTH_MAX)
    limit: int = Field(default=20, ge=1, le=CONTENTS_PER_PAGE_MAX)
    cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/contents",
        "List the articles that are shown now, newest first.",
        answers={HTTPStatus.OK: ContentPageBody},
        query=ContentsQuery,
        errors=(InvalidRequestError, InvalidCursorError, BusyError),
    )
)
def get_contents(request: Request) -> Answer:
    query: ContentsQuery = request.read_query(ContentsQuery)
    kind = ArticleKind(query.kind) if query.kind else None
    page, next_cursor = list_contents(
        DOCUMENTS,
        ContentFilter(query.language, kind, query.tag, query.q),
        limit=query.limit,
        cursor=query.cursor,
        now=clock.now(),
        remembered=REMEMBERED,
    )
    contents = [ContentSummaryBody.of(each, query.language) for each in page]
    body = ContentPageBody(contents=contents, next_cursor=next_cursor)
    return Answer(body, cache_s=CACHE_S)
