"""The demo as `make demo` and `make run` play it, with a short month, over the local stack."""

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partialmethod
from http.client import HTTPException
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.local import check, demo
from infra.local.errors import LocalError
from infra.local.places import PROJECT, Project
from infra.local.player import Player
from infra.local.stack import LocalStack, Ports
from infra.seed.plan import Step

DAYS = 4
# As a stack that is killed looks to those who use it.
GONE = (OSError, HTTPException, BotoCoreError, ClientError, LocalError)


@dataclass
class Run:
    stack: LocalStack
    state_dir: Path
    result: demo.Result
    printed: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    state_dir = tmp_path_factory.mktemp("demo")
    with LocalStack(state_dir, Ports.free()) as stack:
        text = io.StringIO()
        console = Console(file=text, width=demo.PLAIN_WIDTH, highlight=False)
        result = demo.present(stack, state_dir, console, days=DAYS)
        demo.greet(stack, result.plan, console)
        yield Run(stack, state_dir, result, text.getvalue())


def test_everything_becomes_what_it_should_and_the_store_keeps_its_promises(run: Run):
    assert run.result.mismatches == ()
    assert run.result.report.findings == ()
    assert "0 without outcome, 0 mismatches, invariants hold" in run.result.summary()
    assert run.result.summary() in run.printed.splitlines()


def test_every_acknowledged_event_has_an_outcome_and_no_other(run: Run):
    for key in run.result.plan.fates:
        assert run.result.outcomes[key].outcome in {"credited", "rejected"}
    for key in run.result.plan.unacknowledged:
        assert run.result.outcomes[key].outcome is None


def test_the_sum_of_days_is_the_sum_of_entries(run: Run):
    sums = run.result.report.reconciliation

    assert sums.entries == sums.balances == sums.sealed + sums.live
    # The day before the first is sealed too: it might have had entries.
    assert sums.sealed_days == DAYS
    assert sums.live.count > 0


def test_the_tables_say_what_happened(run: Run):
    for title in (
        "What was sent, and what became of it",
        "Totals by scenario",
        "Lin's statement",
        "The sealed day",
        "Reconciliation",
    ):
        assert title in run.printed


def test_the_requests_it_prints_work_when_they_are_pasted(run: Run):
    token, *requests = [
        line for line in run.printed.splitlines() if line.startswith(("TOKEN=", "curl "))
    ]
    assert len(requests) == 4

    for request in requests:
        pasted = subprocess.run(
            ["bash", "-c", f"{token}\n{request} --fail"],
            capture_output=True,
            check=True,
            timeout=60,
        )
        assert isinstance(json.loads(pasted.stdout), dict)


def test_a_second_start_plays_nothing_and_shows_the_same(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Player, "play", None)

    again = demo.play(run.stack, run.state_dir, Console(file=io.StringIO()))

    assert again.holds
    assert again.plan == run.result.plan
    assert again.outcomes == run.result.outcomes


def test_another_month_is_not_mixed_into_the_store(run: Run):
    with pytest.raises(LocalError, match="4 days"):
        demo.play(run.stack, run.state_dir, Console(file=io.StringIO()), days=DAYS + 1)


def test_the_check_command_finds_a_row_that_was_changed_by_hand(run: Run):
    command = [sys.executable, "-m", "infra.local", "check", "--state-dir", str(run.state_dir)]
    before = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert before.returncode == 0, before.stdout + before.stderr
    assert before.stdout.endswith("All invariants hold.\n")

    dynamodb, table = run.stack.clients("dynamodb"), run.stack.outputs["AccountsTable"]
    rows = dynamodb.scan(TableName=table)["Items"]
    row = next(each for each in rows if int(each.get("seq", {"N": "0"})["N"]) > 0)
    count, amount_mg, rest = row["total"]["S"].split(",", 2)
    changed = row | {"total": {"S": f"{count},{int(amount_mg) + 1},{rest}"}}
    dynamodb.put_item(TableName=table, Item=changed)
    try:
        after = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    finally:
        dynamodb.put_item(TableName=table, Item=row)

    assert after.returncode == 1
    assert f"{row['account_key']['S']}: total: expected" in after.stdout
    assert check.run_check(dynamodb, run.stack.outputs).holds


def play_until_killed(
    player: Player,
    play: Callable[..., None],
    kill_within: Callable[[Step], None],
    first: int,
    begin: Callable[[Step], None],
) -> None:
    def both(step: Step) -> None:
        begin(step)
        kill_within(step)

    play(player, first, both)


@pytest.mark.skipif(
    not any(Project(PROJECT).durable_store.glob("lib/*/DynamoDBLocal.jar")),
    reason="DynamoDB Local is not installed; `make run STORE=durable` installs it",
)
def test_killed_in_the_middle_and_started_again_the_totals_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ports = Ports.free()
    stack = LocalStack(tmp_path, ports, store="durable")
    stack.start()
    plan = demo.seeded_plan(tmp_path, DAYS)
    third = [step for step in plan.steps if step.deliveries][2]
    killer = threading.Timer(0.5, stack.kill)

    def kill_within(step: Step) -> None:
        if step == third:
            killer.start()

    monkeypatch.setattr(Player, "play", partialmethod(play_until_killed, Player.play, kill_within))
    with pytest.raises(GONE):
        demo.play(stack, tmp_path, Console(file=io.StringIO()))
    monkeypatch.undo()
    killer.join()

    demo.resume_clock(tmp_path)
    with LocalStack(tmp_path, ports, store="durable") as restarted:
        result = demo.play(restarted, tmp_path, Console(file=io.StringIO()))

    assert result.mismatches == ()
    assert result.report.findings == ()
    assert result.plan == plan
