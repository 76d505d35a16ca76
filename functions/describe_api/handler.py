"""Serve the OpenAPI description and its page.

GET /v1/openapi.json and GET /v1/docs.
"""

from http import HTTPStatus
from pathlib import Path

from shared.runtime.http import Answer, Api, Operation, Request

HERE = Path(__file__).parent
CACHE_S = 300
# The page is one file without scripts from elsewhere; it fetches the description beside it.
PAGE_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
)

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/openapi.json",
        "Serve the OpenAPI 3.1 description of this API.",
        answers={HTTPStatus.OK: "application/json"},
    )
)
def get_description(_: Request) -> Answer:
    return Answer((HERE / "openapi.json").read_bytes(), cache_s=CACHE_S)


@api.route(
    Operation(
        "GET",
        "/v1/docs",
        "Serve the description as a page.",
        answers={HTTPStatus.OK: "text/html; charset=utf-8"},
    )
)
def get_page(_: Request) -> Answer:
    return Answer(
        (HERE / "docs.html").read_bytes(),
        media_type="text/html; charset=utf-8",
        cache_s=CACHE_S,
        headers={"Content-Security-Policy": PAGE_POLICY},
    )
