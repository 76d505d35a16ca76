"""The check of a whole store finds what is wrong with documents, and nothing else in the town."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from moto import mock_aws

from infra.local.check import judge
from infra.local.ledger import Ledger, read_ledger
from infra.local.promises import DOCUMENT_INVARIANTS
from tests.support.template import resources
from tests.support.town import build_town

NEW_YEAR = "2026-01-01T00:00:00Z"
TABLES = {name: name for name in resources("AWS::DynamoDB::Table")}
Tables = dict[str, list[dict[str, Any]]]


class Copy:
    """A copy of the store, in place of a client."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def get_paginator(self, _: str) -> "Copy":
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> Iterator[Any]:  # noqa: N803
        assert ConsistentRead
        yield {"Items": self.tables[TableName]}

    def ledger(self) -> Ledger:
        return read_ledger(self, TABLES)


@pytest.fixture(scope="module")
def whole() -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        cloud, _ = build_town(patch)
        yield {name: cloud.rows(name) for name in TABLES}


def test_whatever_happened_in_the_town_the_ledger_keeps_its_promises(whole: Tables):
    report = judge(Copy(whole).ledger())
    broken = {line.name: line.findings for line in report.lines if line.findings}
    # What the buyers hold was credited by hand, without caps and more than any ride is worth.
    assert set(broken) == {
        "no cap is passed",
        "points follow the policy",
        "reductions recompute from inputs and methodology",
    }


def findings(tables: Tables) -> dict[str, set[str]]:
    """Return, by promise, the attributes that are wrong."""
    ledger = Copy(tables).ledger()
    found = {
        each.name: {one.attribute for one in each.check(ledger)} for each in DOCUMENT_INVARIANTS
    }
    return {name: attributes for name, attributes in found.items() if attributes}


def test_the_town_keeps_every_promise_and_has_something_of_each(whole: Tables):
    ledger = Copy(whole).ledger()
    assert ledger.unsound == []
    assert findings(whole) == {}
    assert all(each.count(ledger) for each in DOCUMENT_INVARIANTS)


def document(kind: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Tables], None]:
    """Change the body of the first document of a kind."""

    def tamper(tables: Tables) -> None:
        row = next(r for r in tables["DocumentsTable"] if r["place"]["S"].startswith(f"{kind}#"))
        body = json.loads(row["body"]["S"])
        change(body)
        row["body"]["S"] = json.dumps(body, separators=(",", ":"), ensure_ascii=False)

    return tamper


def all_documents(kind: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Tables], None]:
    """Change the body of every document of a kind."""

    def tamper(tables: Tables) -> None:
        for row in tables["DocumentsTable"]:
            if row["place"]["S"].startswith(f"{kind}#"):
                body = json.loads(row["body"]["S"])
                change(body)
                row["body"]["S"] = json.dumps(body, separators=(",", ":"), ensure_ascii=False)

    return tamper


def without_line(prefix: str, suffix: str = "") -> Callable[[Tables], None]:
    def tamper(tables: Tables) -> None:
        rows = tables["EntriesTable"]
        key = next(
            r["cause"]["S"]
            for r in rows
            if r["cause"]["S"].startswith(prefix) and r["cause"]["S"].endswith(suffix)
        )
        tables["EntriesTable"] = [r for r in rows if r["cause"]["S"] != key]

    return tamper


def without_documents(kind: str) -> Callable[[Tables], None]:
    def tamper(tables: Tables) -> None:
        rows = tables["DocumentsTable"]
        tables["DocumentsTable"] = [r for r in rows if not r["place"]["S"].startswith(f"{kind}#")]

    return tamper


def without_accounts(tables: Tables) -> None:
    tables["AccountsTable"] = []


def half_reversed(tables: Tables) -> None:
    row = next(
        r
        for r in tables["EntriesTable"]
        if r.get("original", {"S": ""})["S"].startswith("reversal,")
    )
    row["reduction_mg"] = {"N": "-1"}


def _wrong_after_all(day: dict[str, Any]) -> None:
    """Each answer becomes a wrong one, whatever it has earned."""
    for answer in day["answers"]:
        answer["correct_option"] = answer["option"] + 1


@pytest.mark.parametrize(
    ("tamper", "promise", "attribute"),
    [
        (half_reversed, "nothing follows a reversal", "standing"),
        (
            document("dispute", lambda it: it.update(lines=["event#metro-demo#ride-1"])),
            "disputes end in entries",
            "lines",
        ),
        (without_line("redemption#", "#hold"), "a hold ends once", "hold"),
        (without_line("redemption#", "#end"), "a hold ends once", "end"),
        (without_documents("redemption"), "a hold ends once", "about"),
        (
            document("stock", lambda block: block.update(left=block["left"] - 1)),
            "stock is what is left",
            "left",
        ),
        (
            document("benefit-use", lambda use: use.update(count=use["count"] + 1)),
            "stock is what is left",
            "count",
        ),
        (without_documents("certificate"), "retirements are certified", "about"),
        (without_line("retirement#"), "retirements are certified", "line"),
        (
            document("certificate", lambda it: it["lots"][0].update(reduction_mg=1)),
            "retirements are certified",
            "lots",
        ),
        (without_line("gift#", "#received"), "gifts have two sides", "lines"),
        (without_documents("contribution"), "pools hold what was contributed", "about"),
        (without_line("contribution#"), "pools hold what was contributed", "line"),
        (
            document("household", lambda it: it["members"][0].update(share_bp=1)),
            "households are whole",
            "shares",
        ),
        (without_documents("household"), "households are whole", "household"),
        (without_documents("quiz"), "answers earn once", "about"),
        (without_line("quiz#"), "answers earn once", "points"),
        (all_documents("quiz", _wrong_after_all), "answers earn once", "is_correct"),
        (without_accounts, "cards are found and end", "account"),
        (
            document("share", lambda it: it.update(account_id="a-another")),
            "cards are found and end",
            "holder",
        ),
        (
            document("shares", lambda it: it["shares"][0].update(created_at=NEW_YEAR)),
            "cards are found and end",
            "expires_at",
        ),
        (
            document("shares", lambda it: it.update(shares=it["shares"] * 51)),
            "cards are found and end",
            "shares",
        ),
    ],
)
def test_what_was_changed_by_hand_is_found(
    whole: Tables, tamper: Callable[[Tables], None], promise: str, attribute: str
):
    tables = deepcopy(whole)
    tamper(tables)
    assert attribute in findings(tables)[promise]
