"""Calls a function of a stack as an operator does: of the one that runs here, or of one on AWS."""

import argparse
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from infra.local.places import DEFAULT_STATE
from infra.local.stack import attach
from infra.seed.articles import put_asset

Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Calls one function with an event and returns its answer."""


class RefusedError(Exception):
    """The function refused what it was asked for."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which stack is meant."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--stack", help="a stack on AWS; without it, the one that runs here")
    place.add_argument("--state-dir", type=Path, default=DEFAULT_STATE)


def invoker(options: argparse.Namespace, function: str) -> Invoke:
    """Return the way to a function of the stack that the arguments name."""
    if options.stack:
        return deployed(options.stack, function)
    return local(options.state_dir, function)


def asset_writer(options: argparse.Namespace) -> Callable[[str, bytes], None]:
    """Return the way into the bucket of pictures of the stack that the arguments name."""
    if options.stack:
        resource = boto3.client("cloudformation").describe_stack_resource(
            StackName=options.stack, LogicalResourceId="AssetsBucket"
        )
        bucket = resource["StackResourceDetail"]["PhysicalResourceId"]
        return partial(put_asset, boto3.client("s3"), bucket)
    stack = attach(options.state_dir)
    return partial(put_asset, stack.clients("s3"), stack.outputs["AssetsBucket"])


def local(state_dir: Path, function: str) -> Invoke:
    """Return the way to a function of the stack that runs on this machine."""
    stack = attach(state_dir)

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = stack.invoke(function, event)
        return answer

    return invoke


def deployed(stack: str, function: str) -> Invoke:
    """Return the way to a function of a deployed stack, with the caller's own AWS credentials."""
    logical_id = "".join(part.title() for part in function.split("_")) + "Function"
    resource = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId=logical_id
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    lambda_client = boto3.client("lambda")

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        result: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            reason = re.sub(r"\s+", " ", str(result.get("errorMessage", result)))
            raise RefusedError(f"{stack} refused: {reason}")
        return result

    return invoke
