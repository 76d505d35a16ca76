"""The account page in figures: what its first screen loads, and how soon it can be used.

The stack's answers are recorded once and given again by a server that only repeats them, so that
the figure is of the page and not of the emulated functions. Times are ratios to an empty page,
loaded in turn in the same browser.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Response, sync_playwright

from infra.local.stack import LocalStack, Ports
from tests.support.browser import CHROMIUM, PATIENCE_MS, PHONE_EN, launch
from tests.support.readers import open_with_rides, register_partners

ROUNDS: Final = 9
SUBJECT: Final = "page-figures"
EMPTY: Final = "/empty"
EMPTY_PAGE: Final = b"<!doctype html><html lang=en><title>Empty</title><h1>Empty</h1></html>"
SIGN_IN: Final = "h1"
HOME: Final = ".figure"
KEPT_HEADERS: Final = ("content-type", "content-security-policy")

# By path and query: headers and content.
Answers = dict[str, tuple[dict[str, str], bytes]]


def rows() -> list[tuple[str, str, str]]:
    """Measure over a stack of its own; without a browser there is nothing to measure."""
    if CHROMIUM is None:
        return [("not measured", "-", "no Chromium; make installs it")]
    with (
        TemporaryDirectory() as folder,
        LocalStack(Path(folder), Ports.free()) as stack,
        sync_playwright() as playwright,
    ):
        register_partners(stack)
        open_with_rides(stack, SUBJECT)
        browser = launch(playwright)
        found = figures(browser, stack, SUBJECT, rounds=ROUNDS)
        browser.close()
    return found


def figures(
    browser: Browser, stack: LocalStack, subject: str, *, rounds: int
) -> list[tuple[str, str, str]]:
    """Measure the sign-in and the first screen of somebody who has entries."""
    token = stack.token(subject)
    found = []
    for title, sign, given in (("sign-in", SIGN_IN, None), ("home, signed in", HOME, token)):
        answers, sent_bytes = _record(browser, stack.base_url, sign, given)
        size = sum(len(body) for _, body in answers.values())
        with _repeating(answers) as address:
            ratios = []
            for _ in range(rounds):
                empty = _load(browser, f"{address}{EMPTY}", SIGN_IN, given)
                ratios.append(_load(browser, f"{address}/app", sign, given) / empty)
        found += [
            (f"{title}: requests", f"{len(answers)}", "nothing cached"),
            (f"{title}: content", f"{size / 1024:.1f} KiB", "before compression"),
            (f"{title}: sent", f"{sent_bytes / 1024:.1f} KiB", "as it travels, without headers"),
            (f"{title}: until it can be used", f"{statistics.median(ratios):.1f} x", "empty page"),
        ]
    return found


def _record(browser: Browser, address: str, sign: str, token: str | None) -> tuple[Answers, int]:
    """Return what the first screen asks for, by path and query, and how many bytes were sent."""
    with _page(browser, token) as page:
        responses: list[Response] = []
        # Playwright marks its handlers, which no method of a list lets it do.
        page.on("response", lambda response: responses.append(response))  # noqa: PLW0108
        page.goto(f"{address}/app")
        page.wait_for_selector(sign, timeout=PATIENCE_MS)
        page.wait_for_load_state("networkidle")
        answers: Answers = {
            each.url.removeprefix(address): (
                {name: each.headers[name] for name in KEPT_HEADERS if name in each.headers},
                each.body(),
            )
            for each in responses
        }
        return answers, sum(each.request.sizes()["responseBodySize"] for each in responses)


def _load(browser: Browser, address: str, sign: str, token: str | None) -> float:
    """Return the seconds until the sign is there, in a browser that has cached nothing."""
    with _page(browser, token) as page:
        started = time.perf_counter()
        page.goto(address)
        page.wait_for_selector(sign, timeout=PATIENCE_MS)
        return time.perf_counter() - started


@contextmanager
def _page(browser: Browser, token: str | None):
    context = browser.new_context(service_workers="block", **PHONE_EN.options())
    if token is not None:
        context.add_init_script(f"sessionStorage.setItem('access_token', '{token}')")
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def _repeating(answers: Answers) -> Iterator[str]:
    """Serve the recorded answers; yield the address."""
    known = {EMPTY: ({"content-type": "text/html"}, EMPTY_PAGE), **answers}

    class Repeat(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers, body = known.get(self.path, ({}, b""))
            self.send_response(200 if self.path in known else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeat)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
