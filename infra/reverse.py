"""`python -m infra.reverse PARTNER EVENT_ID`: take a credit back, first without changing anything.

Without --apply it says what would be taken back. The ledger keeps who asked for it, and why.
"""

import argparse
import getpass
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console

from infra.local.errors import LocalError
from infra.operating import RefusedError, add_place, invoker
from shared.domain.reversing import ReversalReason

FUNCTION: Final = "reverse_entry"
MG_PER_KG: Final = 1_000_000


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.reverse", description=__doc__)
    parser.add_argument("partner")
    parser.add_argument("event_id", help="the event whose credit is taken back, in all")
    parser.add_argument("--reason", required=True, choices=[each.value for each in ReversalReason])
    parser.add_argument("--operator", default=getpass.getuser(), help="who asks for it")
    parser.add_argument("--apply", action="store_true", help="book the reversal")
    add_place(parser)
    options = parser.parse_args(arguments)
    order = {
        "partner": options.partner,
        "event_id": options.event_id,
        "reason": options.reason,
        "operator": options.operator,
        "apply": options.apply,
    }
    try:
        taken = invoker(options, FUNCTION)(order)
    except (LocalError, RefusedError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    Console(highlight=False).print(shown(taken, apply=options.apply), markup=False, soft_wrap=True)


def shown(taken: Mapping[str, Any], *, apply: bool) -> str:
    """Return what was taken back, or would be, in one line."""
    kilograms = -taken["reduction_mg"] / MG_PER_KG
    verb = "Taken back" if apply else "Dry run, nothing was changed; to be taken back"
    return (
        f"{verb}: {kilograms:.6f} kg CO2e and {-taken['points']} points, as {taken['cause']} "
        f"({taken['reason']})."
    )


if __name__ == "__main__":
    main()
