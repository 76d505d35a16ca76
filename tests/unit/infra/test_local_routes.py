from typing import Any

import pytest

from infra.local.errors import DeployError
from infra.local.routes import RouteTable


def operation(function: str, **extra: Any) -> dict[str, Any]:
    uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    return {
        "x-amazon-apigateway-integration": {
            "payloadFormatVersion": "2.0",
            "uri": {"Fn::Sub": f"{uri}/${{{function}.Arn}}/invocations"},
        },
        **extra,
    }


TABLE = RouteTable(
    {
        "paths": {
            "/v1/{proxy+}": {"x-amazon-apigateway-any-method": operation("Greedy")},
            "/v1/me/{name}": {"get": operation("Parameter")},
            "/v1/me/account": {
                "get": operation("Account", security=[{"UserToken": ["carbon:read"]}]),
                "delete": operation("Close", security=[{"NONE": []}]),
            },
            "/$default": {"x-amazon-apigateway-any-method": operation("Default")},
        }
    }
)


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/v1/me/account", "Account", {}),
        ("DELETE", "/v1/me/account", "Close", {}),
        ("POST", "/v1/me/account", "Greedy", {"proxy": "me/account"}),
        ("GET", "/v1/me/a%2Fb", "Parameter", {"name": "a/b"}),
        ("GET", "/v1/me/%E5%8D%A1", "Parameter", {"name": "卡"}),
        ("GET", "/v1/m%65/account", "Account", {}),
        ("GET", "/v1/me/", "Greedy", {"proxy": "me/"}),
        ("GET", "/v1/x/y/z", "Greedy", {"proxy": "x/y/z"}),
        ("GET", "/v1", "Default", {}),
        ("GET", "/", "Default", {}),
    ],
)
def test_the_most_specific_route_takes_the_request(
    method: str, path: str, function: str, parameters: dict[str, str]
) -> None:
    found = TABLE.find(method, path)
    assert found is not None
    route, given = found
    assert (route.function, given) == (function, parameters)


def test_security_of_a_route() -> None:
    routes = {route.function: route for route in TABLE.routes}
    assert (routes["Account"].authorizer, routes["Account"].scopes) == (
        "UserToken",
        ("carbon:read",),
    )
    assert routes["Close"].authorizer is None
    assert routes["Account"].key == "GET /v1/me/account"
    assert routes["Greedy"].key == "ANY /v1/{proxy+}"


def test_no_route_no_answer() -> None:
    table = RouteTable({"paths": {"/a": {"get": operation("A")}}})
    assert table.find("GET", "/b") is None
    assert table.find("POST", "/a") is None


def test_only_lambdas_of_the_template_are_served() -> None:
    elsewhere = operation("A")
    elsewhere["x-amazon-apigateway-integration"]["uri"] = "https://example.org"
    with pytest.raises(DeployError):
        RouteTable({"paths": {"/a": {"get": elsewhere}}})
