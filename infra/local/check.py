"""`python -m infra.local check`: does the store keep what it promises?

Reads every row of the running stack and verifies the invariants that the ledger stands on; nothing
is written. A row that was changed by hand is named, with the attribute, what should stand there and
what does.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from infra.local.findings import Finding, Invariant
from infra.local.invariants import INVARIANTS
from infra.local.ledger import Ledger, LedgerTooLargeError, read_ledger
from infra.local.places import DEFAULT_STATE
from infra.local.stack import attach
from shared.domain.measurement import Sum

# Rows are read one after the other while a stack may be booking: what such a moment makes look
# wrong is right a moment later, what was changed by hand is not.
LOOKS_MAX: Final = 3
PAUSE_S: Final = 1.0
FINDINGS_SHOWN_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One invariant: how many of what were looked at, and what was found to be wrong."""

    name: str
    checked: int
    of_what: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The same grams, added up in three ways; milligrams of CO2e."""

    entries: Sum
    balances: Sum
    sealed: Sum
    live: Sum
    sealed_days: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All lines, in the order in which they were checked."""

    lines: tuple[Line, ...]
    reconciliation: Reconciliation

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for line in self.lines for finding in line.findings)

    @property
    def holds(self) -> bool:
        return not self.findings


def run_check(dynamodb: Any, tables: Mapping[str, str]) -> CheckReport:
    """Return what a boto client's tables (physical names by logical id) say.

    Raises LedgerTooLargeError for a store that does not fit into one look.
    """
    return judge(read_ledger(dynamodb, tables))


def judge(ledger: Ledger) -> CheckReport:
    """Return the report on a ledger that was read."""
    return CheckReport(
        tuple(_line(invariant, ledger) for invariant in INVARIANTS),
        Reconciliation(
            entries=ledger.entries_sum,
            balances=ledger.balances_sum,
            sealed=ledger.sealed_sum,
            live=ledger.live_sum,
            sealed_days=len(ledger.sealed),
        ),
    )


def look_until_settled(look: Callable[[], CheckReport]) -> CheckReport:
    """Return the first report without findings, or the last of LOOKS_MAX."""
    report = look()
    for _ in range(LOOKS_MAX - 1):
        if report.holds:
            break
        time.sleep(PAUSE_S)
        report = look()
    return report


def print_report(report: CheckReport, console: Console) -> None:
    """Print a line for each invariant, and each finding below the one that it breaks."""
    shown = 0
    for line in report.lines:
        mark = Text("ok  ", "green") if not line.findings else Text("FAIL", "bold red")
        text = mark.append(f" {line.name} ", "").append(f"({line.checked} {line.of_what})", "dim")
        console.print(text, soft_wrap=True)
        for finding in line.findings:
            shown += 1
            if shown <= FINDINGS_SHOWN_MAX:
                console.print(f"       {finding}", style="red", markup=False, soft_wrap=True)
    if shown > FINDINGS_SHOWN_MAX:
        console.print(f"       ... and {shown - FINDINGS_SHOWN_MAX} more", style="red")


def main(arguments: Sequence[str]) -> int:
    """Check the running stack; return 1 if anything is off."""
    parser = argparse.ArgumentParser(prog="python -m infra.local check", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=DEFAULT_STATE)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    stack = attach(options.state_dir)
    try:
        report = look_until_settled(lambda: run_check(stack.clients("dynamodb"), stack.outputs))
    except LedgerTooLargeError as error:
        console.print(str(error), style="bold red", markup=False, soft_wrap=True)
        return 1
    print_report(report, console)
    count = len(report.findings)
    console.print("All invariants hold." if report.holds else f"{count} findings.", soft_wrap=True)
    return 0 if report.holds else 1


def _line(invariant: Invariant, ledger: Ledger) -> Line:
    findings = tuple(invariant.check(ledger))
    return Line(invariant.name, invariant.count(ledger), invariant.of_what, findings)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
