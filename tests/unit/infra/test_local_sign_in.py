"""The local issuer's sign-in page."""

from datetime import UTC, datetime

import pytest

from infra.local.http_event import Request, Response
from infra.local.sign_in import SignIn

FROM_THE_API = Response(200, (), b"the API")


class AnApi:
    def answer(self, request: Request) -> Response:
        del request
        return FROM_THE_API


def ask(path: str, query: str = "", method: str = "GET") -> Response:
    sign_in = SignIn(AnApi(), lambda subject: f"token-of-{subject}")
    return sign_in.answer(
        Request("r", method, path, query, (), b"", "127.0.0.1", datetime(2026, 11, 10, tzinfo=UTC))
    )


def test_it_offers_three_people():
    body = ask("/issuer/sign-in").body.decode()
    assert [name for name in ("Lin", "Wang", "Zhao", "Chen") if f"person={name}" in body] == [
        "Lin",
        "Wang",
        "Zhao",
    ]


def test_whoever_is_chosen_comes_to_the_page_with_a_token_behind_the_hash():
    answer = ask("/issuer/sign-in", "person=Wang")
    assert answer.status == 302
    assert dict(answer.headers)["Location"] == "/app#access_token=token-of-demo-wang"


def test_nobody_else_gets_a_token():
    answer = ask("/issuer/sign-in", "person=demo-admin")
    assert answer.status == 200
    assert "Location" not in dict(answer.headers)


@pytest.mark.parametrize(
    ("path", "method"), [("/v1/keys", "GET"), ("/issuer/sign-in", "POST"), ("/issuer", "GET")]
)
def test_everything_else_is_the_api_s(path: str, method: str):
    assert ask(path, method=method) is FROM_THE_API
