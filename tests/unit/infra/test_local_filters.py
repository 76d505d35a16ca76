import json
from typing import Any

import pytest

from infra.local.filters import RecordFilter, matches

CREDITED = {
    "eventName": "INSERT",
    "dynamodb": {"NewImage": {"outcome": {"S": "credited"}, "grams": {"N": "12"}}},
}


def test_the_filter_of_new_credits() -> None:
    pattern = (
        '{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"outcome": {"S": ["credited"]}}}}'
    )
    wanted = RecordFilter({"Filters": [{"Pattern": pattern}]})
    assert wanted.passes(CREDITED)
    assert not wanted.passes({**CREDITED, "eventName": "MODIFY"})
    assert not wanted.passes({"eventName": "INSERT", "dynamodb": {"Keys": {}}})
    assert not wanted.passes({"eventName": "REMOVE"})


def test_any_of_several_filters_is_enough() -> None:
    either = RecordFilter(
        {"Filters": [{"Pattern": json.dumps({"a": [value]})} for value in (1, 2)]}
    )
    assert [either.passes({"a": value}) for value in (1, 2, 3)] == [True, True, False]


def test_without_criteria_everything_passes() -> None:
    assert RecordFilter(None).passes({})
    assert RecordFilter({"Filters": []}).passes({"anything": 1})


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ({"a": ["x"]}, {"a": "x"}, True),
        ({"a": ["x"]}, {"a": ["y", "x"]}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x"}, False),
        ({"a": [1]}, {"a": True}, False),
        ({"a": ["1"]}, {"a": 1}, False),
        ({"a": [None]}, {"a": None}, True),
        ({"a": [None]}, {}, False),
        ({"a": [{"exists": True}]}, {"a": 0}, True),
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": [{"prefix": "event#"}]}, {"a": "event#1"}, True),
        ({"a": [{"suffix": ".png"}]}, {"a": "x.jpg"}, False),
        ({"a": [{"equals-ignore-case": "ALICE"}]}, {"a": "alice"}, True),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}, True),
        ({"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, False),
        ({"a": [{"anything-but": "x"}]}, {}, False),
        ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}, True),
        ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 6}, False),
        ({"a": [{"numeric": ["=", 1]}]}, {"a": "1"}, False),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "10.1.2.3"}, True),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "text"}, False),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "x"}, False),
    ],
)
def test_patterns(pattern: dict[str, Any], value: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, value) is expected
