"""The account page's files: which there are, what they weigh, and where foreign code is from."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

PAGE = Path(__file__).parents[3] / "shared" / "page"
BYTES_MAX = 150_000
HANDLER = Path(__file__).parents[3] / "functions" / "serve_page" / "handler.py"


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
    listed = set(re.findall(r'"([\w.-]+\.(?:mjs|js|css|svg))"', HANDLER.read_text("utf-8")))
    modules = (path.read_text("utf-8") for path in PAGE.glob("*.mjs"))
    imported = {
        name for text in modules for name in re.findall(r'(?:from |import\()"\./([^"]+)"', text)
    }
    linked = set(
        re.findall(r'(?:href|src)="app/([^"]+)"', (PAGE / "index.html").read_text("utf-8"))
    )
    assert imported
    assert linked
    assert imported | linked <= listed


def test_no_file_names_an_address_elsewhere():
    ours = (path for path in PAGE.iterdir() if path.suffix in {".mjs", ".css", ".html"})
    assert [path.name for path in ours if "://" in path.read_text("utf-8")] == []


def test_each_text_that_a_view_names_exists():
    known = set(re.findall(r"^  (\w+): \[", (PAGE / "texts.mjs").read_text("utf-8"), re.MULTILINE))
    modules = "".join(path.read_text("utf-8") for path in PAGE.glob("*.mjs"))
    named = set(re.findall(r'visit\.t\(\s*"(\w+)"', modules))
    assert named
    assert named <= known
