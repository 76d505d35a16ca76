"""List the benefits that can be redeemed today.

GET /v1/benefits. Prices are what a redemption has to quote; `available` may be a moment old.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.documents import DocumentTable
from shared.application.list_benefits import list_benefits
from shared.domain.errors import BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_redemption import OfferedBenefitBody, OfferedBenefitsBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
CACHE_S = 30

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/benefits",
        "List the benefits that can be redeemed today.",
        answers={HTTPStatus.OK: OfferedBenefitsBody},
        errors=(BusyError,),
    )
)
def get_benefits(_: Request) -> Answer:
    offered = [
        OfferedBenefitBody.of(benefit, available=is_in_stock)
        for benefit, is_in_stock in list_benefits(DOCUMENTS, now=clock.now())
    ]
    return Answer(OfferedBenefitsBody(benefits=offered), cache_s=CACHE_S)
