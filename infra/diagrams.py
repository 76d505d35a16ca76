"""The state machines of the domain, drawn from the code.

`python -m infra.diagrams` writes them into ARCHITECTURE.md between two marks; `--check` fails where
the drawing is not what the code says. A machine is a module's `TRANSITIONS`: from each state, the
first one first, to those that may follow it.
"""

import argparse
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import shared.domain

DOCUMENT = Path(__file__).parent.parent / "ARCHITECTURE.md"
BEGIN, END = "<!-- state machines: begin -->", "<!-- state machines: end -->"

Machine = Mapping[StrEnum, frozenset[StrEnum]]


def machines() -> Iterator[tuple[str, Machine]]:
    """Yield each machine of the domain with what it is of, by name."""
    for module in sorted(pkgutil.iter_modules(shared.domain.__path__), key=lambda each: each.name):
        code = importlib.import_module(f"shared.domain.{module.name}")
        transitions: Machine | None = getattr(code, "TRANSITIONS", None)
        if transitions is not None:
            yield module.name, transitions


def drawing() -> str:
    """Return all machines as mermaid, each with its states' own sentence above."""
    blocks: list[str] = []
    for name, transitions in machines():
        kind = type(next(iter(transitions)))
        title = name.replace("_", " ").capitalize()
        sentence = (inspect.getdoc(kind) or "").partition("\n")[0]
        blocks.append(f"**{title}.** {sentence}\n\n```mermaid\n{_mermaid(transitions)}\n```")
    return "\n\n".join(blocks)


def _mermaid(transitions: Machine) -> str:
    lines = ["stateDiagram-v2", f"  [*] --> {next(iter(transitions))}"]
    for state, after in transitions.items():
        lines += [f"  {state} --> {follower}" for follower in sorted(after)]
    lines += [f"  {state} --> [*]" for state, after in transitions.items() if not after]
    return "\n".join(lines)


def drawn(text: str) -> str:
    """Return the document with what the code says between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{DOCUMENT.name} has no marks to draw between.")
    return f"{before}{BEGIN}\n\n{drawing()}\n\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.diagrams", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where the drawing is stale")
    text = DOCUMENT.read_text("utf-8")
    if not parser.parse_args().check:
        DOCUMENT.write_text(drawn(text), "utf-8")
    elif drawn(text) != text:
        sys.exit(f"{DOCUMENT.name} is stale: run `python -m infra.diagrams`.")


if __name__ == "__main__":
    main()
