"""MiniStack with what this project needs of it. Runs in .venv-stack, as a process of its own.

MiniStack is pinned by hash, so its inner names are stable; each addition checks what it replaces,
and stops the start if that is not as expected rather than run without it.
"""

import importlib
from typing import Any


def ministack(module: str) -> Any:
    """Return one of MiniStack's modules; it carries no types, and only this process has it."""
    return importlib.import_module(f"ministack.{module}")
