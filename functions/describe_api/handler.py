"""Serve the OpenAPI description and its page.

GET /v1/openapi.json, GET /v1/docs and GET /v1/docs/{file}: the page is Swagger UI, as Powertools
brings it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import aws_lambda_powertools

from shared.domain.errors import RouteNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request

HERE = Path(__file__).parent
SWAGGER_UI = Path(aws_lambda_powertools.__file__).parent / "event_handler/openapi/swagger_ui"
CACHE_S = 300
# Swagger UI changes with a deployment at most, and weighs half a megabyte packed.
SWAGGER_UI_CACHE_S = 24 * 60 * 60
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
# Nothing else is served, whatever lies beside these: where each is, its type, how long it is kept.
FILES: Mapping[str, tuple[Path, str, int]] = {
    "docs.js": (HERE, SCRIPT, CACHE_S),
    "swagger-ui-bundle.min.js": (SWAGGER_UI, SCRIPT, SWAGGER_UI_CACHE_S),
    "swagger-ui.min.css": (SWAGGER_UI, "text/css; charset=utf-8", SWAGGER_UI_CACHE_S),
}
# Swagger UI carries its icons as data: addresses.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

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
    Operation("GET", "/v1/docs", "Serve the description as a page.", answers={HTTPStatus.OK: HTML})
)
def get_page(_: Request) -> Answer:
    page = (HERE / "docs.html").read_bytes()
    return Answer(page, media_type=HTML, cache_s=CACHE_S, headers=HEADERS)


@api.route(
    Operation(
        "GET",
        "/v1/docs/{file}",
        "Serve one of the files that the page of the description loads.",
        answers={HTTPStatus.OK: "text/javascript"},
        errors=(RouteNotFoundError,),
    )
)
def get_file(request: Request) -> Answer:
    name = request.path_parameters["file"]
    if name not in FILES:
        raise RouteNotFoundError
    folder, media_type, cache_s = FILES[name]
    body = (folder / name).read_bytes()
    return Answer(body, media_type=media_type, cache_s=cache_s, headers=HEADERS)
