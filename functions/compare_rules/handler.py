"""Compare what a behaviour comes to under every published rule.

POST /v1/comparisons. Public, and nothing of it is stored.
"""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from shared.adapters import clock
from shared.adapters.catalogue import catalogue
from shared.application.compare_rules import compare_rules
from shared.domain import errors
from shared.domain.instants import parse_instant
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.wire_comparison import ComparisonBody

INPUTS_MAX = 20

api = Api()
handler = api.handler


class CompareBody(WireModel):
    """A behaviour: a rule takes the inputs that it knows. Without `occurred_at`, it is now."""

    scenario: str = Field(min_length=1, max_length=40)
    # Each rule says of a value whether it is a number that it takes.
    inputs: dict[str, Annotated[Any, WithJsonSchema({"type": "number"})]] = Field(
        max_length=INPUTS_MAX
    )
    occurred_at: str | None = Field(default=None, max_length=40)


@api.route(
    Operation(
        "POST",
        "/v1/comparisons",
        "Compare what a behaviour comes to under every published rule.",
        answers={HTTPStatus.OK: ComparisonBody},
        body=CompareBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.NoMethodologyError,
        ),
    )
)
def post_comparison(request: Request) -> Answer:
    wanted: CompareBody = request.read(CompareBody)
    occurred_at = parse_instant(wanted.occurred_at) if wanted.occurred_at else clock.now()
    results = compare_rules(
        catalogue(), scenario=wanted.scenario, data=wanted.inputs, occurred_at=occurred_at
    )
    return Answer(ComparisonBody.of(results, scenario=wanted.scenario, occurred_at=occurred_at))
