"""The account page: its payloads, and what is expected."""

from typing import Any

from tests.support.cloud import Cloud
from tests.support.features.expectations import Expectations


def build(cloud: Cloud, time: Any) -> None:
    """Add nothing: the page is the same for everybody."""
    del cloud, time


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http

    def file(name: str) -> dict[str, Any]:
        return http("serve_page", path={"file": name}, route=1)

    return {
        "serve_page/page.200": http("serve_page"),
        "serve_page/module.200": file("app.mjs"),
        "serve_page/style.200": file("style.css"),
        "serve_page/worker.200": file("worker.mjs"),
        "serve_page/file_that_is_not_listed.404": file("index.html"),
        "serve_page/path_out_of_the_folder.404": file("..%2Fruntime%2Fhttp.py"),
    }


EXPECTED = Expectations(
    codes={
        "serve_page/file_that_is_not_listed.404": "route_not_found",
        "serve_page/path_out_of_the_folder.404": "route_not_found",
    },
)
