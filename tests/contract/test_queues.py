"""What every queue does with what it cannot take, and what it carries."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from shared.adapters import queues
from shared.adapters.messages import read_event, read_postings, write_postings
from shared.adapters.queues import EventsQueue, PostingsQueue
from shared.domain.caps import Cap, CapPeriod
from shared.domain.measurement import Spread
from tests.support.builders import (
    a_posting,
    a_provisional_posting,
    a_reported_event,
    postings_for,
)
from tests.support.cloud import QUEUE_URL, Cloud
from tests.support.fakes import FakeEventQueue, FakePostingQueue

EVENTS = [a_reported_event(f"ride-{number}") for number in range(23)]


class PartlyBroken:
    """SQS that does not take some messages, and for some calls does not answer at all."""

    def __init__(self, refused: set[int], silent_calls: dict[int, Exception]) -> None:
        self.refused = refused
        self.silent_calls = silent_calls
        self.taken: list[str] = []
        self.sizes: list[int] = []

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        entries = request["Entries"]
        self.sizes.append(len(entries))
        error = self.silent_calls.get(len(self.sizes))
        if error:
            raise error
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in entries:
            refused = read_event(entry["MessageBody"]).cause.event_id in {
                f"ride-{number}" for number in self.refused
            }
            answer["Failed" if refused else "Successful"].append({"Id": entry["Id"]})
            if not refused:
                self.taken.append(entry["MessageBody"])
        # The service leaves an empty list out.
        return {name: each for name, each in answer.items() if each}


@pytest.mark.parametrize("refused", [set(), {0}, {9, 10}, {22}, set(range(23))], ids=str)
def test_exactly_what_was_not_taken_is_told_by_its_position(monkeypatch, refused):
    service = PartlyBroken(refused, {})
    monkeypatch.setattr(queues, "client", lambda _: service)
    fake = FakeEventQueue(refused=frozenset(refused))
    assert EventsQueue("url").send(EVENTS) == refused == fake.send(EVENTS)
    assert [read_event(text) for text in service.taken] == fake.sent
    assert service.sizes == [10, 10, 3]


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://sqs"),
        ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessageBatch"),
    ],
    ids=["no connection", "throttled"],
)
def test_a_call_without_an_answer_took_nothing_and_the_next_ones_are_tried(monkeypatch, error):
    service = PartlyBroken({0}, {2: error})
    monkeypatch.setattr(queues, "client", lambda _: service)
    assert EventsQueue("url").send(EVENTS) == {0, *range(10, 20)}


@pytest.mark.parametrize("queue", [FakeEventQueue(), EventsQueue("url")], ids=["fake", "adapter"])
def test_nothing_to_send_is_no_call(queue):
    assert queue.send([]) == frozenset()


def test_what_is_sent_arrives_whole():
    postings = (a_posting("r-1"), a_provisional_posting("r-2"), a_posting("r-3", completes="r-2"))
    batches = [postings_for("a1", *postings), postings_for(None)]
    with mock_aws():
        cloud = Cloud()
        assert EventsQueue(QUEUE_URL + "EventsQueue").send(EVENTS[:1]) == frozenset()
        assert PostingsQueue(QUEUE_URL + "PostingsQueue").send(batches) == frozenset()
        [event], messages = bodies(cloud, "EventsQueue"), bodies(cloud, "PostingsQueue")
    assert read_event(event) == EVENTS[0]
    fake = FakePostingQueue()
    fake.send(batches)
    assert sorted(map(read_postings, messages), key=str) == sorted(fake.sent, key=str)


def bodies(cloud: Cloud, queue: str) -> list[str]:
    found = cloud.sqs.receive_message(QueueUrl=QUEUE_URL + queue, MaxNumberOfMessages=10)
    return [message["Body"] for message in found["Messages"]]


def test_the_largest_message_is_far_below_what_a_queue_takes():
    longest = a_posting(
        "e" * 64,
        partner="p" * 40,
        reduction_mg=10**12,
        spread=Spread(10**12, 10**12, 10**24),
        missing=("petrol_car_km_per_week", "short_flight_km_per_year"),
        caps=(Cap(CapPeriod.DAY, 35), Cap(CapPeriod.MONTH, 35)),
        exclusive_with=("online-medical-registration", "second-hand-clothes"),
        completes="c" * 64,
    )
    text = write_postings(postings_for("a" + "1" * 26, *[longest] * 25))
    # Ten of them have to fit into the 256 KB of one call.
    assert len(text.encode()) * 10 < 256 * 1024
    assert len(json.loads(text)["postings"]) == 25
