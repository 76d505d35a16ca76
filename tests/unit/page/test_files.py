"""The account page's files: which are served and kept, what they weigh, whose code it is."""

import gzip
import hashlib
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from shared.adapters.page import FILES, PAGE, worker

BYTES_MAX = 150_000


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
