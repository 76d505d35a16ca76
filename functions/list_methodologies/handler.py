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
    """One version; it applies to behaviour on its effective days, the last one exclusive.

    `use` is credit, comparison or footprint. `label` is the weakest among its values.
    """

    id: str
    version: str
    use: str
    scenario: str
    title: dict[str, str]
    label: str
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
            id=each.reference.partition("@")[0],
            version=each.reference.partition("@")[2],
            use=each.use.value,
            scenario=each.scenario,
            title=dict(each.title),
            label=each.label.value,
            effective_from=each.effective_from.isoformat(),
            effective_until=each.effective_until.isoformat() if each.effective_until else None,
            digest=each.digest,
        )
        for each in catalogue().versions.values()
    ]
    return Answer(MethodologiesBody(methodologies=bodies), cache_s=CACHE_S)
