from collections.abc import Callable
from typing import Any

import pytest

from infra.local import shard_reader
from infra.local.invoker import EndpointUnavailableError, FunctionError
from infra.local.positions import Position
from infra.local.shard_reader import Exhausted, ShardReader
from infra.local.stream_client import Page, PlaceLostError, Shard

STEPS_MAX = 500
HALF_A_MINUTE = 30


def record(number: int, *, event: str = "INSERT", at: int = 1_700_000_000) -> dict[str, Any]:
    return {
        "eventName": event,
        "dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": at},
    }


def numbers(records: list[dict[str, Any]]) -> list[int]:
    return [int(each["dynamodb"]["SequenceNumber"]) for each in records]


class FakeStream:
    """A shard that may lose its beginning, and closes when told."""

    arn = "arn:stream"

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.closed = False
        self.trimmed_before = 0

    def iterator(self, _shard_id: str, position: Position | None, start: str) -> str:
        if position is None or position.after is None:
            assert start == "TRIM_HORIZON"
            return str(self.trimmed_before)
        if int(position.after) < self.trimmed_before:
            raise PlaceLostError
        return position.after

    def read(self, iterator: str, limit: int) -> Page:
        after = int(iterator)
        found = [each for each in self.records if numbers([each])[0] > after][:limit]
        last = numbers(found)[-1] if found else after
        at_end = self.closed and not found
        return Page(found, None if at_end else str(last))


class Run:
    """A reader with a function that fails as told, and no waits."""

    def __init__(
        self,
        records: list[dict[str, Any]],
        answer: Callable[[dict[str, Any]], Any] = lambda event: None,
        *,
        position: Position | None = None,
        **properties: Any,
    ) -> None:
        self.stream = FakeStream(records)
        self.events: list[dict[str, Any]] = []
        self.given_up: list[Exhausted] = []
        self.saved: list[Position] = []
        self._answer = answer
        self.reader = ShardReader(
            Shard("shardId-1", None),
            self.stream,  # type: ignore[arg-type]
            {"StartingPosition": "TRIM_HORIZON", "BatchSize": 10, **properties},
            invoke=self._invoke,
            give_up=self.given_up.append,
            position=position,
            save=self.saved.append,
        )

    def _invoke(self, event: dict[str, Any]) -> Any:
        self.events.append(event)
        return self._answer(event)

    def until_idle(self) -> list[list[int]]:
        for _ in range(STEPS_MAX):
            if not self.reader.step():
                return [numbers(event["Records"]) for event in self.events]
        raise AssertionError("the reader does not come to rest")


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_reader, "BACKOFF_S", 0.0)


def reports(*failed: int) -> Callable[[dict[str, Any]], Any]:
    """Return a handler that reports these records, always."""

    def answer(event: dict[str, Any]) -> Any:
        present = [number for number in numbers(event["Records"]) if number in failed]
        return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in present]}

    return answer


def raises_on(*bad: int) -> Callable[[dict[str, Any]], Any]:
    def answer(event: dict[str, Any]) -> None:
        if set(numbers(event["Records"])).intersection(bad):
            raise FunctionError("Unhandled", "no")

    return answer


PARTIAL: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_records_come_in_order_and_in_batches() -> None:
    run = Run([record(number) for number in range(1, 26)])
    assert run.until_idle() == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26))]
    assert run.saved[-1] == Position("25")


def test_reading_goes_on_after_the_saved_position() -> None:
    run = Run([record(number) for number in range(1, 6)], position=Position("3"))
    assert run.until_idle() == [[4, 5]]


def test_what_the_stream_still_has_is_read_again_when_the_place_is_lost() -> None:
    run = Run([record(number) for number in range(1, 6)], position=Position("1"))
    run.stream.trimmed_before = 2
    assert run.until_idle() == [[3, 4, 5]]


def test_filtered_records_are_passed_over_and_counted_as_read() -> None:
    records = [record(number, event="INSERT" if number % 2 else "MODIFY") for number in range(1, 5)]
    run = Run(records, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]})
    assert run.until_idle() == [[1, 3]]
    assert run.saved == [Position("4")]
    run.stream.records += [record(5, event="REMOVE")]
    assert run.until_idle() == [[1, 3]]
    assert run.saved[-1] == Position("5")


def test_a_partial_failure_keeps_what_came_before_it() -> None:
    run = Run(
        [record(number) for number in (1, 2, 3, 4)], reports(3), MaximumRetryAttempts=2, **PARTIAL
    )
    assert run.until_idle() == [[1, 2, 3, 4], [3, 4], [3, 4], [3, 4]]
    assert run.saved == [Position("2"), Position("4")]
    (given_up,) = run.given_up
    assert numbers(list(given_up.records)) == [3, 4]
    assert given_up.condition == "RetryAttemptsExhausted"


def test_bisection_leaves_only_the_bad_record_behind() -> None:
    run = Run(
        [record(number) for number in range(1, 9)],
        raises_on(6),
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
    )
    assert run.until_idle() == [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [5, 6],
        [5],
        [6],
        [6],
        [7, 8],
    ]
    assert [numbers(list(each.records)) for each in run.given_up] == [[6]]
    assert run.saved[-1] == Position("8")


def test_bisection_with_partial_failures() -> None:
    run = Run(
        [record(number) for number in range(1, 6)],
        reports(2),
        MaximumRetryAttempts=0,
        BisectBatchOnFunctionError=True,
        **PARTIAL,
    )
    assert run.until_idle() == [[1, 2, 3, 4, 5], [2, 3, 4, 5], [2, 3], [2], [3], [4, 5]]
    assert [numbers(list(each.records)) for each in run.given_up] == [[2]]


def test_an_unknown_identifier_fails_the_whole_batch() -> None:
    answers = iter([{"batchItemFailures": [{"itemIdentifier": "999"}]}, None])
    run = Run([record(1), record(2)], lambda event: next(answers), **PARTIAL)
    assert run.until_idle() == [[1, 2], [1, 2]]


def test_without_a_limit_a_failing_batch_holds_the_shard() -> None:
    failures = iter([True] * 30 + [False])

    def answer(event: dict[str, Any]) -> None:
        if next(failures):
            raise FunctionError("Unhandled", "no")

    run = Run([record(1)], answer)
    assert len(run.until_idle()) == 31
    assert not run.given_up


def test_throttling_is_no_attempt() -> None:
    failures = iter([True] * 10 + [False])

    def answer(event: dict[str, Any]) -> None:
        if next(failures):
            raise EndpointUnavailableError("throttled")

    run = Run([record(1)], answer, MaximumRetryAttempts=0)
    assert len(run.until_idle()) == 11
    assert not run.given_up


def test_records_that_are_too_old_are_given_up_at_their_first_failure() -> None:
    run = Run([record(1)], raises_on(1), MaximumRecordAgeInSeconds=60)
    assert run.until_idle() == [[1]]
    assert run.given_up[0].condition == "RecordAgeExceeded"


def test_a_closed_shard_is_done() -> None:
    run = Run([record(1)])
    run.stream.closed = True
    run.until_idle()
    assert run.saved[-1] == Position("1", closed=True)
    assert run.reader.is_closed


def test_a_window_hands_its_state_on_and_is_concluded() -> None:
    start = 1_700_000_040  # a full minute
    run = Run(
        [record(1, at=start), record(2, at=start + HALF_A_MINUTE), record(3, at=start + 61)],
        lambda event: {"state": {"seen": event["state"].get("seen", 0) + len(event["Records"])}},
        TumblingWindowInSeconds=60,
        **PARTIAL,
    )
    run.until_idle()
    assert [
        (
            numbers(event["Records"]),
            event["window"]["start"],
            event["state"],
            event["isFinalInvokeForWindow"],
        )
        for event in run.events
    ] == [
        ([1, 2], "2023-11-14T22:14:00Z", {}, False),
        ([], "2023-11-14T22:14:00Z", {"seen": 2}, True),
        ([3], "2023-11-14T22:15:00Z", {}, False),
        ([], "2023-11-14T22:15:00Z", {"seen": 1}, True),
    ]
    assert run.events[0]["shardId"] == "shardId-1"
    assert run.events[0]["eventSourceARN"] == "arn:stream"


def test_a_windowed_answer_without_state_is_a_failure() -> None:
    run = Run([record(1)], TumblingWindowInSeconds=60, MaximumRetryAttempts=0)
    run.until_idle()
    assert "state" in run.given_up[0].error
