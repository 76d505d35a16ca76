"""The committed description is what the code and the template say, and is valid OpenAPI 3.1."""

import json
import re

import jsonschema_rs
import pytest
import schemathesis

from infra.openapi import DOCUMENT, text
from tests.support.template import functions


def operations():
    described = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    return [
        (path, operation) for path, methods in described.items() for operation in methods.values()
    ]


def test_the_committed_description_is_the_generated_one():
    assert DOCUMENT.read_text("utf-8") == text()


def test_every_route_of_the_template_is_described_with_its_scopes():
    described = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    for function in functions().values():
        for event in function.get("Events", {}).values():
            if event["Type"] != "HttpApi":
                continue
            route = event["Properties"]
            operation = described[route["Path"]][route["Method"].lower()]
            scopes = route["Auth"].get("AuthorizationScopes")
            assert operation["security"] == ([{"UserToken": scopes}] if scopes else [])


def test_a_contract_tester_can_load_it():
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text("utf-8")))
    routes = [
        event
        for function in functions().values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]
    assert len(list(schema.get_all_operations())) == len(routes) >= 27


def test_every_reference_leads_to_a_schema():
    text = DOCUMENT.read_text("utf-8")
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert referred
    assert referred <= set(json.loads(text)["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("path", "operation"),
    [(path, operation) for path, operation in operations() if "requestBody" in operation],
)
def test_every_body_has_an_example_that_can_be_sent_as_it_stands(path, operation):
    described = json.loads(DOCUMENT.read_text("utf-8"))
    for content in operation["requestBody"]["content"].values():
        schema = content["schema"] | {"components": described["components"]}
        jsonschema_rs.validate(schema, content["example"])
        # Nothing in it is made just before sending, as a link token in a payload is.
        assert "<" not in json.dumps(content["example"]), path
