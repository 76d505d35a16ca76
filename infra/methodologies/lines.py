"""Where each table and key of a TOML text stands, so that a problem can name its line.

`tomllib` forgets lines. A text that it has read is cut here into its statements: a header is one
line, and a key's value goes on until what was read so far is TOML by itself.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

# The way to a value in the document: keys, and the positions in lists.
Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Return the first line, from 1, of every table and key of a valid TOML text."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    rows = iter(enumerate(text.split("\n"), 1))
    for number, row in rows:
        statement = row.strip()
        if not statement or statement.startswith("#"):
            continue
        if statement.startswith("["):
            table = _resolve(statement, counts)
            found.setdefault(table, number)
            found.setdefault(table[:-1], number)
            continue
        while (data := _read(statement)) is None:
            statement += "\n" + next(rows)[1]
        for keys in _keys(data):
            found[table + keys] = number
    return found


def line_at(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _resolve(header: str, counts: dict[Path, int]) -> Path:
    """Return the path of a `[table]` or a `[[list]]`, and count the latter's elements."""
    *outer, last = next(keys for keys in _keys(tomllib.loads(header)) if keys)
    path: Path = ()
    for key in outer:
        path += (key,)
        if path in counts:
            path += (counts[path] - 1,)
    path += (last,)
    if header.startswith("[["):
        counts[path] = counts.get(path, 0) + 1
        path += (counts[path] - 1,)
    return path


def _read(statement: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return None


def _keys(data: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the keys to every value, the longest first."""
    for key, value in data.items():
        if isinstance(value, dict):
            for inner in _keys(value):
                yield (key, *inner)
        yield (key,)
