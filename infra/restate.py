"""`python -m infra.restate REPLACED REPLACEMENT`: measure again, first without changing anything.

Asks the stack's restate_entries function for page after page. Without --apply it only counts; with
it, corrections are posted, and a run that broke off is simply started again.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from infra.local.errors import LocalError
from infra.operating import Invoke, RefusedError, add_place, invoker

FUNCTION: Final = "restate_entries"
# Pages of a thousand rows: ten million entries and their outcomes, with room.
PAGES_MAX: Final = 100_000
MG_PER_KG: Final = 1_000_000


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
    add_place(parser)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        invoke = invoker(options, FUNCTION)
        done = restate(invoke, options.replaced, options.replacement, apply=options.apply)
    except (LocalError, RefusedError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    console.print(shown(done, options.replaced, options.replacement, apply=options.apply))


def restate(invoke: Invoke, replaced: str, replacement: str, *, apply: bool) -> Restatement:
    """Return what all pages came to; raise RefusedError where one is refused."""
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
    raise RefusedError(f"The ledger has more than {PAGES_MAX} pages.")


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


if __name__ == "__main__":
    main()
