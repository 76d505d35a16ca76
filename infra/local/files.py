"""Whole-file writes: a reader sees the old content or the new, never half of one."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any, *, mode: int = 0o600) -> None:
    write_text(path, json.dumps(value, indent=1), mode=mode)


def write_text(path: Path, text: str, *, mode: int = 0o600) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary = Path(name)
    temporary.chmod(mode)
    temporary.replace(path)


def read_json(path: Path) -> Any:
    """Return the file's content, or None if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return json.loads(text)
