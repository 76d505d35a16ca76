"""The locks fit what they lock, without asking a registry; `make lock` writes them anew."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "requirements"
RUNTIME = ROOT / "requirements.txt"
DEV = FOLDER / "dev.txt"
STACK = FOLDER / "stack.txt"
LOCKS = [RUNTIME, *sorted(FOLDER.glob("*.txt"))]

# The local endpoint pins botocore, and boto3 and s3transfer follow it.
PINNED_BY_THE_STACK = {"boto3", "botocore", "s3transfer"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME_WANTED = PROJECT["project"]["dependencies"]
DEV_WANTED = PROJECT["dependency-groups"]["dev"]


def inputs(name: str) -> list[str]:
    return (FOLDER / f"{name}.in").read_text(encoding="utf-8").split()


def pins(lock: Path) -> dict[str, set[str]]:
    """Give the versions of each package: two where they differ between Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (RUNTIME, RUNTIME_WANTED),
        (DEV, RUNTIME_WANTED + DEV_WANTED),
        (STACK, RUNTIME_WANTED + inputs("stack")),
        (FOLDER / "sam.txt", inputs("sam")),
        (FOLDER / "uv.txt", inputs("uv")),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_a_lock_has_everything_that_is_asked_for(lock, wanted):
    locked = pins(lock)
    for requirement in map(Requirement, wanted):
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{lock.name} lacks {requirement}: make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: make lock"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_every_pin_and_names_no_registry(lock):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    for pin in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pin


def test_what_runs_on_lambda_is_what_the_tests_ran_with():
    runtime, dev = pins(RUNTIME), pins(DEV)
    assert {name: dev[name] for name in runtime} == runtime


def test_the_local_stack_runs_the_same_packages_except_those_it_pins():
    runtime, stack = pins(RUNTIME), pins(STACK)
    differing = {name for name, versions in runtime.items() if stack[name] != versions}
    assert differing <= PINNED_BY_THE_STACK
