"""`python -m infra.restate REPLACED REPLACEMENT`: measure again, first without changing anything.

Asks the stack's restate_entries function for page after page. Without --apply it only counts; with
it, corrections are posted, and a run that broke off is simply started again.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
from rich.console import Console
from rich.table import Table

from infra.local.errors import LocalError
from infra.local.places import DEFAULT_STATE
from infra.local.stack import attach

FUNCTION: Final = "restate_entries"
# Pages of a thousand rows: ten million entries and their outcomes, with room.
PAGES_MAX: Final = 100_000
MG_PER_KG: Final = 1_000_000

Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Calls the function with an event and returns its answer."""


class RestatementError(Exception):
    """The function refused; nothing after the pages before was posted."""


@dataclass(slots=True)
class Restatement:
    """The pages so far; amounts in milligrams of CO2e."""

    corrected: int = 0
    unchanged: int = 0
    unmeasurable: int = 0
    raised_mg: int = 0
    lowered_mg: int = 0
    accounts: set[str] = field(default_factory=set)

    def add(self, page: Mapping[str, Any]) -> None:
        self.corrected += page["corrected"]
        self.unchanged += page["unchanged"]
        self.unmeasurable += page["unmeasurable"]
        self.raised_mg += page["raised_mg"]
        self.lowered_mg += page["lowered_mg"]
        self.accounts.update(page["accounts"])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.restate", description=__doc__)
    parser.add_argument("replaced", help="the methodology that measured, as <id>@<version>")
    parser.add_argument("replacement", help="the methodology that should have")
    parser.add_argument("--apply", action="store_true", help="post the corrections")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--stack", help="a stack on AWS; without it, the one that runs here")
    place.add_argument("--state-dir", type=Path, default=DEFAULT_STATE)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        invoke = deployed(options.stack) if options.stack else local(options.state_dir)
        done = restate(invoke, options.replaced, options.replacement, apply=options.apply)
    except (LocalError, RestatementError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    console.print(shown(done, options.replaced, options.replacement, apply=options.apply))


def restate(invoke: Invoke, replaced: str, replacement: str, *, apply: bool) -> Restatement:
    """Return what all pages came to; raise RestatementError where one is refused."""
    done = Restatement()
    for page in _pages(invoke, {"replaced": replaced, "replacement": replacement, "apply": apply}):
        done.add(page)
    return done


def _pages(invoke: Invoke, wanted: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    after = None
    for _ in range(PAGES_MAX):
        page = invoke({**wanted, "after": after})
        yield page
        after = page["next_key"]
        if after is None:
            return
    raise RestatementError(f"The ledger has more than {PAGES_MAX} pages.")


def shown(done: Restatement, replaced: str, replacement: str, *, apply: bool) -> Table:
    """Return what was done, or would be, as a table."""
    title = "Corrections posted" if apply else "Dry run: nothing was changed"
    table = Table(title=f"{title}: {replaced} by {replacement}", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, figure in (
        ("accounts touched", f"{len(done.accounts):,}"),
        ("entries corrected" if apply else "entries to correct", f"{done.corrected:,}"),
        ("entries unchanged", f"{done.unchanged:,}"),
        ("entries that cannot be measured", f"{done.unmeasurable:,}"),
        ("raised by, kg CO2e", f"{done.raised_mg / MG_PER_KG:,.6f}"),
        ("lowered by, kg CO2e", f"{done.lowered_mg / MG_PER_KG:,.6f}"),
    ):
        table.add_row(what, figure)
    return table


def local(state_dir: Path) -> Invoke:
    """Return the way to the stack that runs on this machine."""
    stack = attach(state_dir)

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = stack.invoke(FUNCTION, event)
        return answer

    return invoke


def deployed(stack: str) -> Invoke:
    """Return the way to a deployed stack, with the caller's own AWS credentials."""
    resource = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="RestateEntriesFunction"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    lambda_client = boto3.client("lambda")

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        result: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            reason = re.sub(r"\s+", " ", str(result.get("errorMessage", result)))
            raise RestatementError(f"{stack} refused: {reason}")
        return result

    return invoke


if __name__ == "__main__":
    main()
