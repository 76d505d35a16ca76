"""`python -m infra.benefits publish FILE`: put a catalogue of benefits in force.

FILE is TOML, as infra/seed/benefits.toml. What stands like this already is left alone, so a
publication that broke off is simply started again. More stock adds to what is left; less is refused
where more than that is taken already.
"""

import argparse
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
from rich.console import Console

from infra.local.errors import LocalError
from infra.local.places import DEFAULT_STATE
from infra.local.stack import attach
from infra.seed.benefits import read_benefits

FUNCTION: Final = "publish_benefits"

Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Calls the function with an event and returns its answer."""


class PublicationError(Exception):
    """The function refused; no benefit was published."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.benefits", description=__doc__)
    commands = parser.add_subparsers(required=True)
    publish = commands.add_parser("publish", help="put a file's benefits in force")
    publish.add_argument("file", type=Path)
    place = publish.add_mutually_exclusive_group()
    place.add_argument("--stack", help="a stack on AWS; without it, the one that runs here")
    place.add_argument("--state-dir", type=Path, default=DEFAULT_STATE)
    options = parser.parse_args(arguments)
    try:
        event = read_benefits(options.file)
        invoke = deployed(options.stack) if options.stack else local(options.state_dir)
        done = invoke(event)
    except (LocalError, PublicationError, OSError, tomllib.TOMLDecodeError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    console = Console(highlight=False)
    for what in ("published", "unchanged"):
        console.print(f"{what}: {', '.join(done[what]) or 'none'}")


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
        StackName=stack, LogicalResourceId="PublishBenefitsFunction"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    lambda_client = boto3.client("lambda")

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        result: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            reason = re.sub(r"\s+", " ", str(result.get("errorMessage", result)))
            raise PublicationError(f"{stack} refused: {reason}")
        return result

    return invoke


if __name__ == "__main__":
    main()
