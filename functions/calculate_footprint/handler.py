"""Work out a yearly footprint from anybody's answers.

POST /v1/footprints. Public, and nothing of it is stored.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.catalogue import catalogue
from shared.application.calculate_footprint import calculate_footprint
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.wire_footprint import AnswersBody, FootprintBody

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/footprints",
        "Work out a yearly footprint from anybody's answers.",
        answers={HTTPStatus.OK: FootprintBody},
        body=AnswersBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
        ),
    )
)
def post_footprint(request: Request) -> Answer:
    wanted: AnswersBody = request.read(AnswersBody)
    footprint = calculate_footprint(catalogue(), answers=wanted.answers, now=clock.now())
    return Answer(FootprintBody.of(footprint))
