import base64
import gzip
import json
from http import HTTPStatus

import pytest

from shared.domain.errors import BusyError, TotalsMismatchError, UnsupportedMediaTypeError
from shared.runtime.http import (
    Answer,
    Api,
    Operation,
    QueryModel,
    Request,
    WireModel,
    require_media_type,
)
from tests.support.cloud import context, http_event


class ThingBody(WireModel):
    name: str
    size: int


class ThingQuery(QueryModel):
    limit: int = 5


def api_for(handle, method="PUT", path="/v1/things/{id}"):
    api = Api()
    answers: dict[HTTPStatus, type | str] = {HTTPStatus.OK: ThingBody}
    api.route(Operation(method, path, "Put a thing.", answers=answers))(handle)
    return api


def thing_event(headers=None, **event):
    return http_event(
        "PUT", "/v1/things/7", route="/v1/things/{id}", path={"id": "7"}, headers=headers, **event
    )


def put(handle, **event):
    answer = api_for(handle).handler(thing_event(**event), context())
    body = answer["body"]
    return answer["statusCode"], json.loads(body) if body else "", answer["headers"]


def read_thing(request: Request) -> Answer:
    return Answer(request.read(ThingBody))


def test_a_body_is_read_and_an_answer_is_written():
    status, body, headers = put(read_thing, body='{"name": "a", "size": 1}')
    assert (status, body) == (200, {"name": "a", "size": 1})
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ('{"name": "a", "size": 1, "points": 9}', ["/points"]),
        ('{"name": "a"}', ["/size"]),
        ('{"name": 1, "size": "1"}', ["/name", "/size"]),
        ('{"name": "a", "size": true}', ["/size"]),
        ('{"name": "a", "size": 1.5}', ["/size"]),
        ('{"name": "a", "size": null}', ["/size"]),
    ],
)
def test_a_body_that_is_not_the_model_is_refused_with_pointers_and_no_echo(body, pointers):
    status, problem, headers = put(read_thing, body=body)
    assert (status, problem["code"]) == (422, "invalid_request")
    assert [each["pointer"] for each in problem["errors"]] == pointers
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "7"])
def test_a_body_that_is_no_object_is_refused(body):
    assert put(read_thing, body=body)[0] == 422


def test_a_base64_body_is_decoded_once():
    def echo(request: Request) -> Answer:
        assert request.body == b'{"name": "a", "size": 1}'
        return Answer(request.read(ThingBody))

    event = http_event("PUT", "/v1/things/7", route="/v1/things/{id}", body="")
    event["body"] = base64.b64encode(b'{"name": "a", "size": 1}').decode()
    event["isBase64Encoded"] = True
    assert api_for(echo).handler(event, context())["statusCode"] == 200


def test_a_refusal_is_a_problem_and_a_busy_one_says_when_to_come_again():
    def refuse(_: Request) -> Answer:
        raise BusyError

    status, problem, headers = put(refuse)
    assert (status, problem["code"], problem["instance"]) == (503, "busy", "urn:request:request-1")
    assert headers["Retry-After"] == "5"


@pytest.mark.parametrize("error", [ValueError("secret"), TotalsMismatchError("secret")])
def test_our_own_fault_is_a_500_that_tells_nothing(error):
    def fail(_: Request) -> Answer:
        raise error

    status, problem, headers = put(fail)
    assert (status, problem["code"]) == (500, "internal")
    assert "secret" not in json.dumps(problem)
    assert headers["Content-Type"] == "application/problem+json"


def test_a_route_that_is_not_there_is_a_problem():
    event = http_event("GET", "/v1/other", route="$default")
    answer = api_for(read_thing).handler(event, context())
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["code"] == "route_not_found"


def test_what_may_be_cached_has_a_tag_and_is_not_sent_twice():
    def public(_: Request) -> Answer:
        return Answer(ThingBody(name="a", size=1), cache_s=60)

    status, _, headers = put(public)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    status, body, again = put(public, headers={"If-None-Match": headers["ETag"]})
    assert (status, body, again["ETag"]) == (304, "", headers["ETag"])
    assert put(public, headers={"If-None-Match": '"other"'})[0] == 200


def test_what_never_changes_says_so():
    def public(_: Request) -> Answer:
        return Answer("a", media_type="image/svg+xml", cache_s=60, is_immutable=True)

    headers = api_for(public).handler(thing_event(), context())["headers"]
    assert headers["Cache-Control"] == "public, max-age=60, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_goes_out_as_its_bytes():
    def picture(_: Request) -> Answer:
        return Answer(b"\x89PNG\r\n\xff", media_type="image/png", cache_s=60)

    answer = api_for(picture).handler(thing_event(), context())
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]) == b"\x89PNG\r\n\xff"
    assert answer["headers"]["Content-Type"] == "image/png"
    assert "Content-Encoding" not in answer["headers"]


def test_long_public_text_is_packed_for_whoever_takes_it_so():
    def public(_: Request) -> Answer:
        return Answer("碳" * 2000, media_type="text/html; charset=utf-8", cache_s=60)

    plain = api_for(public).handler(thing_event(), context())
    packed = api_for(public).handler(thing_event({"accept-encoding": "br, gzip"}), context())
    assert (plain["body"], plain["isBase64Encoded"]) == ("碳" * 2000, False)
    assert gzip.decompress(base64.b64decode(packed["body"])).decode() == "碳" * 2000
    assert packed["headers"]["Content-Encoding"] == "gzip"
    assert plain["headers"]["Vary"] == packed["headers"]["Vary"] == "Accept-Encoding"
    assert plain["headers"]["ETag"] == packed["headers"]["ETag"]


@pytest.mark.parametrize(("text", "cache_s"), [("碳" * 2000, 0), ("short", 60)])
def test_private_text_and_short_text_are_never_packed(text, cache_s):
    def answer(_: Request) -> Answer:
        return Answer(text, media_type="text/plain", cache_s=cache_s)

    event = thing_event({"accept-encoding": "gzip"})
    assert api_for(answer).handler(event, context())["body"] == text


def test_query_parameters_become_what_the_model_says_and_unknown_ones_are_refused():
    def query(request: Request) -> Answer:
        return Answer(ThingBody(name="limit", size=request.read_query(ThingQuery).limit))

    assert put(query, query={"limit": "7"})[1]["size"] == 7
    assert put(query)[1]["size"] == 5
    for bad in ({"limit": "7,8"}, {"limit": "x"}, {"limit": ""}, {"Limit": "7"}):
        status, problem, _ = put(query, query=bad)
        assert (status, problem["code"]) == (422, "invalid_request")
        assert problem["errors"][0]["pointer"].startswith("/query/")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=gb18030"},
        {"content-type": "application/json; charset=utf-8; x=y"},
        {"content-type": "application/json, application/json"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "identity, gzip"},
    ],
)
def test_a_body_of_another_type_or_encoding_is_not_taken(headers):
    with pytest.raises(UnsupportedMediaTypeError):
        require_media_type(headers, {"application/json"})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        'application/json;charset="utf-8"',
    ],
)
def test_a_type_is_known_however_it_is_written(content_type):
    headers = {"content-type": content_type, "content-encoding": "identity"}
    assert require_media_type(headers, {"application/json"}) == "application/json"
