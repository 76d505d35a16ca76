"""`python -m infra.pools open FILE | close POOL | list`: gather reductions for a market.

A pool is defined in a TOML file: pool_id, title and market (`en` and `zh-Hans`), opens_at and
closes_at, target_mg, points_per_kg. `close` seals its contributions as one lot and pays for them;
a run that broke off is simply started again.
"""

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from infra.local.errors import LocalError
from infra.operating import Invoke, RefusedError, add_place, invoker

# Calls of some hundred contributions each: a million of them, with room.
CALLS_MAX: Final = 20_000
MG_PER_KG: Final = 1_000_000
# The route, as the HTTP API sends it.
LISTING: Final[Mapping[str, Any]] = {
    "version": "2.0",
    "rawPath": "/v1/pools",
    "headers": {},
    "requestContext": {"http": {"method": "GET", "path": "/v1/pools"}, "stage": "$default"},
    "isBase64Encoded": False,
}


class PoolError(Exception):
    """The definition cannot be read, or the pool has no end."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.pools", description=__doc__)
    add_place(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    opening = commands.add_parser("open", help="open a pool, or show the same one again")
    opening.add_argument("file", type=Path, help="the pool's definition, in TOML")
    closing = commands.add_parser("close", help="seal a pool's lot and pay for it")
    closing.add_argument("pool_id")
    commands.add_parser("list", help="show all pools")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        match options.command:
            case "open":
                wanted = definition(options.file)
                console.print(shown([invoker(options, "open_pool")(wanted)]))
            case "close":
                done = close(invoker(options, "close_pool"), options.pool_id)
                console.print(shown([done["pool"]]))
                console.print(settled(done["payout"]))
            case _:
                answer = invoker(options, "list_pools")(LISTING)
                console.print(shown(json.loads(answer["body"])["pools"]))
    except (LocalError, PoolError, RefusedError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error


def definition(path: Path) -> Mapping[str, Any]:
    """Return a pool's definition; raise PoolError where it is no TOML."""
    try:
        text = path.read_text("utf-8")
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PoolError(f"{path}: {error}") from error


def _plain(value: Any) -> Any:
    """TOML has instants and days of its own; the function reads texts."""
    return value.isoformat() if isinstance(value, date) else value


def close(invoke: Invoke, pool_id: str) -> Mapping[str, Any]:
    """Close until it is done; return the last answer. Raises PoolError where it is refused."""
    for _ in range(CALLS_MAX):
        answer = invoke({"pool_id": pool_id})
        if answer["done"]:
            return answer
    raise PoolError(f"{pool_id} has more than {CALLS_MAX} calls' worth of contributions.")


def shown(pools: Sequence[Mapping[str, Any]]) -> Table:
    """Return pools as a table."""
    table = Table(title="Pools", title_justify="left")
    for column in ("pool", "state"):
        table.add_column(column, no_wrap=True)
    for column in ("title", "closes at", "points a kg", "lot", "kg CO2e", "given"):
        table.add_column(column, overflow="fold")
    for pool in pools:
        lot = pool.get("lot", {})
        pooled_mg = lot.get("total", {}).get("reduction_mg")
        table.add_row(
            pool["pool_id"],
            pool["state"],
            f"{pool['title']['en']} {pool['title']['zh-Hans']}",
            f"{pool['closes_at'][:16]}Z",
            str(pool["points_per_kg"]),
            lot.get("lot_id", ""),
            "" if pooled_mg is None else f"{pooled_mg / MG_PER_KG:,.6f}",
            "" if pooled_mg is None else f"{lot['contributions']:,} times",
        )
    return table


def settled(payout: Mapping[str, int]) -> str:
    """Return what was paid, and what could not be."""
    return (
        f"{payout['points']:,} points paid for {payout['bought_back']:,} contributions; "
        f"{payout['account_closed']:,} passed over, because their accounts are closed."
    )


if __name__ == "__main__":
    main()
