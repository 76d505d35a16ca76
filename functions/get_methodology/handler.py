"""Read one version of one methodology.

GET /v1/methodologies/{id}/versions/{version}. Every value comes with its label and source.
"""

from http import HTTPStatus

from functions.get_methodology.models import MethodologyBody
from shared.adapters.catalogue import catalogue
from shared.domain.errors import MethodologyNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request

CACHE_S = 3600

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/methodologies/{id}/versions/{version}",
        "Read one version of one methodology.",
        answers={HTTPStatus.OK: MethodologyBody},
        errors=(MethodologyNotFoundError,),
    )
)
def read_methodology(request: Request) -> Answer:
    parameters = request.path_parameters
    methodology = catalogue().get(parameters["id"], parameters["version"])
    return Answer(MethodologyBody.of(methodology), cache_s=CACHE_S)
