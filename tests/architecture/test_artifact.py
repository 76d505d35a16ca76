"""What `sam build` makes is complete: every handler that the template names runs from it alone.

The artifact is built by the same make rule, for this machine instead of Lambda's, and imported with
nothing else on the path. That finds a wrong `Handler`, a missing wheel, a module outside functions/
and shared/, and a variable that a function reads but the template does not give it.
"""

import json
import marshal
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.package import OPERATIONS, TASK_ROOT
from tests.support.template import ROOT, functions, template

PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# Granted for what AWS does on a function's behalf, or as part of an operation of another name.
GRANTED_BUT_NOT_CALLED = {
    "dynamodb:ConditionCheckItem",  # inside TransactWriteItems
    "dynamodb:DescribeStream",  # the event source reads the stream, not the function
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "s3:ListBucket",  # lets GetObject tell what is not there from what is forbidden
    "sqs:ChangeMessageVisibility",  # the event source reads the queue, not the function
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}

# Runs in a bare interpreter. Each function gets its own environment and its own import of our code.
IMPORT_HANDLERS = """
import importlib, json, os, sys, traceback
artifact, functions = sys.argv[1], json.load(sys.stdin)
sys.path.insert(0, artifact)
inherited, failures = dict(os.environ), {}
for name, function in functions.items():
    for module in [m for m in sys.modules if m.split(".")[0] in ("functions", "shared")]:
        del sys.modules[module]
    os.environ.clear()
    os.environ.update(inherited | function["environment"])
    module, _, attribute = function["handler"].rpartition(".")
    try:
        if not callable(getattr(importlib.import_module(module), attribute)):
            raise TypeError(function["handler"] + " is not a function")
    except Exception:
        failures[name] = traceback.format_exc(limit=-3)
files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
outside = [file for file in files if "site-packages" in file]
json.dump({"failures": failures, "outside": outside}, sys.stdout)
"""

LIST_OPERATIONS = """
import json, sys
sys.path.insert(0, sys.argv[1])
import boto3
models = {name: boto3.client(name).meta.service_model for name in json.load(sys.stdin)}
json.dump({name: list(model.operation_names) for name, model in models.items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    variables = (f"ARTIFACTS_DIR={folder}", "PLATFORM=host", f"PYTHON_VERSION={PYTHON_VERSION}")
    subprocess.run(["make", "--silent", "build-Smoke", *variables], cwd=ROOT, check=True)
    return folder


def handlers() -> dict[str, dict[str, Any]]:
    """Give each function's handler and variables."""
    for_all = template()["Globals"]["Function"]["Environment"]["Variables"]
    return {
        name: {
            "handler": properties["Handler"],
            "environment": {
                variable: made_up(value)
                for variable, value in (
                    for_all | properties.get("Environment", {}).get("Variables", {})
                ).items()
            },
        }
        for name, properties in functions().items()
    }


def made_up(value: object) -> str:
    """Give a variable's value where it is known before deployment, else one that looks like it."""
    if isinstance(value, dict):
        parameter = template()["Parameters"].get(value.get("Ref"), {})
        return str(parameter.get("Default", "https://example.invalid/made-up"))
    return str(value)


def run_alone(program: str, artifact: Path, given: object) -> Any:
    """Run a program with the standard library and this artifact, as Lambda would."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program, str(artifact)],
        input=json.dumps(given),
        env={
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_DEFAULT_REGION": "ap-east-1",
            "AWS_REGION": "ap-east-1",
            "AWS_SECRET_ACCESS_KEY": "testing",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(answer.stdout)


def test_every_handler_of_the_template_imports_from_the_artifact_alone(artifact):
    assert handlers()
    answer = run_alone(IMPORT_HANDLERS, artifact, handlers())
    assert answer == {"failures": {}, "outside": []}, "\n".join(answer["failures"].values())


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("functions.no_such.handler.handler", "ModuleNotFoundError"),
        ("functions.get_account.handler.handle", "AttributeError"),
    ],
)
def test_a_wrong_handler_is_found(artifact, handler, error):
    wrong = {"get_account": handlers()["get_account"] | {"handler": handler}}
    assert error in run_alone(IMPORT_HANDLERS, artifact, wrong)["failures"]["get_account"]


def test_every_source_has_byte_code_that_is_never_checked_and_names_the_task_root(artifact):
    tag = sys.implementation.cache_tag
    sources = list(artifact.rglob("*.py"))
    assert sources
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        assert compiled.exists(), f"{source.relative_to(artifact)} has no .pyc"
        content = compiled.read_bytes()
        assert int.from_bytes(content[4:8], "little") == 0b01  # by hash, unchecked (PEP 552)
        if source.is_relative_to(artifact / "functions"):
            code = marshal.loads(content[16:])  # noqa: S302  written by this test's own build
            assert code.co_filename == f"{TASK_ROOT}/{source.relative_to(artifact)}"


def test_the_artifact_holds_our_code_and_the_locked_wheels_and_nothing_else(artifact):
    rooms = {path.name for path in artifact.iterdir()}
    assert {"functions", "shared"} < rooms
    assert rooms.isdisjoint({"tests", "infra", "events", "template.yaml", "bin", ".venv", ".lock"})
    for room in ("functions", "shared"):
        ours, shipped = (
            {
                path.relative_to(root)
                for path in (root / room).rglob("*")
                if path.is_file() and path.suffix != ".pyc"
            }
            for root in (ROOT, artifact)
        )
        assert shipped == ours


def test_the_artifact_keeps_the_files_of_the_description_s_page(artifact):
    folder = artifact / "aws_lambda_powertools" / "event_handler" / "openapi" / "swagger_ui"
    files = {path.name for path in folder.iterdir()}
    assert {"swagger-ui-bundle.min.js", "swagger-ui.min.css"} <= files


def test_the_operations_that_a_role_grants_are_those_that_the_artifact_can_call(artifact):
    granted = {
        action
        for properties in functions().values()
        for policy in properties.get("Policies", ())
        if isinstance(policy, dict)
        for statement in policy.get("Statement", ())
        for action in as_list(statement["Action"])
    }
    callable_operations = run_alone(LIST_OPERATIONS, artifact, sorted(OPERATIONS))
    can_be_called = {
        f"{service}:{operation}"
        for service, operations in callable_operations.items()
        for operation in operations
    }
    of_these_services = {action for action in granted if action.split(":")[0] in OPERATIONS}
    assert of_these_services - GRANTED_BUT_NOT_CALLED <= can_be_called


def as_list(one_or_more: str | list[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more
