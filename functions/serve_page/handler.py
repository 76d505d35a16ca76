"""Serve the account page.

GET /app and GET /app/{file}: one HTML file and the modules that it loads, all from here.
"""

import html
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from shared.domain.errors import RouteNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting

SIGN_IN_URL = setting("SIGN_IN_URL")

PAGE = Path(__file__).parents[2] / "shared" / "page"
CACHE_S = 300
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
# Nothing else below shared/page/ is served, whatever lies there.
FILES: Mapping[str, str] = {
    "account.mjs": SCRIPT,
    "amounts.mjs": SCRIPT,
    "app.mjs": SCRIPT,
    "calculator.mjs": SCRIPT,
    "consents.mjs": SCRIPT,
    "entry.mjs": SCRIPT,
    "evaluator.mjs": SCRIPT,
    "footprints.mjs": SCRIPT,
    "home.mjs": SCRIPT,
    "icon.svg": "image/svg+xml",
    "lit-html.LICENSE": "text/plain; charset=utf-8",
    "lit-html.js": SCRIPT,
    "more.mjs": SCRIPT,
    "parts.mjs": SCRIPT,
    "pictures.mjs": SCRIPT,
    "receipts.mjs": SCRIPT,
    "service.mjs": SCRIPT,
    "shares.mjs": SCRIPT,
    "statement.mjs": SCRIPT,
    "status.mjs": SCRIPT,
    "style.css": "text/css; charset=utf-8",
    "texts.mjs": SCRIPT,
    "visit.mjs": SCRIPT,
}
# Where the page finds the address at which its reader signs in.
SIGN_IN_MARK = "{{sign_in_url}}"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

api = Api()
handler = api.handler


@api.route(Operation("GET", "/app", "Serve the account page.", answers={HTTPStatus.OK: HTML}))
def get_page(_: Request) -> Answer:
    text = (PAGE / "index.html").read_text("utf-8")
    page = text.replace(SIGN_IN_MARK, html.escape(SIGN_IN_URL))
    return Answer(page, media_type=HTML, cache_s=CACHE_S, headers=HEADERS)


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
    body = (PAGE / name).read_bytes()
    return Answer(body, media_type=FILES[name], cache_s=CACHE_S, headers=HEADERS)
