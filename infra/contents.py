"""`python -m infra.contents check DIR | publish DIR | retire ID ...`: articles for people to read.

DIR is a folder of articles, as infra/seed/articles.py reads them. `check` asks no stack. What
stands like this already is left alone, so what broke off is simply started again.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from infra.local.errors import LocalError
from infra.operating import RefusedError, add_place, asset_writer, invoker
from infra.seed.articles import ContentError, publish_all, read_assets, read_contents


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.contents", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what is wrong with a folder's articles")
    check.add_argument("folder", type=Path)
    publish = commands.add_parser("publish", help="check a folder's articles, and publish them")
    publish.add_argument("folder", type=Path)
    add_place(publish)
    retire = commands.add_parser("retire", help="show articles no longer")
    retire.add_argument("content_ids", nargs="+", metavar="ID")
    add_place(retire)
    options = parser.parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    try:
        match options.command:
            case "check":
                console.print(f"sound: {len(read_contents(options.folder))} articles")
            case "publish":
                contents = read_contents(options.folder)
                done = publish_all(
                    invoker(options, "publish_contents"),
                    asset_writer(options),
                    contents,
                    read_assets(options.folder),
                )
                _show(console, done, ("published", "unchanged"))
            case _:
                retired = invoker(options, "retire_contents")({"content_ids": options.content_ids})
                _show(console, retired, ("retired", "unchanged"))
    except (ContentError, LocalError, RefusedError) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            str(error), style="bold red", markup=False
        )
        raise SystemExit(1) from error


def _show(console: Console, done: Mapping[str, Sequence[str]], parts: Sequence[str]) -> None:
    for what in parts:
        console.print(f"{what}: {', '.join(done[what]) or 'none'}")


if __name__ == "__main__":
    main()
