"""List the notices that consents are bound to.

GET /v1/notices. Public: anybody may read what they would agree to.
"""

from http import HTTPStatus

from shared.adapters.catalogue import notices
from shared.adapters.partners import PartnerTable
from shared.application.list_notices import list_notices
from shared.domain.errors import BusyError
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
CACHE_S = 300

api = Api()
handler = api.handler


class RecipientBody(WireModel):
    """A partner that would report the scenario."""

    partner: str
    title: dict[str, str]


class NoticeBody(WireModel):
    """One current notice; `digest` is what a consent's receipt names."""

    scenario: str
    version: str
    digest: str
    texts: dict[str, dict[str, str]]
    data_categories: list[str]
    retention: str
    partners: list[RecipientBody]


class NoticesBody(WireModel):
    notices: list[NoticeBody]


@api.route(
    Operation(
        "GET",
        "/v1/notices",
        "List the notices that consents are bound to.",
        answers={HTTPStatus.OK: NoticesBody},
        errors=(BusyError,),
    )
)
def get_notices(_: Request) -> Answer:
    listed = list_notices(PARTNERS, list(notices().values()))
    bodies = [
        NoticeBody(
            scenario=notice.scenario,
            version=notice.version,
            digest=notice.digest,
            texts={language: dict(text) for language, text in notice.texts.items()},
            data_categories=list(notice.data_categories),
            retention=notice.retention,
            partners=[
                RecipientBody(partner=each.partner, title=dict(each.title)) for each in partners
            ],
        )
        for notice, partners in listed
    ]
    return Answer(NoticesBody(notices=bodies), cache_s=CACHE_S)
