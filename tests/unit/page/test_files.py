"""The account page's files: which are served and kept, what they weigh, whose code it is."""

import gzip
import hashlib
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from infra.local.places import PROJECT
from shared.adapters.page import FILES, PAGE, worker

BYTES_MAX = 150_000
OPENAPI = PROJECT / "functions" / "describe_api" / "openapi.json"
# What the page asks of the service beside lists that are open to everybody.
ASKED = (
    "account consents consents/{scenario}/{partner} entries entries/{entry_id} "
    "entries/{entry_id}/receipt footprint movements quiz quiz/{question_id} redemptions "
    "redemptions/{redemption_id} redemptions/{redemption_id}/cancellation retirements shares "
    "shares/{share_id} totals"
)
# No page that works sends these, or a view tells them in its own way.
UNTOLD = {
    *("body_too_large", "idempotency_conflict", "invalid_cursor", "malformed_body"),
    *("missing_idempotency_key", "unsupported_media_type"),
    *("footprint_not_found", "question_answered", "question_not_found"),
}


def test_foreign_code_is_what_its_record_says():
    record = tomllib.loads((PAGE / "vendored.toml").read_text("utf-8"))
    for each in record["file"]:
        content = (PAGE / each["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert (PAGE / each["licence"]).is_file()
    scripts = {path.name for path in PAGE.glob("*.js")}
    assert scripts == {each["path"] for each in record["file"]}


def test_all_of_the_page_is_light_as_it_travels():
    packed = (gzip.compress(path.read_bytes()) for path in PAGE.iterdir())
    assert sum(map(len, packed)) <= BYTES_MAX


def test_whatever_the_page_loads_is_served():
    modules = (path.read_text("utf-8") for path in PAGE.glob("*.mjs"))
    imported = {
        name for text in modules for name in re.findall(r'(?:from |import\()"\./([^"]+)"', text)
    }
    linked = set(
        re.findall(r'(?:href|src)="app/([^"]+)"', (PAGE / "index.html").read_text("utf-8"))
    )
    assert imported
    assert linked
    assert imported | linked <= FILES.keys()


def test_the_page_and_what_is_no_file_of_it_are_not_served_as_files():
    assert "app.mjs" in FILES
    assert FILES.keys().isdisjoint({"index.html", "vendored.toml"})


def test_the_worker_keeps_each_file_that_is_served_except_itself():
    [listed] = re.findall(r'FILES = "([^"]+)"', worker("-"))
    assert sorted([*listed.split(" "), "worker.mjs"]) == sorted(FILES)
    assert "{{" not in worker("-")


def test_the_worker_changes_with_any_file_that_it_keeps_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    copy = tmp_path / "page"
    shutil.copytree(PAGE, copy)
    monkeypatch.setattr("shared.adapters.page.PAGE", copy)
    texts = {worker("-")}
    assert worker("-") in texts
    for name in ("index.html", "app.mjs", "lit-html.LICENSE"):
        with (copy / name).open("a") as file:
            file.write(" ")
        assert worker("-") not in texts
        texts.add(worker("-"))
    assert worker("/issuer/sign-in") not in texts
    (copy / "vendored.toml").write_text("")
    assert worker("-") in texts


def test_no_file_names_an_address_elsewhere():
    ours = (path for path in PAGE.iterdir() if path.suffix in {".mjs", ".css", ".html"})
    assert [path.name for path in ours if "://" in path.read_text("utf-8")] == []


def test_each_text_that_a_view_names_exists():
    known = set(re.findall(r"^  (\w+): \[", (PAGE / "texts.mjs").read_text("utf-8"), re.MULTILINE))
    modules = "".join(path.read_text("utf-8") for path in PAGE.glob("*.mjs"))
    named = set(re.findall(r'visit\.t\(\s*"(\w+)"', modules))
    assert named
    assert named <= known


def test_each_refusal_that_a_reader_may_meet_is_told_in_their_language():
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    told = set(
        re.findall(r"^  refused_(\w+): ", (PAGE / "texts.mjs").read_text("utf-8"), re.MULTILINE)
    )
    responses = (
        response["description"]
        for each in ASKED.split()
        for operation in paths[f"/v1/me/{each}"].values()
        for response in operation["responses"].values()
    )
    refusals = {code for text in responses for code in re.findall(r"`(\w+)`:", text)}
    assert refusals - UNTOLD - told == set()
