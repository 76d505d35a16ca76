"""A meter of DynamoDB's capacity units, counted from the requests that leave the process.

The rules are the service's: an item has the bytes of its names and values; a write costs a unit for
each started KB, twice that in a transaction, and the same again, untransacted, for each index that
the item is in; a read costs half a unit for each started 4 KB, a whole one if it is consistent. A
replaced item counts with its new size (the service takes the larger of the two), and a deleted or
checked one as one KB. Requests of the code under test are counted, not those of the test's own.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.adapters import aws, dynamodb
from tests.support.template import resources

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
# What the service adds for each list and map, and for each of their elements.
NESTING_BYTES = 3
ELEMENT_BYTES = 1
_TRANSACTED = {"ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Put": "PutItem"}


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of an item in DynamoDB's JSON."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            size = len(content.encode())
        case "N":
            size = _number_bytes(content)
        case "B":
            size = len(content)
        case "SS" | "NS" | "BS":
            size = sum(_value_bytes({kind[0]: each}) for each in content)
        case "BOOL" | "NULL":
            size = 1
        case "L":
            size = NESTING_BYTES + sum(_value_bytes(each) + ELEMENT_BYTES for each in content)
        case "M":
            size = NESTING_BYTES + item_bytes(content) + ELEMENT_BYTES * len(content)
        case _:
            raise AssertionError(f"{kind} is not a type of DynamoDB.")
    return size


def _number_bytes(text: str) -> int:
    """One byte for two digits without the zeros at both ends, one more, and one for a minus."""
    sign, digits, _ = Decimal(text).as_tuple()
    significant = "".join(str(digit) for digit in digits).strip("0")
    return math.ceil(len(significant) / 2) + 1 + sign


@dataclass(slots=True)
class Used:
    """What was counted; `calls` has each as (IAM action, resource), transactions taken apart."""

    write_units: float = 0
    read_units: float = 0
    requests: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    item_sizes: dict[str, list[int]] = field(default_factory=dict)
    # An answer does not say how it was asked for.
    consistent: list[bool] = field(default_factory=list)


class Meter:
    """Counts what the adapters' clients send while `counting` is open."""

    @contextmanager
    def counting(self) -> Iterator[Used]:
        used = Used()

        def before(params: dict[str, Any], model: Any, **_: Any) -> None:
            _count_request(used, model.service_model.service_name, model.name, params)

        def after(parsed: dict[str, Any], model: Any, **_: Any) -> None:
            _count_answer(used, model.name, parsed)

        services = ("kms", "secretsmanager", "sqs")
        clients = [dynamodb._CONNECTION.client, *map(aws.client, services)]
        for client in clients:
            client.meta.events.register("provide-client-params", before)
            client.meta.events.register("after-call", after)
        try:
            yield used
        finally:
            for client in clients:
                client.meta.events.unregister("provide-client-params", before)
                client.meta.events.unregister("after-call", after)


def _count_request(used: Used, service: str, operation: str, params: Mapping[str, Any]) -> None:
    used.requests += 1
    if service == "sqs":
        used.calls.append(("sqs:SendMessage", params["QueueUrl"].rpartition("/")[2]))
        return
    if service == "kms":
        used.calls.append((f"kms:{operation}", params["KeyId"].removeprefix("alias/")))
        return
    if service == "secretsmanager":
        used.calls.append((f"secretsmanager:{operation}", params["SecretId"]))
        return
    if operation == "TransactWriteItems":
        for each in params["TransactItems"]:
            [(kind, action)] = each.items()
            _count_write(used, _TRANSACTED[kind], action, factor=2)
    elif operation in {"PutItem", "DeleteItem"}:
        _count_write(used, operation, params, factor=1)
    else:
        index = params.get("IndexName")
        name = f"{params['TableName']}/{index}" if index else params["TableName"]
        used.calls.append((f"dynamodb:{operation}", name))
        used.consistent.append(bool(params.get("ConsistentRead")))


def _count_write(used: Used, action: str, params: Mapping[str, Any], *, factor: int) -> None:
    table = params["TableName"]
    used.calls.append((f"dynamodb:{action}", table))
    item = params.get("Item")
    if item is None:
        used.write_units += factor
        return
    size = item_bytes(item)
    used.item_sizes.setdefault(table, []).append(size)
    units = math.ceil(size / WRITE_UNIT_BYTES)
    indexes = sum(keys <= set(item) for keys in _index_keys(table))
    used.write_units += units * factor + units * indexes


def _index_keys(table: str) -> list[set[str]]:
    properties = resources("AWS::DynamoDB::Table")[table]
    return [
        {key["AttributeName"] for key in index["KeySchema"]}
        for index in properties.get("GlobalSecondaryIndexes", ())
    ]


def _count_answer(used: Used, operation: str, parsed: Mapping[str, Any]) -> None:
    if operation not in {"GetItem", "Query", "Scan"}:
        return
    items = [parsed["Item"]] if "Item" in parsed else parsed.get("Items", [])
    size = sum(item_bytes(item) for item in items)
    per_block = 1.0 if used.consistent.pop() else 0.5
    used.read_units += per_block * max(1, math.ceil(size / READ_UNIT_BYTES))
