"""`python -m infra.local ...` as one types it, against the project's own template."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.files import read_json
from infra.local.http_client import call
from infra.local.places import PROJECT
from infra.local.processes import is_alive
from infra.local.stack import Ports

START_S_MAX = 60.0
STOP_S_MAX = 30.0
PROGRAM = [sys.executable, "-m", "infra.local"]


@dataclass
class Runner:
    """A `run` in a process of its own."""

    process: subprocess.Popen[str]
    state_dir: Path
    ports: Ports
    output: Path

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.http}"

    def pids(self) -> list[int]:
        return [pid for pid in read_json(self.state_dir / "run.json")["pids"] if pid is not None]


def start(state_dir: Path, ports: Ports) -> Runner:
    output = state_dir.with_suffix(".out")
    with output.open("w") as file:
        process = subprocess.Popen(
            [
                *PROGRAM,
                "run",
                "--empty",
                *("--state-dir", str(state_dir)),
                *("--port", str(ports.http)),
                *("--endpoint-port", str(ports.endpoint)),
            ],
            cwd=PROJECT,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    deadline = time.monotonic() + START_S_MAX
    while "Ctrl-C stops it" not in output.read_text():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    return Runner(process, state_dir, ports, output)


def command(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    name, *rest = arguments
    return subprocess.run(
        [*PROGRAM, name, "--state-dir", str(state_dir), *rest],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    running = start(tmp_path_factory.mktemp("commands") / "state", Ports.free())
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_a_token_from_another_shell_opens_an_account(runner: Runner) -> None:
    token = command(runner.state_dir, "token", "alice").stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    answer = call(runner.base_url, "POST", "/v1/me/account", headers=headers)
    assert answer.status == 201
    # the request, as the console shows it
    assert "201 POST /v1/me/account" in runner.output.read_text()


def test_a_token_with_some_scopes_only(runner: Runner) -> None:
    token = command(runner.state_dir, "token", "alice", "--scope", "carbon:read").stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    assert call(runner.base_url, "GET", "/v1/me/account", headers=headers).status == 200
    assert call(runner.base_url, "DELETE", "/v1/me/account", headers=headers).status == 403


def test_events_of_a_stranger_are_not_sent(runner: Runner, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"id": "1"}))
    done = command(runner.state_dir, "send", "nobody", str(file))
    assert done.returncode == 1
    assert "no signing keys of a partner nobody" in done.stderr


def test_the_day_is_closed_on_demand(runner: Runner) -> None:
    done = command(runner.state_dir, "fire", "close_day")
    assert done.returncode == 0, done.stderr
    assert "sealed" in json.loads(done.stdout)


def test_rotated_keys_withdraw_tokens(runner: Runner) -> None:
    token = command(runner.state_dir, "token", "alice").stdout.strip()
    assert command(runner.state_dir, "rotate-keys").returncode == 0
    headers = {"authorization": f"Bearer {token}"}
    assert call(runner.base_url, "GET", "/v1/me/account", headers=headers).status == 401


def test_what_runs_is_not_reset(runner: Runner) -> None:
    done = command(runner.state_dir, "reset")
    assert done.returncode == 1
    assert "running" in done.stderr


def test_a_second_run_says_what_is_in_its_way(runner: Runner, tmp_path: Path) -> None:
    done = command(tmp_path, "run", "--port", str(runner.ports.http))
    assert done.returncode == 1
    assert f"Port {runner.ports.http}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_stops_it_and_leaves_nothing_running(runner: Runner) -> None:
    pids = runner.pids()
    runner.process.send_signal(signal.SIGINT)
    assert runner.process.wait(STOP_S_MAX) == 0, runner.output.read_text()
    assert "Traceback" not in runner.output.read_text()
    assert not any(is_alive(pid) for pid in pids)
    done = command(runner.state_dir, "token", "alice")
    assert done.returncode == 1
    assert "No local stack is running" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tethers a process to its parent")
def test_a_killed_runner_leaves_nothing_running_and_can_be_started_again(tmp_path: Path) -> None:
    ports = Ports.free()
    first = start(tmp_path / "state", ports)
    pids = first.pids()
    token = command(first.state_dir, "token", "bob").stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    assert call(first.base_url, "POST", "/v1/me/account", headers=headers).status == 201
    first.process.kill()
    first.process.wait()
    second = start(tmp_path / "state", ports)
    try:
        # They notice by themselves that their runner is gone, on a busy machine a moment later.
        deadline = time.monotonic() + STOP_S_MAX
        while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(is_alive(pid) for pid in pids)
        assert call(second.base_url, "GET", "/v1/me/account", headers=headers).status == 200
    finally:
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(STOP_S_MAX) == 0
    assert command(second.state_dir, "reset").returncode == 0
    assert not os.path.lexists(second.state_dir)
