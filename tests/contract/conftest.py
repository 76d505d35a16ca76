"""The ports twice: in memory, and over the template's tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from moto import mock_aws

from shared.adapters.accounts import AccountTables
from shared.adapters.consents import ConsentTable
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.totals import TotalsTable
from shared.application.ports import Consents, Documents
from tests.support.cloud import Cloud
from tests.support.fakes import (
    FakeAccounts,
    FakeConsents,
    FakeDocuments,
    FakeEntries,
    FakeTotals,
    Store,
)


@dataclass
class Ledger:
    """One store's ports; `entries` are the outcomes, the statement and the lines."""

    accounts: AccountTables | FakeAccounts
    entries: EntryTable | FakeEntries
    consents: Consents
    documents: Documents


@pytest.fixture(params=["in memory", "over DynamoDB"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "in memory":
        store = Store()
        yield Ledger(
            FakeAccounts(store), FakeEntries(store), FakeConsents(store), FakeDocuments(store)
        )
        return
    with mock_aws():
        Cloud()
        yield Ledger(
            AccountTables(
                "AccountsTable",
                entries="EntriesTable",
                consents="ConsentsTable",
                documents="DocumentsTable",
            ),
            EntryTable("EntriesTable"),
            ConsentTable("ConsentsTable"),
            DocumentTable("DocumentsTable"),
        )


@pytest.fixture(params=["in memory", "over DynamoDB"])
def totals(request: pytest.FixtureRequest) -> Iterator[TotalsTable | FakeTotals]:
    if request.param == "in memory":
        yield FakeTotals()
        return
    with mock_aws():
        Cloud()
        yield TotalsTable("TotalsTable")
