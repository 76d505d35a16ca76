"""Child processes that are ready when they say so, stop when told, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.local.errors import LocalError, PortTakenError

HOST = "127.0.0.1"
TETHER = Path(__file__).with_name("tether.py")

PROGRAMS = ("infra.local.emulator", "DynamoDBLocal.jar")

POLL_S = 0.02
LOG_TAIL_LINES = 15


def require_free_port(port: int, purpose: str, option: str) -> None:
    """Raise PortTakenError if anything listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do, so that a port that was closed a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(port, purpose, option) from error


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    """Whether a process has this id and is not just waiting to be forgotten."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's by now
        return False
    return True


def is_one_of_ours(pid: int) -> bool:
    """Whether the process is an endpoint or a store; ids are used again, after a reboot at last."""
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False
    )
    return any(program in listed.stdout for program in PROGRAMS)


class Child:
    """A process of ours. Its output goes to `log`.

    Ctrl-C reaches only the runner, which stops everything in order; if the runner dies without
    doing so, the process gets `tether_signal`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        tether_signal: signal.Signals,
    ) -> None:
        self.name = name
        self.log = log
        tether = [
            sys.executable,
            "-I",
            "-S",
            str(TETHER),
            str(os.getpid()),
            str(int(tether_signal)),
        ]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*tether, *command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Wait for `ready`; raise LocalError with the log's end if it does not come."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if self.process.poll() is not None:
                raise LocalError(f"{self.name} did not start.\n{self._log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise LocalError(
                    f"{self.name} was not ready within {timeout_s:.0f} s.\n{self._log_tail()}"
                )
            time.sleep(POLL_S)

    def stop(self, timeout_s: float) -> None:
        """Ask it to end, insist when the time is up."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would, with all that it started."""
        if self.process.poll() is None:
            # Its whole group, or the workers of a killed endpoint would finish their work first.
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _log_tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])
