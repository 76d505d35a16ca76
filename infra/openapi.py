"""The OpenAPI 3.1 document, generated from the handlers and the template.

`python -m infra.openapi` writes it beside the function that serves it; `--check` fails where the
committed one is stale. Routes, models and refusals come from each handler's operations; scopes and
authorizers from template.yaml.
"""

import argparse
import importlib
import inspect
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.runtime.http import IDEMPOTENCY_KEY, Api, Operation
from shared.runtime.problem import status_of

if TYPE_CHECKING:
    from shared.domain.errors import CarbonAccountError

ROOT = Path(__file__).parent.parent
EVENTS = ROOT / "events"
# A function's name, one of its operations, and the template's route for it.
Declared = tuple[str, Operation, dict[str, Any]]
DOCUMENT = ROOT / "functions" / "describe_api" / "openapi.json"
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
SchemaOf = Mapping[type[BaseModel], Mapping[str, Any]]
# The second and further routes of a function are named here; the first one is named like it.
OPERATION_IDS = {
    "/app/{file}": "serve_page_file",
    "/v1/certificates/{certificate_id}/picture": "get_certificate_picture",
    "/v1/docs": "describe_api_page",
    "/v1/docs/{file}": "describe_api_file",
    "/v1/shares/{token}/card.png": "get_share_pixels",
    "/v1/shares/{token}/card.svg": "get_share_picture",
}
# The payload of each function that shows how to call it. The tests send each of them, with success.
EXAMPLES = {
    "answer_dispute": "accepted.200",
    "answer_proposal": "agreed.200",
    "answer_question": "right.200",
    "calculate_footprint": "some_answers.200",
    "compare_rules": "by_distance.200",
    "contribute_reductions": "contributed.201",
    "dispute_entry": "wrong_distance.201",
    "get_bridge": "of_one_day.200",
    "get_methodology": "found.200",
    "get_outcome": "credited.200",
    "get_totals": "by_month.200",
    "grant_consent": "granted_to_the_platform.200",
    "invite_member": "invited.201",
    "join_household": "waits_for_the_others.200",
    "list_partner_disputes": "four.200",
    "make_share": "made.201",
    "propose_shares": "proposed.200",
    "put_footprint": "put.200",
    "receive_events": "accepted.202",
    "redeem_benefit": "held.201",
    "report_missing": "reported.201",
    "retire_reductions": "retired.201",
    "reverse_event": "reversed.200",
    "send_gift": "reductions_sent.201",
    "withdraw_consent": "withdrawn.200",
}
# What only the tests' own catalogue offers is replaced by what the demo catalogue does.
INSTEAD = {"redeem_benefit": {"benefit_id": "metro-coupon", "price": {"points": 20}}}
# Parameters whose value means the same everywhere; an id of one account would mean nothing.
EXEMPLARY_PARAMETERS = ("from", "granularity", "id", "partner", "scenario", "to", "version")
PARTNER_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem details; `code` is stable, `errors` names each bad field.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
GATEWAY_SCHEMA = {
    "type": "object",
    "description": "What the gateway itself answers, before any function runs.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
TAGS = [
    {"name": "users", "description": "With the token of a user, whose account it is about."},
    {"name": "partners", "description": "Signed with a partner's key, so no page can try them."},
    {"name": "public", "description": "Open to everybody."},
]
CLOUD_EVENT_NOTE = (
    "Signed by Standard Webhooks over the raw body. `type` is `carbon.<scenario>.v1`, `data` has "
    "the inputs that the scenario's methodology names, `subject` is the partner's own reference "
    "for its user."
)


@dataclass(frozen=True, slots=True)
class Example:
    """What fills a request that somebody tries out."""

    body: Any = None
    parameters: Mapping[str, str] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as the text behind them."""


_Loader.add_multi_constructor(
    "!",
    lambda loader, _, node: (
        loader.construct_scalar(node)
        if isinstance(node, yaml.ScalarNode)
        else loader.construct_sequence(node)
        if isinstance(node, yaml.SequenceNode)
        else loader.construct_mapping(node)
    ),
)


def generate() -> dict[str, Any]:
    """Return the document."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    # Handlers are wired at import; the names of what they would reach do not matter here.
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), _Loader)  # noqa: S506
    operations: list[Declared] = []
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        for variable in properties.get("Environment", {}).get("Variables", {}):
            os.environ.setdefault(variable, variable.lower())
        module_name = properties["Handler"].rpartition(".")[0]
        routes = {
            (event["Properties"]["Method"], event["Properties"]["Path"]): event["Properties"]
            for event in properties.get("Events", {}).values()
            if event["Type"] == "HttpApi"
        }
        if not routes:
            continue
        api = importlib.import_module(module_name).api
        assert isinstance(api, Api)
        name = module_name.split(".")[1]
        operations += [
            (name, operation, routes[operation.method, operation.path])
            for operation in api.operations
        ]
    return _document(operations)


def _document(operations: list[Declared]) -> dict[str, Any]:
    models: set[type[BaseModel]] = set()
    for _, operation, _ in operations:
        models |= {each for each in operation.answers.values() if not isinstance(each, str)}
        models |= {each for each in (operation.body,) if each}
    ordered = sorted(models, key=lambda model: model.__name__)
    references, schemas = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    # Two models of one name are told apart by longer names, so that only this says which is which.
    schema_of = {model: references[model, "validation"] for model in ordered}
    paths: dict[str, dict[str, Any]] = {}
    for name, operation, route in sorted(operations, key=lambda each: each[1].path):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            name, operation, route, schema_of
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carbon Account",
            "version": "1",
            "description": "A personal carbon account. Amounts are integer milligrams of CO2e; "
            "instants are RFC 3339 with offset; ledger days are in UTC+8.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": TAGS,
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": PROBLEM_SCHEMA,
                "GatewayMessage": GATEWAY_SCHEMA,
                **schemas.get("$defs", {}),
            },
            "securitySchemes": {
                "UserToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _operation(
    name: str, operation: Operation, route: dict[str, Any], schema_of: SchemaOf
) -> dict[str, Any]:
    example = _example(name)
    auth = route.get("Auth", {})
    is_user = auth.get("Authorizer") != "NONE"
    is_partner = operation.path.startswith("/v1/partners/")
    document: dict[str, Any] = {
        "operationId": OPERATION_IDS.get(operation.path, name),
        "summary": operation.summary,
        "tags": ["users" if is_user else "partners" if is_partner else "public"],
        "parameters": _parameters(operation, example, is_partner=is_partner),
        "responses": _responses(operation, schema_of, is_user=is_user),
        "security": [{"UserToken": auth["AuthorizationScopes"]}] if is_user else [],
    }
    if operation.body:
        document["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": schema_of[operation.body], "example": example.body}
            },
        }
    elif operation.body_note:
        event = {"type": "object", "additionalProperties": True}
        document["requestBody"] = {
            "required": True,
            "description": f"{operation.body_note} {CLOUD_EVENT_NOTE}",
            "content": {
                "application/cloudevents+json": {"schema": event, "example": example.body},
                "application/cloudevents-batch+json": {
                    "schema": {"type": "array", "items": event, "minItems": 1, "maxItems": 100},
                    "example": [example.body],
                },
            },
        }
    if not document["parameters"]:
        del document["parameters"]
    return document


def _parameters(
    operation: Operation, example: Example, *, is_partner: bool
) -> list[dict[str, Any]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    if is_partner:
        parameters += [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in PARTNER_HEADERS
        ]
    if operation.moves_value:
        pattern = {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}
        parameters.append(
            {
                "name": IDEMPOTENCY_KEY,
                "in": "header",
                "required": True,
                "schema": pattern,
                "description": "One of its own for each request that is meant anew.",
                "example": "try-it-0001",
            }
        )
    if operation.query:
        schema = operation.query.model_json_schema()
        required = schema.get("required", [])
        for name, each in schema["properties"].items():
            wanted = {key: value for key, value in each.items() if key != "title"}
            if "$ref" in wanted:
                wanted = schema["$defs"][wanted["$ref"].rpartition("/")[2]]
            parameters.append(
                {"name": name, "in": "query", "required": name in required, "schema": wanted}
            )
    for parameter in parameters:
        if parameter["name"] in example.parameters:
            parameter["example"] = example.parameters[parameter["name"]]
    return parameters


def _example(name: str) -> Example:
    """Return what a function is called with, from the payload that its examples come from."""
    if name not in EXAMPLES:
        return Example()
    payload = json.loads((EVENTS / name / f"{EXAMPLES[name]}.json").read_text("utf-8"))
    given = (payload.get("pathParameters") or {}) | (payload.get("queryStringParameters") or {})
    return Example(
        body=INSTEAD.get(name) or json.loads(payload.get("body", "null")),
        parameters={each: given[each] for each in EXEMPLARY_PARAMETERS if each in given},
    )


def _responses(operation: Operation, schema_of: SchemaOf, *, is_user: bool) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in operation.answers.items():
        media_type, schema = (
            (answer, {"type": "string"} if "html" in answer else {"type": "object"})
            if isinstance(answer, str)
            else ("application/json", schema_of[answer])
        )
        responses[str(status.value)] = {
            "description": status.phrase,
            "content": {media_type: {"schema": schema}},
        }
    refusals: dict[int, list[type[CarbonAccountError]]] = {}
    for error in operation.errors:
        refusals.setdefault(status_of(error()).value, []).append(error)
    for status_code, errors in sorted(refusals.items()):
        lines = [f"`{error.code}`: {inspect.getdoc(error)}" for error in errors]
        responses[str(status_code)] = {
            "description": " ".join(lines),
            "content": {"application/problem+json": {"schema": PROBLEM_REF}},
        }
    if is_user:
        gateway = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
        for status_code, why in ((401, "No valid token."), (403, "The token lacks the scope.")):
            responses[str(status_code)] = {
                "description": f"{why} The gateway answers this itself.",
                "content": {"application/json": gateway},
            }
    responses["500"] = {
        "description": "`internal`: something went wrong on our side.",
        "content": {"application/problem+json": {"schema": PROBLEM_REF}},
    }
    return dict(sorted(responses.items()))


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(generate(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where the file is stale")
    if not parser.parse_args().check:
        DOCUMENT.write_text(text(), "utf-8")
        return
    if not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != text():
        sys.exit(f"{DOCUMENT.relative_to(ROOT)} is stale: run `make openapi`.")


if __name__ == "__main__":
    main()
