"""Serve the account page.

GET /app and GET /app/{file}: one HTML file and the modules that it loads, all from here.
"""

from collections.abc import Mapping
from http import HTTPStatus

from shared.adapters.page import FILES, HTML, WORKER, file_bytes, page
from shared.domain.errors import RouteNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting

SIGN_IN_URL = setting("SIGN_IN_URL")
CACHE_S = 300
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
# The page stands beside the worker's folder, and is read from the worker's own address.
WORKER_HEADERS = {"Service-Worker-Allowed": "../app"}

api = Api()
handler = api.handler


@api.route(Operation("GET", "/app", "Serve the account page.", answers={HTTPStatus.OK: HTML}))
def get_page(_: Request) -> Answer:
    return Answer(page(SIGN_IN_URL), media_type=HTML, cache_s=CACHE_S, headers=HEADERS)


@api.route(
    Operation(
        "GET",
        "/app/{file}",
        "Serve one of the account page's files.",
        answers={HTTPStatus.OK: "text/javascript"},
        errors=(RouteNotFoundError,),
    )
)
def get_file(request: Request) -> Answer:
    name = request.path_parameters["file"]
    if name not in FILES:
        raise RouteNotFoundError
    headers = {**HEADERS, **WORKER_HEADERS} if name == WORKER else HEADERS
    body = file_bytes(name, SIGN_IN_URL)
    return Answer(body, media_type=FILES[name], cache_s=CACHE_S, headers=headers)
