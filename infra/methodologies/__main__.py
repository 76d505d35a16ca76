"""Check, release and show the methodologies in shared/methodologies; METHODOLOGIES.md says how.

check      each file, alone and with the others; every problem is named with its line
compile    write catalogue.jsonl, which is what the functions read
release    lock what is new in released.lock, and compile
show       one version for a reader, with an example
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console

from infra.methodologies.problem import Problem
from infra.methodologies.show import show
from infra.methodologies.workshop import Workshop
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import ledger_day

ROOT = Path(__file__).parents[2]
# Of what is not a terminal, and so has no width of its own.
WIDTH = 100


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return the exit code: 0, or 1 where there are problems."""
    options = _parser().parse_args(arguments)
    shared = root / "shared"
    workshop = Workshop.open(shared / "methodologies", shared / "notices", options.today)
    match options.command:
        case "check":
            return _check(workshop)
        case "compile":
            return _compile(workshop)
        case "release":
            return _release(workshop)
    return _show(workshop, options.reference, dict(options.input))


def _check(workshop: Workshop) -> int:
    _print(workshop.warnings)
    # Only what is sound can be released, and only what is released is compiled.
    problems = workshop.problems or workshop.unreleased or workshop.drift
    return _verdict(problems, f"sound methodologies: {len(workshop.methodologies)}")


def _compile(workshop: Workshop) -> int:
    problems = workshop.problems or workshop.unreleased
    if not problems:
        workshop.compile()
    return _verdict(problems, f"compiled methodologies: {len(workshop.methodologies)}")


def _release(workshop: Workshop) -> int:
    if not workshop.problems:
        workshop.release()
        for reference, what in sorted(workshop.news.items()):
            print(f"{reference} {what}")
    return _verdict(workshop.problems, f"released methodologies: {len(workshop.methodologies)}")


def _show(workshop: Workshop, reference: str, data: dict[str, object]) -> int:
    methodology = next((m for m in workshop.methodologies if m.reference == reference), None)
    if methodology is None:
        print(f"There is no readable methodology {reference}.")
        return 1
    try:
        show(methodology, data, Console(width=None if sys.stdout.isatty() else WIDTH))
    except InvalidRequestError as error:
        for pointer, reason in error.pointers:
            print(f"--input {pointer.removeprefix('/data/')}=...: {reason}")
        return 1
    return 0


def _print(problems: Iterable[Problem]) -> None:
    for each in problems:
        print(each)


def _verdict(problems: Sequence[Problem], success: str) -> int:
    _print(problems)
    print(f"{len(problems)} problem{'s' * (len(problems) > 1)}" if problems else success)
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    calendar = argparse.ArgumentParser(add_help=False)
    calendar.add_argument(
        "--today",
        type=date.fromisoformat,
        default=ledger_day(datetime.now(UTC)),
        metavar="DAY",
        help="the day to judge `best_before` by",
    )
    parser = argparse.ArgumentParser(
        prog="python -m infra.methodologies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in ("check", "compile", "release"):
        commands.add_parser(name, parents=[calendar])
    shown = commands.add_parser("show", parents=[calendar])
    shown.add_argument("reference", metavar="ID@VERSION")
    shown.add_argument(
        "--input",
        type=_input,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input of the example",
    )
    return parser


def _input(text: str) -> tuple[str, Decimal | str]:
    name, _, value = text.partition("=")
    try:
        return name, Decimal(value)
    except InvalidOperation:
        return name, value


if __name__ == "__main__":
    sys.exit(main())
