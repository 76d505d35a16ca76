"""What every store does with the documents that a commit only checks, and with gifts and pools."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.application.ports import AccountChange, Accounts, Documents, Lines, Write
from shared.domain.account import Account, open_account
from shared.domain.contribution import Contribution, ContributionNote, LotShare
from shared.domain.document import Document
from shared.domain.errors import StaleAccountError
from shared.domain.gift import Gift, GiftAllowance, GiftDirection
from shared.domain.gift_code import GiftCodeHolder, GiftCodes
from shared.domain.measurement import Spread, Sum
from shared.domain.merkle import MerklePeaks
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.pool import Payout, Pool, PoolGate, PoolLot, PoolState, PoolTerms, Walk
from tests.support.builders import BOOKED_AT, OPENED_AT, at
from tests.support.cloud import Cloud
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store

# The square of what activities allow is far beyond what a 64-bit number holds.
TOTAL = Sum(3, 300_000, Spread(20_000, 40_000, 10**21), (200_000, 0, 100_000, 0, 0), 5, 2)
TEXTS = {"en": "Autumn", "zh-Hans": "秋季"}
TERMS = PoolTerms(TEXTS, TEXTS, OPENED_AT, at("2026-12-01T00:00:00+08:00"), 10**9, 10)
GATE = PoolGate("autumn", 7)
PEAKS = MerklePeaks().with_leaf("0f" * 32).with_leaf("1e" * 32).with_leaf("2d" * 32)
LOT = PoolLot("lot-1", 3, TOTAL, PEAKS.root, BOOKED_AT)


@dataclass
class Stores:
    accounts: Accounts
    lines: Lines
    documents: Documents


@pytest.fixture(params=["in memory", "over DynamoDB"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "in memory":
        store = Store()
        yield Stores(FakeAccounts(store), FakeEntries(store), FakeDocuments(store))
        return
    with mock_aws():
        Cloud()
        accounts = AccountTables(
            "AccountsTable", entries="EntriesTable", documents="DocumentsTable"
        )
        yield Stores(accounts, EntryTable("EntriesTable"), DocumentTable("DocumentsTable"))


def opened(stores: Stores, account_id: str = "a1") -> Account:
    account = open_account(account_id, OPENED_AT)
    stores.accounts.commit(AccountChange(None, account))
    return account


def a_change(account: Account, key: str, *checks: Document) -> AccountChange:
    moving = Moving.begin(account, BOOKED_AT)
    moving.move(
        MovementKind.CONTRIBUTION, key=key, about="autumn", payload_digest="d", backing=TOTAL
    )
    movements = tuple(moving.movements)
    return AccountChange(account, moving.after, movements=movements, checks=checks)


def test_a_commit_stands_where_what_it_checks_is_as_it_was_read(stores):
    stores.documents.put(Write(GATE))
    account = opened(stores)
    change = a_change(account, "contribution#c1", GATE)
    stores.accounts.commit(change)
    assert stores.accounts.load("a1", consistent=True) == change.after
    # It was checked and not changed.
    assert stores.documents.get(PoolGate, GATE.owner, GATE.name) == GATE


def test_a_commit_is_refused_where_what_it_checks_has_changed_or_is_not_there(stores):
    account = opened(stores)
    change = a_change(account, "contribution#c1", GATE)
    with pytest.raises(StaleAccountError):
        stores.accounts.commit(change)
    stores.documents.put(Write(GATE))
    stores.documents.put(Write(GATE.closed(), replaces=GATE))
    with pytest.raises(StaleAccountError):
        stores.accounts.commit(change)
    assert stores.accounts.load("a1", consistent=True) == account
    assert stores.lines.movement("contribution#c1") is None


def test_many_commits_check_the_same_document(stores):
    stores.documents.put(Write(GATE))
    for number in range(3):
        change = a_change(opened(stores, f"a{number}"), f"contribution#c{number}", GATE)
        stores.accounts.commit(change)
    assert stores.documents.get(PoolGate, GATE.owner, GATE.name) == GATE


def test_a_movement_is_found_by_its_key_whose_ever_it_is(stores):
    change = a_change(opened(stores), "contribution#c1")
    stores.accounts.commit(change)
    assert stores.lines.movement("contribution#c1") == change.movements[0]
    assert stores.lines.movement("contribution#c2") is None


@pytest.mark.parametrize(
    "document",
    [
        GiftCodes("a1", BOOKED_AT.date()).with_new("7G1A02C0280G", BOOKED_AT),
        GiftCodeHolder("f" * 40, "a1"),
        Gift("a1", "g1", GiftDirection.SENT, BOOKED_AT, 3, TOTAL),
        GiftAllowance("a1", BOOKED_AT.date(), 1, 3, 0, 1),
        GATE,
        Pool("autumn", TERMS, OPENED_AT),
        Pool(
            "winter", TERMS, OPENED_AT, PoolState.PAID, True, Walk(-1), 3, TOTAL, PEAKS, LOT,
            Payout(2, 1, 1), 9,
        ),
        Contribution(
            "c2abc", "autumn", "a1", BOOKED_AT, TOTAL, "e" * 64,
            (LotShare("d" * 64, 200_000), LotShare("c" * 64, 100_000)), 2, "b" * 64,
        ),
        ContributionNote("a1", "c2abc", "autumn", BOOKED_AT),
    ],
    ids=lambda document: f"{document.KIND} {document.version}",
)  # fmt: skip
def test_what_is_stored_is_read_as_it_was(stores, document):
    stores.documents.put(Write(document))
    assert stores.documents.get(type(document), document.owner, document.name) == document
    listed, more = stores.documents.of_owner(type(document), document.owner, limit=5)
    assert (list(listed), more) == ([document], None)


def test_gifts_are_listed_newest_first(stores):
    for minute in range(3):
        moment = BOOKED_AT + timedelta(minutes=minute)
        gift = Gift("a1", f"g{minute}", GiftDirection.RECEIVED, moment, points=minute + 1)
        stores.documents.put(Write(gift))
    first, more = stores.documents.of_owner(Gift, "a1", limit=2)
    rest, end = stores.documents.of_owner(Gift, "a1", limit=2, after=more)
    assert [each.points for each in (*first, *rest)] == [3, 2, 1]
    assert end is None
    stores.documents.put(Write(replace(GATE, number=1)))
    assert stores.documents.of_owner(Gift, "a2", limit=2) == ([], None)
