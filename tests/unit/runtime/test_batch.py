import pytest

from shared.runtime.batch import failures, read_batch, read_stream, stream_failure


def even(text):
    number = int(text)
    if number % 2:
        raise ValueError("odd")
    return number


def messages(*bodies):
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


def records(*bodies):
    return {
        "Records": [
            {"body": body, "dynamodb": {"SequenceNumber": str(100 + n)}}
            for n, body in enumerate(bodies)
        ]
    }


@pytest.mark.parametrize(
    ("bodies", "read", "poison"),
    [
        ([], {}, set()),
        (["2", "4"], {"m0": 2, "m1": 4}, set()),
        (["2", "3", "4", "x"], {"m0": 2, "m2": 4}, {"m1", "m3"}),
        (["1"], {}, {"m0"}),
    ],
)
def test_poison_is_told_apart_from_what_can_be_read(bodies, read, poison):
    assert read_batch(messages(*bodies), even) == (read, poison)


def test_an_event_without_records_is_an_empty_batch():
    assert read_batch({}, even) == ({}, frozenset())
    assert failures([]) == {"batchItemFailures": []}


def test_exactly_the_failed_messages_are_reported():
    assert failures({"m3", "m1"}) == {
        "batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m3"}]
    }


def test_a_stream_is_read_up_to_its_first_unreadable_record():
    assert read_stream(records("2", "4"), lambda record: even(record["body"])) == ([2, 4], None)
    assert read_stream(records("2", "3", "4"), lambda record: even(record["body"])) == ([2], 1)


def test_a_stream_goes_on_from_the_reported_record():
    assert stream_failure(records("2", "3"), 1)["batchItemFailures"] == [{"itemIdentifier": "101"}]
    assert stream_failure(records("2", "3"), None) == {"batchItemFailures": [], "state": {}}
    assert stream_failure({"Records": []}, 0)["batchItemFailures"] == []
