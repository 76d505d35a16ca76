"""List the disputes about a partner's events, newest first.

GET /v1/partners/{partner}/disputes. Signed as a webhook whose payload is the text `GET <path>`.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.documents import DocumentTable
from shared.adapters.partners import PartnerTable
from shared.adapters.secrets import SecretPartnerKeys
from shared.application.authenticate_partner import authenticate_partner
from shared.application.list_partner_disputes import list_partner_disputes
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import DisputesQuery, PartnerDisputeBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))

api = Api()
handler = api.handler


class PartnerDisputesBody(WireModel):
    """A page of disputes; `next_cursor` is absent on the last one."""

    disputes: list[PartnerDisputeBody]
    next_cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/partners/{partner}/disputes",
        "List the disputes about a partner's events, newest first.",
        answers={HTTPStatus.OK: PartnerDisputesBody},
        query=DisputesQuery,
        errors=(
            errors.SignatureRefusedError,
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.BusyError,
        ),
    )
)
def get_partner_disputes(request: Request) -> Answer:
    partner = authenticate_partner(
        PARTNERS,
        PARTNER_KEYS,
        partner=request.path_parameters["partner"],
        headers=request.headers,
        payload=f"GET {request.path}".encode(),
        now=clock.now(),
    )
    query: DisputesQuery = request.read_query(DisputesQuery)
    disputes, next_cursor = list_partner_disputes(
        DOCUMENTS, partner=partner.partner, limit=query.limit, cursor=query.cursor
    )
    bodies = [PartnerDisputeBody.of(dispute) for dispute in disputes]
    return Answer(PartnerDisputesBody(disputes=bodies, next_cursor=next_cursor))
