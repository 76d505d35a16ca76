"""The runner against a small template of its own: what API Gateway, Lambda and the rest promise."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.errors import (
    DeployError,
    DrainTimeoutError,
    InvocationError,
    LocalError,
    PortTakenError,
)
from infra.local.grants import check_grants
from infra.local.places import Project
from infra.local.stack import LocalStack, Ports

WAIT_S_MAX = 15.0


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runner")


@pytest.fixture(scope="module")
def runner(state_dir: Path, runner_project: Project) -> Iterator[LocalStack]:
    with LocalStack(state_dir, Ports.free(), project=runner_project) as running:
        yield running


def logged(state_dir: Path, key: str) -> list[dict[str, Any]]:
    """Return what handlers logged with this key, in order."""
    texts = (
        text
        for line in (state_dir / "handlers.log").read_text().splitlines()
        for text in json.loads(line)["lines"]
        if text.startswith("{")
    )
    return [entry for entry in map(json.loads, texts) if key in entry]


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S_MAX
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def put_things(runner: LocalStack, *names: str) -> None:
    for name in names:
        runner.clients("dynamodb").put_item(
            TableName=runner.outputs["Things"], Item={"name": {"S": name}}
        )


def send_jobs(runner: LocalStack, *jobs: dict[str, Any]) -> None:
    for job in jobs:
        runner.clients("sqs").send_message(
            QueueUrl=runner.outputs["Jobs"], MessageBody=json.dumps(job)
        )


def waiting_in(runner: LocalStack, queue: str) -> list[Any]:
    """Take what waits in a queue."""
    answer = runner.clients("sqs").receive_message(
        QueueUrl=runner.outputs[queue], MaxNumberOfMessages=10
    )
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


class TestHttp:
    def test_the_event_is_what_api_gateway_sends(self, runner: LocalStack) -> None:
        answer = runner.request(
            "GET",
            "/me/%E5%8D%A1%2F1?a=1&a=2",
            token=runner.token("alice", scopes=["things:read", "other"]),
            headers={"Cookie": "x=1; y=2", "X-Many": "1"},
        )
        assert answer.status == 200
        assert answer.headers["set-cookie"] == "seen=1"
        event = answer.json()
        assert event["version"] == "2.0"
        assert event["routeKey"] == "GET /me/{name}"
        assert event["rawPath"] == "/me/卡/1"
        assert event["pathParameters"] == {"name": "卡/1"}
        assert event["queryStringParameters"] == {"a": "1,2"}
        assert event["cookies"] == ["x=1", "y=2"]
        assert event["headers"]["x-many"] == "1"
        claims = event["requestContext"]["authorizer"]["jwt"]
        assert claims["scopes"] == ["things:read"]
        assert claims["claims"]["sub"] == "alice"
        assert claims["claims"]["aud"] == "runner"

    @pytest.mark.parametrize(
        ("token", "status", "text"),
        [
            (None, 401, "Unauthorized"),
            ("nonsense", 401, "Unauthorized"),
            ({"scopes": ["things:write"]}, 403, "Forbidden"),
            ({"lifetime_s": -1}, 401, "Unauthorized"),
            ({"claims": {"aud": "other"}}, 401, "Unauthorized"),
            ({"claims": {"iss": "https://elsewhere"}}, 401, "Unauthorized"),
        ],
    )
    def test_who_may_not_pass(self, runner: LocalStack, token: Any, status: int, text: str) -> None:
        made = runner.token("alice", **token) if isinstance(token, dict) else token
        answer = runner.request("GET", "/me/x", token=made)
        assert (answer.status, answer.json()) == (status, {"message": text})
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_a_withdrawn_key_is_refused(self, runner: LocalStack) -> None:
        old = runner.token("alice")
        assert runner.request("GET", "/me/x", token=old).status == 200
        runner.issuer.rotate()
        assert runner.request("GET", "/me/x", token=old).status == 401
        assert runner.request("GET", "/me/x", token=runner.token("alice")).status == 200

    @pytest.mark.parametrize(
        ("method", "path", "status", "text"),
        [
            ("GET", "/nowhere", 404, "Not Found"),
            ("DELETE", "/echo", 404, "Not Found"),
            ("GET", "/misbehave/raise", 500, "Internal Server Error"),
            ("GET", "/misbehave/exit", 500, "Internal Server Error"),
            ("GET", "/misbehave/nonsense", 500, "Internal Server Error"),
            ("GET", "/misbehave/sleep", 503, "Service Unavailable"),
        ],
    )
    def test_errors_of_the_gateway(
        self, runner: LocalStack, method: str, path: str, status: int, text: str
    ) -> None:
        answer = runner.request(method, path)
        assert (answer.status, answer.json()) == (status, {"message": text})
        assert answer.headers["content-type"] == "application/json"

    def test_bodies_of_ten_megabytes_are_too_large(self, runner: LocalStack) -> None:
        connection = http.client.HTTPConnection(urlsplit(runner.base_url).netloc, timeout=10)
        connection.putrequest("POST", "/echo")
        connection.putheader("Content-Length", str(10 * 1024 * 1024 + 1))
        connection.endheaders()
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())) == (
            413,
            {"message": "Request Entity Too Large"},
        )
        connection.close()

    def test_a_body_in_chunks(self, runner: LocalStack) -> None:
        connection = http.client.HTTPConnection(urlsplit(runner.base_url).netloc, timeout=10)
        connection.request(
            "POST",
            "/echo",
            body=iter([b'{"a":', b"1}"]),
            headers={"content-type": "application/json"},
            encode_chunked=True,
        )
        response = connection.getresponse()
        assert json.loads(response.read())["body"] == '{"a":1}'
        connection.close()

    def test_a_connection_serves_many_requests(self, runner: LocalStack) -> None:
        connection = http.client.HTTPConnection(urlsplit(runner.base_url).netloc, timeout=10)
        for number in range(3):
            connection.request("POST", "/echo", body=str(number))
            response = connection.getresponse()
            assert json.loads(response.read())["isBase64Encoded"]
        connection.close()

    def test_a_route_s_own_throttle(self, runner: LocalStack) -> None:
        statuses = [runner.request("GET", "/throttled").status for _ in range(3)]
        assert statuses == [200, 200, 429]

    def test_cors(self, runner: LocalStack) -> None:
        origin = {"Origin": "https://app.example"}
        preflight = runner.request(
            "OPTIONS", "/echo", headers={**origin, "Access-Control-Request-Method": "GET"}
        )
        assert preflight.status == 204
        assert preflight.headers["access-control-allow-methods"] == "GET"
        answer = runner.request("GET", "/nowhere", headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"


class TestRights:
    def test_a_function_may_do_what_its_role_says_and_no_more(self, runner: LocalStack) -> None:
        seen = runner.invoke("look_around")
        denied = "AccessDeniedException"
        assert seen["get_item"] == "done"
        assert seen["put_item"] == denied
        assert seen["open_secret"] == "done"
        assert seen["closed_secret"] == denied
        assert seen["send"] in {"AccessDenied", denied}

    def test_a_trigger_whose_role_lacks_a_right_is_told(
        self, runner: LocalStack, runner_project: Project
    ) -> None:
        role = {
            "RoleName": runner.outputs["ConsumeQueueRole"],
            "PolicyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
        }
        runner.clients("iam").detach_role_policy(**role)
        try:
            with pytest.raises(DeployError, match="ConsumeQueueJobs needs sqs:ReceiveMessage"):
                check_grants(runner.clients, runner._template, runner._resources)
        finally:
            runner.clients("iam").attach_role_policy(**role)
        check_grants(runner.clients, runner._template, runner._resources)

    def test_it_has_the_template_s_environment_and_not_the_shell_s(
        self, runner: LocalStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        environment = runner.invoke("look_around")["environment"]
        assert {"THINGS_TABLE", "OPEN_SECRET", "AWS_REGION"} <= set(environment)
        # tests/conftest.py sets this one for all tests
        assert "ACCOUNTS_TABLE" not in environment
        assert "PYTEST_CURRENT_TEST" not in environment


class TestQueue:
    def test_failed_messages_come_again_and_end_with_the_dead_ones(
        self, runner: LocalStack, state_dir: Path
    ) -> None:
        send_jobs(
            runner,
            {"id": "good", "failures": 0},
            {"id": "late", "failures": 1},
            {"id": "bad", "failures": 9},
        )
        with pytest.raises(DrainTimeoutError, match="Jobs has"):
            runner.drain(0.5)
        runner.drain(WAIT_S_MAX)
        tries = [(entry["job"], entry["try"]) for entry in logged(state_dir, "job")]
        assert sorted(tries) == [("bad", 1), ("bad", 2), ("good", 1), ("late", 1), ("late", 2)]
        assert waiting_in(runner, "DeadJobs") == [{"id": "bad", "failures": 9}]

    def test_a_burst_is_handled_in_batches(self, runner: LocalStack, state_dir: Path) -> None:
        before = len(logged(state_dir, "batch"))
        entries = [
            {"Id": str(n), "MessageBody": '{"id": "burst", "failures": 0}'} for n in range(10)
        ]
        for _ in range(10):
            runner.clients("sqs").send_message_batch(
                QueueUrl=runner.outputs["Jobs"], Entries=entries
            )
        runner.drain(WAIT_S_MAX)
        sizes = [entry["batch"] for entry in logged(state_dir, "batch")[before:]]
        assert sum(sizes) == 100
        assert len(sizes) < 50


class TestStream:
    def test_order_filter_and_a_record_that_never_succeeds(
        self, runner: LocalStack, state_dir: Path
    ) -> None:
        names = [f"thing-{number:02}" for number in range(20)]
        put_things(runner, *names[:10], "poison-1", *names[10:])
        # a change, not an insert: filtered
        runner.clients("dynamodb").put_item(
            TableName=runner.outputs["Things"], Item={"name": {"S": "thing-00"}, "n": {"N": "1"}}
        )
        runner.drain(WAIT_S_MAX)
        seen = [entry["thing"] for entry in logged(state_dir, "thing")]
        first_seen = list(dict.fromkeys(seen))
        assert first_seen == names
        (failure,) = waiting_in(runner, "StreamFailures")
        assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert failure["DDBStreamBatchInfo"]["batchSize"] == 1


class TestSchedule:
    def test_it_fires_when_told(self, runner: LocalStack) -> None:
        answer = runner.fire("on_schedule")
        fired_at = datetime.fromisoformat(answer["event"]["at"])
        assert abs(datetime.now(UTC) - fired_at) < timedelta(seconds=10)
        assert runner.fire("OnScheduleNightly")["event"].keys() == {"at"}

    def test_an_unknown_one_is_named(self, runner: LocalStack) -> None:
        with pytest.raises(LocalError, match="OnScheduleNightly"):
            runner.fire("hourly")


class TestClock:
    def test_functions_live_at_the_stack_s_time(self, runner: LocalStack) -> None:
        def function_now() -> datetime:
            return datetime.fromisoformat(runner.invoke("look_around")["now"])

        try:
            for wanted in (datetime(2027, 1, 1, tzinfo=UTC), datetime(2020, 2, 29, tzinfo=UTC)):
                runner.set_clock(wanted)
                assert wanted <= function_now() < wanted + timedelta(seconds=30)
                assert wanted <= runner.now() < wanted + timedelta(seconds=30)
        finally:
            runner.set_clock(None)
        assert abs(function_now() - datetime.now(UTC)) < timedelta(seconds=10)


class TestCalls:
    def test_a_function_s_error_is_told(self, runner: LocalStack) -> None:
        with pytest.raises(InvocationError, match="an inner detail"):
            runner.invoke("misbehave", {"pathParameters": {"how": "raise"}})

    def test_an_unknown_function_is_named(self, runner: LocalStack) -> None:
        with pytest.raises(LocalError, match="nobody"):
            runner.invoke("nobody")


class TestStart:
    def test_a_taken_port_is_told(
        self, runner: LocalStack, runner_project: Project, tmp_path: Path
    ) -> None:
        taken = urlsplit(runner.base_url).port
        assert taken is not None
        second = LocalStack(tmp_path, Ports(http=taken), project=runner_project)
        with pytest.raises(PortTakenError, match=f"Port {taken} .*--port"):
            second.start()

    def test_two_stacks_do_not_share_their_state(
        self, runner: LocalStack, runner_project: Project, state_dir: Path
    ) -> None:
        second = LocalStack(state_dir, Ports.free(), project=runner_project)
        with pytest.raises(LocalError, match="Another local stack"):
            second.start()
        assert runner.request("POST", "/echo").status == 200
