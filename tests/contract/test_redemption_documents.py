"""What redemptions leave behind is read back as it was written."""

from dataclasses import replace
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.documents import DocumentTable
from shared.adapters.messages import read_order, write_order
from shared.adapters.queues import OrdersQueue
from shared.application.ports import FulfilmentOrder, Write
from shared.domain.benefit import BenefitUse, StockBlock
from shared.domain.redemption import Redemption, RedemptionState, end_hold, hold
from tests.support.cloud import QUEUE_URL, Cloud
from tests.support.redeeming import NOW, a_benefit, a_buyer

STEP = hold(
    a_buyer(),
    a_benefit(points=30, reduction_mg=500_000),
    redemption_id="r1",
    block=7,
    request_digest="digest",
    now=NOW,
)
SETTLED = end_hold(STEP.after, STEP.redemption, RedemptionState.SETTLED, NOW, "encrypted")


@pytest.mark.parametrize(
    "document",
    [
        a_benefit(per_person=2),
        replace(a_benefit(points=0, reduction_mg=5), blocks=3, published_at=NOW),
        StockBlock("coffee", 7, 4, 0),
        BenefitUse("a1", "coffee").once_more(),
        STEP.redemption,
        SETTLED.redemption,
    ],
    ids=["benefit", "published benefit", "block", "use", "held", "settled"],
)
def test_a_document_comes_back_as_it_was(document):
    with mock_aws():
        Cloud()
        table = DocumentTable("DocumentsTable")
        table.put(Write(document))
        assert table.get(type(document), document.owner, document.name) == document


def test_a_redemption_is_due_until_it_has_ended():
    with mock_aws():
        Cloud()
        table = DocumentTable("DocumentsTable")
        table.put(Write(STEP.redemption))
        assert table.due(Redemption, NOW + timedelta(seconds=59), limit=10) == []
        due = table.due(Redemption, NOW + timedelta(minutes=1), limit=10)
        assert due == [STEP.redemption]
        table.put(Write(SETTLED.redemption, replaces=STEP.redemption))
        assert table.due(Redemption, NOW + timedelta(days=9), limit=10) == []


def test_an_order_is_read_as_it_was_sent():
    with mock_aws():
        cloud = Cloud()
        order = FulfilmentOrder("a1", "r1")
        assert OrdersQueue(QUEUE_URL + "FulfilmentQueue").send([order]) == frozenset()
        [message] = cloud.sqs.receive_message(QueueUrl=QUEUE_URL + "FulfilmentQueue")["Messages"]
        assert read_order(message["Body"]) == order


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"v": 1}', '{"v": 1, "account_id": "a1", "redemption_id": 1}',
     '{"v": 1, "account_id": "", "redemption_id": "r1"}',
     write_order(FulfilmentOrder("a1", "r1")).replace('"v":1', '"v":2')],
)  # fmt: skip
def test_anything_else_is_poison(text):
    with pytest.raises(ValueError, match="message"):
        read_order(text)
