"""The embedded AWS endpoint: MiniStack in a process of its own, with IAM enforced."""

import os
import shutil
import signal
import time
import urllib.error
import urllib.request

from infra.local.aws import ADMIN_KEY, REGION
from infra.local.emulator.__main__ import HANDLER_LOG, JOURNAL
from infra.local.errors import LocalError
from infra.local.places import PROJECT, Project, StateDir
from infra.local.processes import HOST, POLL_S, Child, require_free_port

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0
SNAPSHOT_TIMEOUT_S = 10.0

INHERITED = ("HOME", "LANG", "PATH")


class Endpoint:
    """MiniStack on 127.0.0.1. With `journaled`, queues and secrets survive a kill."""

    def __init__(self, project: Project, state: StateDir, port: int, *, journaled: bool) -> None:
        self._project = project
        self._state = state
        self._port = port
        self._journaled = journaled
        self._child: Child | None = None

    def launch(self) -> None:
        """Start it; `wait` until it is ready."""
        require_free_port(self._port, "the AWS endpoint", "--endpoint-port")
        if not self._project.endpoint_python.exists():
            raise LocalError(
                f"{self._project.endpoint_python} is missing: the endpoint's environment. "
                "`make run` sets it up."
            )
        # Code of workers that were killed with their endpoint.
        shutil.rmtree(self._state.temporary, ignore_errors=True)
        self._state.temporary.mkdir(mode=0o700)
        self._child = Child(
            "The AWS endpoint (MiniStack)",
            [str(self._project.endpoint_python), "-m", "infra.local.emulator"],
            cwd=PROJECT,
            env=self._environment(),
            log=self._state.endpoint_log,
            # A runner that is killed leaves time to save the state.
            tether_signal=signal.SIGTERM,
        )

    def wait(self) -> None:
        if self._child is not None:
            self._child.wait_until(self._is_ready, START_TIMEOUT_S)

    def save(self) -> None:
        """Have the whole state written now. Only for a journaled endpoint."""
        if self._child is None:
            return
        # MiniStack writes its services in a fixed order; this one, which knows the stack, counts.
        saved = self._state.endpoint / "cloudformation.json"
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        self._child.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + SNAPSHOT_TIMEOUT_S
        while not saved.exists() or saved.stat().st_mtime_ns == before:
            if time.monotonic() > deadline:
                raise LocalError("The AWS endpoint did not save its state.")
            time.sleep(POLL_S)
        # It answers again when all is written.
        self._child.wait_until(self._is_ready, SNAPSHOT_TIMEOUT_S)

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.process.pid

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(STOP_TIMEOUT_S)
            shutil.rmtree(self._state.temporary, ignore_errors=True)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _environment(self) -> dict[str, str]:
        environment = {
            # Workers inherit all of it. Nothing else of the reader's shell may reach them: neither
            # AWS settings, nor what would hide that the template forgot a variable.
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ADMIN_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SECRET_ACCESS_KEY": ADMIN_KEY,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "PYTHONUTF8": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._state.endpoint),
            "TMPDIR": str(self._state.temporary),
            "TZ": "UTC",
            HANDLER_LOG: str(self._state.handler_log),
        }
        if self._journaled:
            environment[JOURNAL] = str(self._state.endpoint / "queues.journal")
        return environment

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://{HOST}:{self._port}/_ministack/health", timeout=START_TIMEOUT_S
            ) as response:
                return bool(response.status == 200)  # noqa: PLR2004
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
