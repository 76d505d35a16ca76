"""The ports twice: in memory, and over the template's tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from moto import mock_aws

from shared.adapters.accounts import AccountTables
from shared.adapters.consents import ConsentTable
from shared.adapters.entries import EntryTable
from shared.adapters.totals import TotalsTable
from shared.application.ports import Accounts, Consents
from tests.support.cloud import Cloud
from tests.support.fakes import FakeAccounts, FakeConsents, FakeEntries, FakeTotals, Store


@dataclass
class Ledger:
    """One store's ports; `entries` are both the outcomes and the statement."""

    accounts: Accounts
    entries: EntryTable | FakeEntries
    consents: Consents


@pytest.fixture(params=["in memory", "over DynamoDB"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "in memory":
        store = Store()
        yield Ledger(FakeAccounts(store), FakeEntries(store), FakeConsents(store))
        return
    with mock_aws():
        Cloud()
        yield Ledger(
            AccountTables("AccountsTable", entries="EntriesTable", consents="ConsentsTable"),
            EntryTable("EntriesTable"),
            ConsentTable("ConsentsTable"),
        )


@pytest.fixture(params=["in memory", "over DynamoDB"])
def totals(request: pytest.FixtureRequest) -> Iterator[TotalsTable | FakeTotals]:
    if request.param == "in memory":
        yield FakeTotals()
        return
    with mock_aws():
        Cloud()
        yield TotalsTable("TotalsTable")
