"""Small parts of the local runner, each pure or over files only."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from standardwebhooks.webhooks import Webhook

from infra.local.batches import InvalidBatchResponseError, failed_items
from infra.local.bundle import make_bundle
from infra.local.clock import StackClock
from infra.local.cors import Cors
from infra.local.emulator.queue_journal import Journal
from infra.local.errors import DeployError, LocalError
from infra.local.logs import render
from infra.local.partner import Partner, read_events
from infra.local.positions import Position, Positions
from infra.local.template import load_template, logical_id
from infra.local.throttle import Bucket, Throttle

PROJECT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
PARTIAL = ["ReportBatchItemFailures"]


class TestBatchAnswers:
    @pytest.mark.parametrize(
        "answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
    )
    def test_nothing_failed(self, answer: Any) -> None:
        assert failed_items(answer, ["a"], PARTIAL) == set()

    def test_some_failed(self) -> None:
        answer = {"batchItemFailures": [{"itemIdentifier": "b"}]}
        assert failed_items(answer, ["a", "b"], PARTIAL) == {"b"}

    def test_without_partial_responses_the_answer_does_not_matter(self) -> None:
        assert failed_items({"batchItemFailures": [{"itemIdentifier": "b"}]}, ["b"], []) == set()

    @pytest.mark.parametrize(
        "answer",
        [
            "text",
            {"batchItemFailures": [{"itemIdentifier": ""}]},
            {"batchItemFailures": [{"itemIdentifier": None}]},
            {"batchItemFailures": [{"itemIdentifier": "stranger"}]},
            {"batchItemFailures": [{"id": "a"}]},
            {"batchItemFailures": ["a"]},
        ],
    )
    def test_what_lambda_does_not_understand_fails_the_batch(self, answer: Any) -> None:
        with pytest.raises(InvalidBatchResponseError):
            failed_items(answer, ["a"], PARTIAL)


class TestBundle:
    def write(self, root: Path) -> None:
        for name, text in {
            "functions/a/handler.py": "A = 1\n",
            "shared/adapters/clock.py": "def now(): ...\n",
            "shared/data/x.json": "{}\n",
            "README.md": "left out\n",
            "shared/__pycache__/x.pyc": "left out\n",
        }.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def test_the_same_code_is_the_same_bundle(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            self.write(tmp_path / name)
        first, second = make_bundle(tmp_path / "one"), make_bundle(tmp_path / "two")
        assert first == second
        (tmp_path / "two" / "functions" / "a" / "handler.py").write_text("A = 2\n")
        assert make_bundle(tmp_path / "two").key != first.key

    def test_it_holds_the_code_and_the_clock_of_the_stack(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        with zipfile.ZipFile(io.BytesIO(make_bundle(tmp_path).data)) as archive:
            assert archive.namelist() == [
                "functions/a/handler.py",
                "shared/adapters/clock.py",
                "shared/adapters/system_clock.py",
                "shared/data/x.json",
            ]
            assert archive.read("shared/adapters/system_clock.py") == b"def now(): ...\n"
            assert b"CARBON_CLOCK_FILE" in archive.read("shared/adapters/clock.py")


class TestClock:
    def overlay(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> Any:
        import importlib
        import sys

        system_clock = SimpleNamespace(now=lambda: NOW)
        monkeypatch.setitem(sys.modules, "shared.adapters.system_clock", system_clock)
        monkeypatch.setenv("CARBON_CLOCK_FILE", str(path))
        monkeypatch.delitem(sys.modules, "infra.local.overlay.clock", raising=False)
        return importlib.import_module("infra.local.overlay.clock")

    def test_functions_follow_the_offset(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = tmp_path / "clock"
        overlay = self.overlay(monkeypatch, path)
        assert overlay.now() == NOW
        path.write_text("86400000")
        assert overlay.now() == NOW + timedelta(days=1)
        path.unlink()
        path.write_text("-1500")
        assert overlay.now() == NOW - timedelta(milliseconds=1500)
        path.unlink()
        assert overlay.now() == NOW

    def test_the_runner_sets_and_forgets_it(self, tmp_path: Path) -> None:
        clock = StackClock(tmp_path / "clock")
        wanted = datetime(2030, 1, 1, tzinfo=UTC)
        clock.set(wanted)
        assert abs(clock.now() - wanted) < timedelta(seconds=5)
        clock.set(None)
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)

    def test_a_naive_instant_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError):
            StackClock(tmp_path / "clock").set(datetime(2030, 1, 1))  # noqa: DTZ001


class TestThrottle:
    def test_a_bucket_refills(self) -> None:
        clock = [0.0]
        bucket = Bucket(rate=2, burst=2, now=lambda: clock[0])
        assert [bucket.take() for _ in range(3)] == [True, True, False]
        clock[0] = 0.5
        assert [bucket.take() for _ in range(2)] == [True, False]

    def test_routes_have_buckets_of_their_own(self) -> None:
        throttle = Throttle(
            {
                "DefaultRouteSettings": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001},
                "RouteSettings": {"GET /b": {"ThrottlingBurstLimit": 2}},
            }
        )
        assert [throttle.admits("GET /a") for _ in range(2)] == [True, False]
        assert [throttle.admits("GET /b") for _ in range(3)] == [True, True, False]

    def test_no_settings_no_limit(self) -> None:
        assert all(Throttle({}).admits("GET /a") for _ in range(1000))


class TestCors:
    SETTINGS = {  # noqa: RUF012
        "x-amazon-apigateway-cors": {
            "allowOrigins": ["https://app.example"],
            "allowMethods": ["GET", "POST"],
            "allowHeaders": ["authorization"],
            "maxAge": 600,
        }
    }

    def test_a_preflight_is_answered(self) -> None:
        headers = {"origin": "https://app.example", "access-control-request-method": "GET"}
        answer = Cors(self.SETTINGS).preflight("OPTIONS", headers)
        assert answer is not None
        assert (answer.status, dict(answer.headers)) == (
            204,
            {
                "Access-Control-Allow-Origin": "https://app.example",
                "Access-Control-Allow-Methods": "GET,POST",
                "Access-Control-Allow-Headers": "authorization",
                "Access-Control-Max-Age": "600",
            },
        )

    def test_other_origins_are_told_nothing(self) -> None:
        assert Cors(self.SETTINGS).headers({"origin": "https://evil.example"}) == []

    def test_without_settings_options_is_a_request_like_any_other(self) -> None:
        headers = {"origin": "https://app.example", "access-control-request-method": "GET"}
        assert Cors({}).preflight("OPTIONS", headers) is None


class TestJournal:
    def message(self, number: int) -> dict[str, Any]:
        return {"id": f"m{number}", "body": str(number)}

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "journal"

    @pytest.fixture
    def journal(self, path: Path) -> Iterator[Journal]:
        journal = Journal(path)
        yield journal
        journal.close()

    def queued(self, path: Path) -> dict[str, list[str]]:
        return {name: list(messages) for name, messages in Journal(path).read().items()}

    def test_what_came_and_did_not_go_is_queued(self, path: Path, journal: Journal) -> None:
        journal.record({"events": [self.message(1), self.message(2)], "postings": []})
        journal.record({"events": [self.message(2)], "postings": [self.message(3)]})
        assert self.queued(path) == {"events": ["m2"], "postings": ["m3"]}

    def test_a_line_that_was_cut_short_does_not_count(self, path: Path, journal: Journal) -> None:
        journal.record({"events": [self.message(1)]})
        with path.open("a") as file:
            file.write('["events", [{"id": "m2"')
        assert self.queued(path) == {"events": ["m1"]}

    def test_a_restart_keeps_what_is_queued_and_no_more(self, path: Path, journal: Journal) -> None:
        for number in range(100):
            journal.record({"events": [self.message(number)]})
        grown = path.stat().st_size
        journal.restart({"events": [self.message(99)]})
        assert path.stat().st_size < grown
        journal.record({"events": [self.message(99), self.message(100)]})
        assert self.queued(path) == {"events": ["m99", "m100"]}


class TestPositions:
    def test_they_outlive_the_process(self, tmp_path: Path) -> None:
        path = tmp_path / "positions.json"
        Positions(path).put("NewEntries", "arn:1", "shard-1", Position("17"))
        again = Positions(path)
        assert again.get("NewEntries", "arn:1", "shard-1") == Position("17")
        assert again.get("NewEntries", "arn:1", "shard-2") is None
        assert again.get("Other", "arn:1", "shard-1") is None

    def test_a_new_stream_starts_anew(self, tmp_path: Path) -> None:
        positions = Positions(tmp_path / "positions.json")
        positions.put("NewEntries", "arn:1", "shard-1", Position("17"))
        assert positions.get("NewEntries", "arn:2", "shard-1") is None
        positions.put("NewEntries", "arn:2", "shard-9", Position(None, closed=True))
        assert positions.get("NewEntries", "arn:1", "shard-1") is None


class TestPartner:
    def events(self, count: int, size: int = 10) -> list[dict[str, Any]]:
        return [{"id": f"e{number}", "data": "x" * size} for number in range(count)]

    def test_a_single_event_and_a_batch(self) -> None:
        partner = Partner("metro", KEY)
        (single,) = partner.requests(self.events(1), NOW)
        assert single.headers["content-type"] == "application/cloudevents+json"
        assert json.loads(single.body)["id"] == "e0"
        (batch,) = partner.requests(self.events(2), NOW)
        assert batch.headers["content-type"] == "application/cloudevents-batch+json"
        assert [event["id"] for event in json.loads(batch.body)] == ["e0", "e1"]

    def test_requests_hold_a_hundred_events_and_64_kib_at_most(self) -> None:
        partner = Partner("metro", KEY)
        assert [len(each.events) for each in partner.requests(self.events(250), NOW)] == [
            100,
            100,
            50,
        ]
        large = list(partner.requests(self.events(100, size=2000), NOW))
        assert sum(len(each.events) for each in large) == 100
        assert max(len(each.body) for each in large) <= 64 * 1024

    def test_signatures_verify_by_the_library(self) -> None:
        now = datetime.now(UTC)
        (request,) = Partner("metro", KEY).requests(self.events(1), now)
        Webhook(KEY).verify(request.body.decode(), request.headers)

    def test_files_with_events(self, tmp_path: Path) -> None:
        path = tmp_path / "events"
        for text, count in (
            ('{"id": "1"}', 1),
            ('[{"id": "1"}, {"id": "2"}]', 2),
            ('{"id": "1"}\n\n{"id": "2"}\n{"id": "3"}\n', 3),
        ):
            path.write_text(text)
            assert len(read_events(path)) == count

    @pytest.mark.parametrize("text", ["", "[]", "[1]", "3", '{"id": "1"}\n{"id":'])
    def test_files_without_events(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "events"
        path.write_text(text)
        with pytest.raises(LocalError):
            read_events(path)


class TestLogs:
    def lines(self, *lines: str, error: bool = False) -> list[str]:
        record = {"at": 0, "duration_ms": 7, "error": error, "lines": lines}
        return [text.plain.partition(" ")[2] for text in render("get_account", record)]

    def test_powertools_lines_are_short(self) -> None:
        line = json.dumps(
            {
                "level": "INFO",
                "location": "f:1",
                "message": "credited",
                "timestamp": "2026",
                "service": "carbon-account",
                "xray_trace_id": "1-2",
                "count": 3,
                "partner": "metro",
            }
        )
        assert self.lines(line) == ["get_account          INFO credited count=3 partner=metro"]

    def test_metrics_and_empty_lines_are_left_out(self) -> None:
        assert self.lines('{"_aws": {}, "Credits": 1}', "", "plain [text]") == [
            "get_account          plain [text]"
        ]

    def test_a_failed_invocation_says_so(self) -> None:
        trace = json.dumps({"level": "ERROR", "message": "no", "exception": "Traceback ..."})
        assert self.lines(trace, error=True) == [
            "get_account          ERROR no\nTraceback ...",
            "get_account          ERROR failed after 7 ms",
        ]

    def test_what_a_handler_logs_is_not_taken_for_markup(self) -> None:
        written = io.StringIO()
        console = Console(file=written, width=200)
        for text in render(
            "f", {"at": 0, "duration_ms": 1, "error": False, "lines": ["[bold]x[/"]}
        ):
            console.print(text)
        assert "[bold]x[/" in written.getvalue()


class TestTemplate:
    def test_the_project_s_own_template(self) -> None:
        template = load_template(
            PROJECT / "template.yaml",
            bundle_key="k.zip",
            parameters={"TokenIssuer": "https://issuer.localhost"},
            environment={"CARBON_CLOCK_FILE": "/clock"},
        )
        resources = template.document["Resources"]
        for name in template.functions:
            properties = resources[name]["Properties"]
            assert properties["Code"] == {"S3Bucket": "local-deployments", "S3Key": "k.zip"}
            assert properties["Environment"]["Variables"]["CARBON_CLOCK_FILE"] == "/clock"
        assert not any(
            resource["Properties"]["Enabled"]
            for resource in resources.values()
            if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        )
        assert '{"Ref": "PseudonymKey"}' not in json.dumps(resources)
        assert {source.kind for source in template.event_sources} == {"queue", "stream"}
        assert template.api is not None
        assert "https://issuer.localhost" in json.dumps(template.api.body)

    def test_sam_s_complaints_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "template.yaml"
        path.write_text(
            "Transform: AWS::Serverless-2016-10-31\n"
            "Resources:\n"
            "  F:\n"
            "    Type: AWS::Serverless::Function\n"
            "    Properties: {Bogus: 1, Handler: a.b, Runtime: python3.13}\n"
        )
        with pytest.raises(DeployError, match="Bogus"):
            load_template(path, bundle_key="k", parameters={}, environment={})

    @pytest.mark.parametrize(
        ("reference", "name"),
        [({"Ref": "A"}, "A"), ({"Fn::GetAtt": ["A", "Arn"]}, "A"), ({"Fn::GetAtt": "A.Arn"}, "A")],
    )
    def test_references(self, reference: Any, name: str) -> None:
        assert logical_id(reference) == name

    def test_what_lies_outside_the_template_does_not_run(self) -> None:
        with pytest.raises(DeployError):
            logical_id("arn:aws:sqs:eu-west-1:123456789012:queue")
