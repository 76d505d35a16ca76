"""Show one share card to anybody who has its link.

GET /v1/shares/{token} is a page, GET /v1/shares/{token}/card.svg its picture, and
GET /v1/shares/{token}/card.png that in pixels. Nobody on the way keeps any: all end at once.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.png import PNG_TYPE, png
from shared.adapters.qr import qr_modules
from shared.application.get_share import get_share
from shared.domain.drawing import MEDIA_TYPE, PICTURE_HEADERS
from shared.domain.errors import BusyError, ShareEndedError, ShareNotFoundError
from shared.domain.footprint import FOOTPRINT, FootprintModel
from shared.domain.methodology import Use
from shared.domain.share import Share
from shared.domain.share_page import PAGE_HEADERS, PAGE_TYPE, ended_page, share_page
from shared.domain.share_picture import WIDTH, share_picture
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.links import public_link
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PUBLIC_URL = setting("PUBLIC_URL")

api = Api()
handler = api.handler


def _share(request: Request) -> tuple[Share, str]:
    """Return the card and the link of its page."""
    share = get_share(ACCOUNTS, DOCUMENTS, token=request.path_parameters["token"], now=clock.now())
    return share, public_link(PUBLIC_URL, request.domain, f"/v1/shares/{share.token}")


@api.route(
    Operation(
        "GET",
        "/v1/shares/{token}",
        "Show one share card as a page to anybody who has its link.",
        answers=dict.fromkeys((HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.GONE), PAGE_TYPE),
        errors=(BusyError,),
    )
)
def read_page(request: Request) -> Answer:
    try:
        share, link = _share(request)
    except (ShareNotFoundError, ShareEndedError) as error:
        is_known = isinstance(error, ShareEndedError)
        status = HTTPStatus.GONE if is_known else HTTPStatus.NOT_FOUND
        return Answer(ended_page(is_known=is_known), status, PAGE_TYPE, headers=PAGE_HEADERS)
    page = share_page(share, link=link, picture=f"{link}/card.png")
    return Answer(page, media_type=PAGE_TYPE, headers=PAGE_HEADERS)


@api.route(
    Operation(
        "GET",
        "/v1/shares/{token}/card.svg",
        "Show one share card as a picture to anybody who has its link.",
        answers={HTTPStatus.OK: MEDIA_TYPE},
        errors=(ShareNotFoundError, ShareEndedError, BusyError),
    )
)
def read_picture(request: Request) -> Answer:
    return Answer(_picture(request), media_type=MEDIA_TYPE, headers=PICTURE_HEADERS)


@api.route(
    Operation(
        "GET",
        "/v1/shares/{token}/card.png",
        "Show one share card as pixels to anybody who has its link.",
        answers={HTTPStatus.OK: PNG_TYPE},
        errors=(ShareNotFoundError, ShareEndedError, BusyError),
    )
)
def read_pixels(request: Request) -> Answer:
    return Answer(png(_picture(request), width=WIDTH), media_type=PNG_TYPE)


def _picture(request: Request) -> str:
    share, link = _share(request)
    measures = catalogue().in_force(FOOTPRINT, share.created_at, Use.FOOTPRINT)
    return share_picture(share, FootprintModel.of(measures), qr_modules(link))
