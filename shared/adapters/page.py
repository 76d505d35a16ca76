"""The account page's files as they are served, and the worker that keeps them offline."""

import hashlib
import html
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[1] / "page"
INDEX = "index.html"
WORKER = "worker.mjs"
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
TYPES: Mapping[str, str] = {
    ".LICENSE": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": SCRIPT,
    ".mjs": SCRIPT,
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}
# By name. What has another suffix, lies in a folder, or is the page itself is not among them.
FILES: Mapping[str, str] = {
    path.name: TYPES[path.suffix]
    for path in sorted(PAGE.iterdir())
    if path.suffix in TYPES and path.is_file()
}
# The worker keeps these, beside the page. A worker that kept itself could never be replaced.
KEPT = tuple(name for name in FILES if name != WORKER)
# Where the page finds the address at which its reader signs in, and the worker what to keep.
SIGN_IN_MARK = "{{sign_in_url}}"
VERSION_MARK = "{{version}}"
FILES_MARK = "{{files}}"


def page(sign_in_url: str) -> str:
    """Return the page, which names where its reader signs in."""
    return (PAGE / INDEX).read_text("utf-8").replace(SIGN_IN_MARK, html.escape(sign_in_url))


def file_bytes(name: str, sign_in_url: str) -> bytes:
    """Return what is served for a name of FILES."""
    return worker(sign_in_url).encode() if name == WORKER else (PAGE / name).read_bytes()


def worker(sign_in_url: str) -> str:
    """Return the worker's text, which changes with any file that it keeps."""
    digest = hashlib.sha256(page(sign_in_url).encode())
    for name in KEPT:
        digest.update(hashlib.sha256(name.encode()).digest())
        digest.update(hashlib.sha256((PAGE / name).read_bytes()).digest())
    text = (PAGE / WORKER).read_text("utf-8")
    return text.replace(VERSION_MARK, digest.hexdigest()).replace(FILES_MARK, " ".join(KEPT))
