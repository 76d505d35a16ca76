from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.consent import ConsentAction, ConsentHistory, ConsentKey
from tests.support.builders import METRO_KEY, OPENED_AT, a_notice

_, RECORD = ConsentHistory().record(
    account_id="a1",
    action=ConsentAction.GRANTED,
    key=METRO_KEY,
    notice_version="2025-01",
    notice_digest="d" * 64,
    at=OPENED_AT,
)


@pytest.mark.parametrize(
    "change",
    [
        {"account_id": "a2"},
        {"number": 2},
        {"action": ConsentAction.WITHDRAWN},
        {"key": ConsentKey("bus", "metro-demo")},
        {"key": ConsentKey("metro", "bank-core")},
        {"notice_version": "2025-02"},
        {"notice_digest": "e" * 64},
        {"at": OPENED_AT + timedelta(milliseconds=1)},
        {"previous_digest": "1" * 64},
    ],
    ids=str,
)
def test_whatever_is_changed_in_a_receipt_changes_its_digest(change):
    assert replace(RECORD, **change).digest != RECORD.digest


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "bus"},
        {"version": "2025-02"},
        {"texts": {"en": {"title": "Other"}}},
        {"data_categories": ("event_id",)},
        {"retention": "P4Y"},
    ],
    ids=str,
)
def test_whatever_is_changed_in_a_notice_changes_its_digest(change):
    assert replace(a_notice(), **change).digest != a_notice().digest
