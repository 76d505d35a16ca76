"""The town, built once, and put back as it was after a test that changed it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws

from infra.local.supplier import Order
from tests.support.cloud import QUEUE_URL, Cloud
from tests.support.template import resources
from tests.support.town import Time, build_town


@dataclass
class Town:
    cloud: Cloud
    time: Time
    store: dict[str, Any]
    orders: dict[str, Order]
    seen: dict[str, Any] | None = None

    def look(self) -> dict[str, Any]:
        """Return what is stored, which a test does last."""
        self.seen = self.cloud.store()
        return self.seen


def empty(cloud: Cloud, queue: str) -> None:
    url = QUEUE_URL + queue
    while cloud.waiting(queue):
        for message in cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
            cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def restore(town: Town) -> None:
    """Undo what a test wrote; building the town again would take ten times as long."""
    now = town.seen or town.cloud.store()
    town.seen = None
    town.cloud.supplier.orders = deepcopy(town.orders)
    if now == town.store:
        return
    for name, before in town.store.items():
        if now[name] == before:
            continue
        if isinstance(before, int):
            assert before == 0
            empty(town.cloud, name)
            continue
        keys = [
            key["AttributeName"] for key in resources("AWS::DynamoDB::Table")[name]["KeySchema"]
        ]
        for row in now[name]:
            if row not in before:
                key = {attribute: row[attribute] for attribute in keys}
                town.cloud.dynamodb.delete_item(TableName=name, Key=key)
        for row in before:
            if row not in now[name]:
                town.cloud.dynamodb.put_item(TableName=name, Item=row)
    assert town.cloud.store() == town.store


@pytest.fixture(scope="module")
def built() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        cloud, time = build_town(patch)
        yield Town(cloud, time, cloud.store(), deepcopy(cloud.supplier.orders))


@pytest.fixture
def town(built: Town) -> Iterator[Town]:
    now = built.time.now
    yield built
    built.time.now = now
    restore(built)
