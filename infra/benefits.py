"""`python -m infra.benefits publish FILE`: put a catalogue of benefits in force.

FILE is TOML, as infra/seed/benefits.toml. What stands like this already is left alone, so a
publication that broke off is simply started again. More stock adds to what is left; less is refused
where more than that is taken already.
"""

import argparse
import tomllib
from pathlib import Path
from typing import Final

from rich.console import Console

from infra.local.errors import LocalError
from infra.operating import RefusedError, add_place, invoker
from infra.seed.benefits import read_benefits

FUNCTION: Final = "publish_benefits"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.benefits", description=__doc__)
    commands = parser.add_subparsers(required=True)
    publish = commands.add_parser("publish", help="put a file's benefits in force")
    publish.add_argument("file", type=Path)
    add_place(publish)
    options = parser.parse_args(arguments)
    try:
        event = read_benefits(options.file)
        done = invoker(options, FUNCTION)(event)
    except (LocalError, RefusedError, OSError, tomllib.TOMLDecodeError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    console = Console(highlight=False)
    for what in ("published", "unchanged"):
        console.print(f"{what}: {', '.join(done[what]) or 'none'}")


if __name__ == "__main__":
    main()
