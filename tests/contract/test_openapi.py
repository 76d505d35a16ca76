"""The committed description is what the code and the template say, and is valid OpenAPI 3.1."""

import json

import schemathesis

from infra.openapi import DOCUMENT, text
from tests.support.template import functions


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
