import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.authorizer import Passed
from infra.local.http_event import INTERNAL_ERROR, Request, build_event, to_response
from infra.local.routes import Route

ROUTE = Route("GET /v1/entries/{id}", "GET", ("v1", "entries", "{id}"), "F", None, (), 30.0)


def request(**changes: Any) -> Request:
    given: dict[str, Any] = {
        "request_id": "r-1",
        "method": "GET",
        "path": "/v1/entries/a%2Fb",
        "query": "",
        "headers": (("Host", "127.0.0.1:8080"), ("User-Agent", "test")),
        "body": b"",
        "source_ip": "127.0.0.1",
        "at": datetime(2026, 11, 22, 8, 5, tzinfo=UTC),
    }
    return Request(**(given | changes))


def event(passed: Passed | None = None, **changes: Any) -> dict[str, Any]:
    return build_event(request(**changes), ROUTE, {"id": "a/b"}, passed)


def test_a_plain_request() -> None:
    assert event() == {
        "version": "2.0",
        "routeKey": "GET /v1/entries/{id}",
        "rawPath": "/v1/entries/a/b",
        "rawQueryString": "",
        "headers": {"host": "127.0.0.1:8080", "user-agent": "test"},
        "pathParameters": {"id": "a/b"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "127",
            "http": {
                "method": "GET",
                "path": "/v1/entries/a/b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": "r-1",
            "routeKey": "GET /v1/entries/{id}",
            "stage": "$default",
            "time": "22/Nov/2026:08:05:00 +0000",
            "timeEpoch": 1795334700000,
        },
        "isBase64Encoded": False,
    }


def test_repeated_headers_and_parameters_are_joined_and_cookies_stand_apart() -> None:
    built = event(
        query="a=1&a=2&empty=&text=%E5%8D%A1+x",
        headers=(
            ("Host", "h"),
            ("X-One", "1"),
            ("x-one", "2"),
            ("Cookie", "a=1; b=2"),
            ("Cookie", "c=3"),
        ),
    )
    assert built["rawQueryString"] == "a=1&a=2&empty=&text=%E5%8D%A1+x"
    assert built["queryStringParameters"] == {"a": "1,2", "empty": "", "text": "卡 x"}
    assert built["headers"] == {"host": "h", "x-one": "1,2"}
    assert built["cookies"] == ["a=1", "b=2", "c=3"]


def test_a_decoded_question_mark_ends_the_path() -> None:
    assert event(path="/v1/entries/a%3Fadmin=1")["rawPath"] == "/v1/entries/a"


@pytest.mark.parametrize(
    ("content_type", "body", "text", "is_base64"),
    [
        ("application/json", b"{}", "{}", False),
        ("application/json; charset=utf-8", b"{}", "{}", False),
        ("text/plain", "卡".encode(), "卡", False),
        ("text/plain", b"\xff\xfe", "//4=", True),
        ("application/cloudevents+json", b"{}", "e30=", True),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", True),
        ("", b"x", "eA==", True),
    ],
)
def test_bodies_are_text_or_base64_by_their_type(
    content_type: str, body: bytes, text: str, is_base64: bool
) -> None:
    built = event(headers=(("Content-Type", content_type),), body=body)
    assert (built["body"], built["isBase64Encoded"]) == (text, is_base64)


def test_claims_of_a_token_that_passed() -> None:
    passed = Passed({"sub": "alice", "exp": "1795334700"}, ["carbon:read"])
    assert event(passed)["requestContext"]["authorizer"] == {
        "jwt": {"claims": {"sub": "alice", "exp": "1795334700"}, "scopes": ["carbon:read"]}
    }


def test_a_full_answer() -> None:
    response = to_response(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "application/problem+json", "etag": '"1"'},
            "cookies": ["a=1", "b=2"],
            "body": base64.b64encode(b"\x00\x01").decode(),
            "isBase64Encoded": True,
        }
    )
    assert response.status == 201
    assert response.body == b"\x00\x01"
    assert response.headers == (
        ("Content-Type", "application/problem+json"),
        ("etag", '"1"'),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    )


def test_a_bare_answer_is_taken_for_json() -> None:
    response = to_response({"a": 1})
    assert (response.status, json.loads(response.body)) == (200, {"a": 1})
    assert response.headers == (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    "payload",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": 5},
        {"statusCode": 200, "body": "x", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
    ],
)
def test_what_is_no_response_is_an_internal_error(payload: dict[str, Any]) -> None:
    assert to_response(payload) == INTERNAL_ERROR
