"""The local issuer's sign-in page, on the API's own origin: a choice of three demo people.

For this machine only. In a deployment the operator's identity provider signs users in, or the
bank's app, which hands its token to the account page.
"""

from collections.abc import Callable
from html import escape

from infra.local.gateway import Answering
from infra.local.http_event import Request, Response
from infra.seed.people import PEOPLE

PATH = "/issuer/sign-in"
PERSON = "person"
# The commuter, the cyclist and the pensioner: the first three of the sample month.
SHOWN = {person.name: person.subject for person in PEOPLE[:3]}
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class SignIn:
    """Answers for the sign-in page, and leaves every other request to `api`."""

    def __init__(self, api: Answering, mint: Callable[[str], str]) -> None:
        self._api = api
        self._mint = mint

    def answer(self, request: Request) -> Response:
        if request.path != PATH or request.method not in {"GET", "HEAD"}:
            return self._api.answer(request)
        subject = SHOWN.get(request.joined_query().get(PERSON, ""))
        if subject is None:
            return _choice()
        # Behind the hash, where no server's log sees it.
        location = f"/app#access_token={self._mint(subject)}"
        return Response(302, (("Location", location), ("Cache-Control", "no-store")), b"")


def _choice() -> Response:
    links = "".join(
        f'<li><a href="?{PERSON}={escape(name)}">{escape(name)}</a></li>' for name in SHOWN
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><title>登录 · Sign in</title>'
        '<h1><span lang="zh-Hans">以谁的身份登录？</span><br>Sign in as whom?</h1>'
        f"<ul>{links}</ul>"
        '<p><span lang="zh-Hans">仅供本机演示。</span> For this machine only.</p></html>'
    )
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", POLICY),
        ("Cache-Control", "no-store"),
    )
    return Response(200, headers, page.encode())
