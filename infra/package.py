"""Make the artifact that all functions share and place it in one function's build folder.

`sam build` calls this once per function, through the rule `build-%` of the Makefile. The artifact
holds functions/, shared/ and the wheels that requirements.txt locks for the Lambda platform, less
what no function can reach, and with byte code: /var/task is read-only, so without .pyc files every
cold start compiles every module anew, at two to three times the CPU. It is made once per content
under .cache/package and hard-linked from there, so twenty functions cost little more than one.
"""

import argparse
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "package"
REQUIREMENTS = ROOT / "requirements.txt"
CODE = ("functions", "shared")

# Where Lambda unpacks the artifact; tracebacks name files below it.
TASK_ROOT = "/var/task"

# The operations that the functions call. botocore reads a service's whole model when its first
# client is made; cut down to these, that takes a third less CPU. The artifact's test compares them
# with what the template's roles grant (tests/architecture/test_artifact.py).
OPERATIONS = {
    "dynamodb": {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    },
    "kms": {"Decrypt", "Encrypt", "GetPublicKey", "Sign"},
    "s3": {"GetObject"},
    "secretsmanager": {"GetSecretValue"},
    "sqs": {"SendMessage", "SendMessageBatch"},
}

# Relative to the artifact. Licences and METADATA of each wheel stay: the first are owed, the second
# is what vulnerability scanners read.
UNREACHABLE = (
    "bin",
    ".lock",
    "boto3/data",
    "boto3/examples",
    "**/*.pyi",
    "**/py.typed",
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    "*.dist-info/WHEEL",
)

# Wheels and artifacts that stay in the cache, newest first: a switch between two branches is cheap.
CACHED_TREES_MAX = 6


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Make the functions' artifact.")
    parser.add_argument("artifacts_dir", type=Path, help="the folder to fill")
    parser.add_argument("--platform", required=True, help="uv's name of the platform, or host")
    parser.add_argument("--python-version", required=True, help="minor version, such as 3.13")
    options = parser.parse_args(arguments)

    compiler = find_python(options.python_version)
    if compiler is None:
        # To standard output: SAM shows nothing else of a build that succeeds.
        print(
            f"WARNING: there is no Python {options.python_version} here, so the artifact has no "
            f".pyc files and cold starts take two to three times the CPU. To get one: "
            f".venv/bin/uv python install {options.python_version}",
        )
    with lock():
        artifact = make_artifact(options.platform, options.python_version, compiler)
        options.artifacts_dir.mkdir(parents=True, exist_ok=True)
        shutil.copytree(artifact, options.artifacts_dir, copy_function=link, dirs_exist_ok=True)
        remove_old_trees()


def make_artifact(platform: str, python_version: str, compiler: str | None) -> Path:
    """Return the folder in the cache that holds the artifact of the present sources."""
    wheels_key = digest(
        [
            Path(__file__).read_bytes(),
            REQUIREMENTS.read_bytes(),
            f"{platform} {python_version} {compiler is not None}".encode(),
        ]
    )

    def make_wheels(target: Path) -> None:
        install_wheels(target, platform, python_version)
        remove_unreachable(target)
        trim_botocore_data(target / "botocore" / "data")
        compile_tree(compiler, target, within=target)

    wheels = make_once(f"wheels-{wheels_key}", make_wheels)

    def make_all(target: Path) -> None:
        shutil.copytree(wheels, target, copy_function=link, dirs_exist_ok=True)
        for relative in code_files():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / relative, target / relative)
        for room in CODE:
            compile_tree(compiler, target / room, within=target)

    contents = (str(path).encode() + b"\0" + (ROOT / path).read_bytes() for path in code_files())
    return make_once(f"artifact-{digest([wheels_key.encode(), *contents])}", make_all)


def code_files() -> list[Path]:
    """List our own files, relative to the root: sources and data, no byte code of this machine."""
    return sorted(
        path.relative_to(ROOT)
        for room in CODE
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    )


def install_wheels(target: Path, platform: str, python_version: str) -> None:
    """Install the locked wheels. A package that has none for the platform fails here, not there."""
    elsewhere = () if platform == "host" else (f"--python-platform={platform}",)
    install = uv(
        "pip",
        "install",
        "--quiet",
        f"--target={target}",
        f"--requirement={REQUIREMENTS}",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        # links would lead into uv's own cache, and the trimming would write there
        "--link-mode=copy",
        f"--python-version={python_version}",
        *elsewhere,
    )
    subprocess.run(install, check=True)


def remove_unreachable(artifact: Path) -> None:
    """Remove what a wheel brings and no function can reach."""
    for pattern in UNREACHABLE:
        for path in list(artifact.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def trim_botocore_data(data: Path) -> None:
    """Leave of botocore's 400 service models the used operations, and endpoints for them.

    Every partition stays, China's among them; so do the retry, partition and default settings.
    """
    for service in data.iterdir():
        if service.is_dir() and service.name not in OPERATIONS:
            shutil.rmtree(service)
    for service_name, operations in OPERATIONS.items():
        for version in list((data / service_name).iterdir()):
            model_file = version / "service-2.json.gz"
            if not model_file.exists():  # an older version of the service
                shutil.rmtree(version)
                continue
            model = trim_model(json.loads(gzip.decompress(model_file.read_bytes())), operations)
            model_file.unlink()
            write_json(version / "service-2.json", model)
            for name in ("examples-1.json", "waiters-2.json"):
                (version / name).unlink(missing_ok=True)
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: service for name, service in partition["services"].items() if name in OPERATIONS
        }
    write_json(data / "endpoints.json", endpoints)


def trim_model(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """Return a service model with these operations, the shapes they reach, and no documentation.

    Raises KeyError where the service has no such operation.
    """
    kept_operations = {
        name: without_documentation(model["operations"][name]) for name in sorted(operations)
    }
    kept_shapes: dict[str, Any] = {}
    wanted = [
        reference["shape"]
        for operation in kept_operations.values()
        for reference in (
            operation.get("input"),
            operation.get("output"),
            *operation.get("errors", ()),
        )
        if reference
    ]
    while wanted:  # ends: a shape enters kept_shapes once, and there are finitely many
        name = wanted.pop()
        if name in kept_shapes:
            continue
        shape = without_documentation(model["shapes"][name])
        if "members" in shape:
            shape["members"] = {
                member: without_documentation(reference)
                for member, reference in shape["members"].items()
            }
        kept_shapes[name] = shape
        wanted += [reference["shape"] for reference in references(shape)]
    return without_documentation(model) | {"operations": kept_operations, "shapes": kept_shapes}


def references(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the shapes that a structure, list or map is made of."""
    yield from shape.get("members", {}).values()
    yield from (shape[part] for part in ("member", "key", "value") if part in shape)


def without_documentation(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "documentation"}


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


def find_python(version: str) -> str | None:
    """Find an interpreter of this minor version: byte code is good for one minor version only."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = subprocess.run(
        uv("python", "find", "--system", "--no-python-downloads", version),
        # a pyenv shim runs only where its version is asked for
        env=os.environ | {"PYENV_VERSION": version},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None


def uv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "uv", *arguments]


def compile_tree(compiler: str | None, tree: Path, *, within: Path) -> None:
    """Compile a folder of an artifact, as the files below /var/task that they will be.

    The byte code carries a hash that nobody checks, not a time: unpacking cannot make it stale.
    """
    if compiler is None:
        return
    quietly, in_parallel = ("-q",), ("-j", "0")
    how = ("--invalidation-mode", "unchecked-hash", "-s", str(within), "-p", TASK_ROOT)
    compileall = [compiler, "-I", "-m", "compileall", *quietly, *in_parallel, *how, str(tree)]
    subprocess.run(compileall, check=True)


def make_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return a tree of the cache, made now where it is not there; a half-made one is never seen."""
    tree = CACHE / name
    if tree.exists():
        tree.touch()
        return tree
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        draft = Path(scratch) / name
        draft.mkdir()
        make(draft)
        for path in draft.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # Lambda runs as another user
        draft.rename(tree)
    return tree


def remove_old_trees() -> None:
    trees = sorted(CACHE.glob("*-*"), key=lambda tree: tree.stat().st_mtime, reverse=True)
    for tree in trees[CACHED_TREES_MAX:]:
        shutil.rmtree(tree)


@contextmanager
def lock() -> Iterator[None]:
    """Let one build at a time work on the cache: SAM starts as many as there are functions."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def link(source: str, target: str) -> None:
    """Link a file, or copy it where the target is on another disk."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def digest(parts: Iterable[bytes]) -> str:
    """Return 16 hex digits that stand for these parts in this order."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


if __name__ == "__main__":
    main()
