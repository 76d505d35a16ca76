"""Read one article, as HTML and as Markdown, with its sources.

GET /v1/contents/{content_id}. What is retired may still be read for five minutes.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.documents import DocumentTable
from shared.application.get_content import get_content
from shared.domain.errors import BusyError, ContentNotFoundError, InvalidRequestError
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting
from shared.runtime.wire_contents import ContentBody, Language

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
CACHE_S = 300

api = Api()
handler = api.handler


class ContentQuery(QueryModel):
    """In which language."""

    language: Language = "zh-Hans"


@api.route(
    Operation(
        "GET",
        "/v1/contents/{content_id}",
        "Read one article, as HTML and as Markdown, with its sources.",
        answers={HTTPStatus.OK: ContentBody},
        query=ContentQuery,
        errors=(InvalidRequestError, ContentNotFoundError, BusyError),
    )
)
def read_content(request: Request) -> Answer:
    query: ContentQuery = request.read_query(ContentQuery)
    article = get_content(DOCUMENTS, request.path_parameters["content_id"], now=clock.now())
    return Answer(ContentBody.of(article, query.language), cache_s=CACHE_S)
