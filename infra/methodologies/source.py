"""A methodology file: its TOML, read into tables, each with the line where it stands.

A table that breaks the form is left out and named as a problem; the others are still read, so that
one look at a file finds all that is wrong with it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.methodologies.form import (
    FOOTPRINT_TABLES,
    TABLES,
    UNIT_PATTERN,
    Cap,
    Change,
    ChosenInput,
    Evidence,
    Figure,
    Header,
    MeasuredInput,
    Parameter,
    Source,
    Step,
    Table,
    keys_of,
    table_for,
)
from infra.methodologies.lines import Path, line_at, lines_of
from infra.methodologies.problem import Problem
from shared.domain.methodology import ROUNDING

# What pydantic says of these says nothing to who wrote the file.
_IN_OTHER_WORDS = {
    "missing": "is missing",
    "string_type": "should be a text, in quotation marks",
    "date_type": "should be a day like 2025-01-01, without quotation marks",
    "model_type": "should be a table",
    "list_type": "should be a list, in square brackets",
    "int_type": "should be a whole number",
    "too_short": "should not be empty",
}
_PATTERNS = {
    r"\S": "should not be empty",
    UNIT_PATTERN: "should be a unit like kg/km, or 1 for a plain number",
    r"^[a-z][a-z0-9_]*$": "should be small letters, digits and _, and begin with a letter",
    r"^[a-z0-9][a-z0-9.-]*$": "should be small letters, digits, hyphens and points",
    r"^https?://\S+$": "should be an address that begins with http:// or https://",
}

Input = MeasuredInput | ChosenInput


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The tables that keep the form, by their position in the file; `problems` names the others.

    `names` and `keys` are what the file defines, and `said` is all that its tables say but for the
    sources: also those that break the form, because what they are read by is not to blame.
    """

    name: str
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...]
    header: Header | None = None
    inputs: Mapping[int, Input] = field(default_factory=dict)
    parameters: Mapping[int, Parameter] = field(default_factory=dict)
    steps: Mapping[int, Step] = field(default_factory=dict)
    caps: Mapping[int, Cap] = field(default_factory=dict)
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    sources: Mapping[int, Source] = field(default_factory=dict)
    benchmarks: Mapping[int, Figure] = field(default_factory=dict)
    equivalents: Mapping[int, Figure] = field(default_factory=dict)
    changes: Mapping[int, Change] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    said: str = ""

    def problem(self, reason: str, *path: str | int) -> Problem:
        """Return a problem of what stands at a path, or in the nearest table around it."""
        return Problem(self.name, line_at(self.lines, path), reason)

    @property
    def input_names(self) -> frozenset[str]:
        """What may be an input, if its table could be read."""
        parameters = {each.name for each in self.parameters.values()}
        return self.names - parameters - {each.name for each in self.steps.values()}

    def document(self) -> dict[str, Any]:
        """Return the published document; only a file without problems has one."""
        assert self.header is not None
        tables = {
            key: [_published(each) for each in getattr(self, key).values()]
            for key in TABLES
            if key not in FOOTPRINT_TABLES or getattr(self, key)
        }
        return {**_published(self.header), **tables, "rounding": ROUNDING}


def read_file(name: str, content: bytes) -> SourceFile:
    """Return what a file says; `problems` has every place where it breaks the form."""
    try:
        # Some editors put a mark before the first letter, or end a line with two characters.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return SourceFile(name, {(): 1}, (_unreadable(name, content, error),))
    lines = lines_of(text)
    problems: list[Problem] = []

    def accepted(form: type[Table], table: object, *path: str | int) -> Any:
        try:
            return form.model_validate(table)
        except ValidationError as error:
            problems.extend(
                Problem(name, line_at(lines, (*path, *where)), reason)
                for where, reason in _reasons(form, error.errors())
            )

    top = {key: value for key, value in data.items() if key not in TABLES}
    tables = {key: data.get(key, []) for key in TABLES}
    for key, each in tables.items():
        if not isinstance(each, list) or not all(isinstance(table, dict) for table in each):
            problems.append(
                Problem(name, line_at(lines, (key,)), f"`{key}` is written as [[{key}]].")
            )
            tables[key] = []
    header = accepted(Header, top)
    read = {
        key: {
            position: table
            for position, raw in enumerate(each)
            if (table := accepted(table_for(key, raw), raw, key, position)) is not None
        }
        for key, each in tables.items()
    }
    return SourceFile(
        name,
        lines,
        tuple(problems),
        header,
        **read,
        names=_texts(tables, "name", "inputs", "parameters", "steps"),
        keys=_texts(tables, "key", "sources"),
        said=repr([each for key, each in tables.items() if key != "sources"]),
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the question whether a known word was meant, or nothing where none is near."""
    match = get_close_matches(word, sorted(known), n=1)
    return f" Did you mean `{match[0]}`?" if match else ""


def _published(table: Table) -> dict[str, Any]:
    return table.model_dump(mode="json", by_alias=True, exclude_none=True)


def _texts(tables: Mapping[str, list[dict[str, Any]]], key: str, *of: str) -> frozenset[str]:
    return frozenset(str(table[key]) for each in of for table in tables[each] if key in table)


def _unreadable(
    name: str, content: bytes, error: UnicodeDecodeError | tomllib.TOMLDecodeError
) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(name, line, "This is not UTF-8: save the file in that encoding.")
    # An error at the end of the document has no line of its own.
    match = re.search(r"at line (\d+)", str(error))
    line = int(match[1]) if match else content.rstrip().count(b"\n") + 1
    return Problem(name, line, f"This is not TOML: {str(error).partition(' (at')[0]}.")


def _reasons(form: type[Table], errors: list[ErrorDetails]) -> Iterator[tuple[Path, str]]:
    """Yield where a table breaks its form, and how; a misspelt key is not also a missing one."""
    missing = {error["loc"] for error in errors if error["type"] == "missing"}
    meant: set[Path] = set()
    for error in errors:
        if error["type"] != "extra_forbidden":
            continue
        *table, key = error["loc"]
        absent = [str(each[-1]) for each in missing if each[:-1] == (*table,)]
        match = get_close_matches(str(key), absent, n=1)
        meant |= {(*table, each) for each in match}
        near = nearest(str(key), match or keys_of(_form_at(form, (*table,))))
        yield error["loc"], f"`{key}` is not a key that belongs here.{near}"
    for error in errors:
        path = error["loc"]
        if error["type"] == "extra_forbidden" or path in meant:
            continue
        key = ".".join(each for each in path if isinstance(each, str))
        yield path, f"`{key}` {_in_words(error)}."


def _in_words(error: ErrorDetails) -> str:
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS[error["ctx"]["pattern"]]
    return _IN_OTHER_WORDS.get(error["type"], error["msg"].replace("Input should", "should", 1))


def _form_at(form: type[Table], path: Path) -> type[Table]:
    """Return the form of a table inside a table."""
    for key in path:
        if isinstance(key, str):
            annotation = next(
                field.annotation
                for name, field in form.model_fields.items()
                if key in (name, field.alias)
            )
            form = next(each for each in _types_in(annotation) if issubclass(each, Table))
    return form


def _types_in(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for each in get_args(annotation):
        yield from _types_in(each)
