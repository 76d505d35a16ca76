"""What outlives a stop, and what outlives a kill."""

import json
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.local.places import Project
from infra.local.stack import LocalStack, Ports, Store

WAIT_S_MAX = 30.0

needs_dynamodb_local = pytest.mark.skipif(
    shutil.which("javac") is None or not Project().durable_store.exists(),
    reason="DynamoDB Local is missing; `make run STORE=durable` installs it, and it needs a JDK",
)


def things_seen(state_dir: Path) -> Counter[str]:
    seen: Counter[str] = Counter()
    for line in (state_dir / "handlers.log").read_text().splitlines():
        for text in json.loads(line)["lines"]:
            if text.startswith('{"thing"'):
                seen[json.loads(text)["thing"]] += 1
    return seen


def jobs_done(state_dir: Path) -> set[str]:
    done = set()
    for line in (state_dir / "handlers.log").read_text().splitlines():
        for text in json.loads(line)["lines"]:
            if text.startswith('{"job"'):
                done.add(json.loads(text)["job"])
    return done


def put_thing(stack: LocalStack, name: str) -> None:
    stack.clients("dynamodb").put_item(
        TableName=stack.outputs["Things"], Item={"name": {"S": name}}
    )


def send_job(stack: LocalStack, name: str, failures: int = 0) -> None:
    stack.clients("sqs").send_message(
        QueueUrl=stack.outputs["Jobs"], MessageBody=json.dumps({"id": name, "failures": failures})
    )


def look(stack: LocalStack) -> dict[str, Any]:
    """Return what should be the same after a restart."""
    secrets = stack.clients("secretsmanager")
    return {
        "things": stack.clients("dynamodb").scan(TableName=stack.outputs["Things"])["Items"],
        "generated": secrets.get_secret_value(SecretId=stack.outputs["OpenSecret"])["SecretString"],
        "added": secrets.get_secret_value(SecretId="runner/partners/metro")["SecretString"],
        "tables": stack.outputs["Things"],
    }


def start(state_dir: Path, project: Project, store: Store) -> LocalStack:
    stack = LocalStack(state_dir, Ports.free(), project=project, store=store)
    stack.start()
    return stack


def add_secret(stack: LocalStack) -> None:
    stack.clients("secretsmanager").create_secret(
        Name="runner/partners/metro", SecretString='{"keys": []}'
    )


def test_a_stop_and_a_start_lose_nothing(runner_project: Project, tmp_path: Path) -> None:
    stack = start(tmp_path, runner_project, "memory")
    try:
        add_secret(stack)
        for number in range(5):
            put_thing(stack, f"thing-{number}")
        stack.drain(WAIT_S_MAX)
        # one that waits for its next try, and a record that nobody has read yet
        send_job(stack, "again", failures=1)
        while "again" not in jobs_done(tmp_path):
            time.sleep(0.05)
        token = stack.token("alice")
        for pump in stack._pumps:
            pump.stop()
        put_thing(stack, "unread")
        before = look(stack)
    finally:
        stack.stop()

    stack = start(tmp_path, runner_project, "memory")
    try:
        assert look(stack) == before
        assert stack.request("GET", "/me/x", token=token).status == 200
        stack.drain(WAIT_S_MAX)
        # each once: reading went on where it had stopped
        assert things_seen(tmp_path) == Counter([f"thing-{n}" for n in range(5)] + ["unread"])
        put_thing(stack, "later")
        stack.drain(WAIT_S_MAX)
        assert things_seen(tmp_path)["later"] == 1
    finally:
        stack.stop()


def test_changed_code_is_deployed_at_the_next_start(
    runner_project: Project, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    shutil.copytree(runner_project.root, project.root)
    handler = project.root / "functions" / "on_schedule" / "handler.py"
    state = tmp_path / "state"
    stack = start(state, project, "memory")
    try:
        put_thing(stack, "kept")
    finally:
        stack.stop()
    handler.write_text("def handler(event, context):\n    return 'changed'\n")
    stack = start(state, project, "memory")
    try:
        assert stack.invoke("on_schedule") == "changed"
        things = stack.clients("dynamodb").scan(TableName=stack.outputs["Things"])["Items"]
        assert things == [{"name": {"S": "kept"}}]
    finally:
        stack.stop()


@needs_dynamodb_local
def test_a_durable_store_survives_kill_9(runner_project: Project, tmp_path: Path) -> None:
    stack = start(tmp_path, runner_project, "durable")
    try:
        add_secret(stack)
        put_thing(stack, "before")
        stack.drain(WAIT_S_MAX)
        for pump in stack._pumps:
            pump.stop()
        for number in range(30):
            send_job(stack, f"job-{number}")
            put_thing(stack, f"thing-{number}")
        before = look(stack)
    finally:
        stack.kill()

    stack = start(tmp_path, runner_project, "durable")
    try:
        assert sorted(look(stack)["things"], key=str) == sorted(before["things"], key=str)
        assert {**look(stack), "things": None} == {**before, "things": None}
        stack.drain(WAIT_S_MAX)
        assert jobs_done(tmp_path) == {f"job-{number}" for number in range(30)}
        assert set(things_seen(tmp_path)) == {"before"} | {f"thing-{n}" for n in range(30)}
        description = stack.clients("dynamodb").describe_time_to_live(
            TableName=stack.outputs["Things"]
        )["TimeToLiveDescription"]
        assert description["AttributeName"] == "expires_at"
    finally:
        stack.stop()
