"""Read a picture of an article.

GET /v1/assets/{asset}. The name carries a digest of the content, so the answer never changes.
"""

from http import HTTPStatus

from shared.adapters.assets import AssetBucket
from shared.application.get_asset import get_asset
from shared.domain.errors import AssetNotFoundError, BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting

ASSETS = AssetBucket(setting("ASSETS_BUCKET"))
CACHE_S = 365 * 24 * 60 * 60
# Whoever opens an SVG by itself opens a document of this site: it may draw, and nothing else.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/assets/{asset}",
        "Read a picture of an article.",
        answers={HTTPStatus.OK: "image/svg+xml"},
        errors=(AssetNotFoundError, BusyError),
    )
)
def read_asset(request: Request) -> Answer:
    found = get_asset(ASSETS, request.path_parameters["asset"])
    return Answer(
        found.data,
        media_type=found.media_type,
        cache_s=CACHE_S,
        is_immutable=True,
        headers=HEADERS,
    )
