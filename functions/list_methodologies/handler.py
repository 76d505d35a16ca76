"""List the published methodologies.

GET /v1/methodologies.
"""

from http import HTTPStatus

from shared.adapters.catalogue import catalogue
from shared.runtime.http import Answer, Api, Operation, Request, WireModel

CACHE_S = 3600

api = Api()
handler = api.handler


class MethodologySummaryBody(WireModel):
    """One version; it applies to behaviour on its effective days, the last one exclusive."""

    id: str
    version: str
    scenario: str
    jurisdiction: str
    title: dict[str, str]
    effective_from: str
    effective_until: str | None = None
    digest: str


class MethodologiesBody(WireModel):
    methodologies: list[MethodologySummaryBody]


@api.route(
    Operation(
        "GET",
        "/v1/methodologies",
        "List the published methodologies.",
        answers={HTTPStatus.OK: MethodologiesBody},
    )
)
def get_methodologies(_: Request) -> Answer:
    bodies = [
        MethodologySummaryBody(
            id=each.id,
            version=each.version,
            scenario=each.scenario,
            jurisdiction=each.jurisdiction,
            title=dict(each.title),
            effective_from=each.effective_from.isoformat(),
            effective_until=each.effective_until.isoformat() if each.effective_until else None,
            digest=each.digest,
        )
        for each in catalogue().methodologies
    ]
    return Answer(MethodologiesBody(methodologies=bodies), cache_s=CACHE_S)
