"""What every store of footprints does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from moto import mock_aws

from shared.adapters.account_rows import FootprintRow
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.footprints import FootprintTable
from shared.application.ports import AccountChange, Accounts, Footprints, StoredFootprint
from shared.domain.account import close, open_account
from shared.domain.errors import AccountNotFoundError
from tests.support.builders import BOOKED_AT, OPENED_AT, at
from tests.support.capacity import READ_UNIT_BYTES, item_bytes
from tests.support.cloud import Cloud
from tests.support.fakes import FakeAccounts, FakeFootprints, Store

MINE = StoredFootprint(
    account_id="a1",
    methodology="personal-footprint@2025.1",
    answers={"diet": "vegan", "electricity_kwh_per_month": "180.5"},
    calculated_at=at("2026-11-10T11:59:00.123+08:00"),
)


@dataclass
class Desk:
    """Footprints, and the accounts that they belong to: a1 and a2 are open."""

    footprints: Footprints
    accounts: Accounts


@pytest.fixture(params=["in memory", "over DynamoDB"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with mock_aws():
        if request.param == "in memory":
            store = Store()
            desk = Desk(FakeFootprints(store), FakeAccounts(store))
        else:
            Cloud()
            accounts = AccountTables("AccountsTable", consents="ConsentsTable")
            desk = Desk(FootprintTable("AccountsTable"), accounts)
        for account_id in ("a1", "a2"):
            account = open_account(account_id, OPENED_AT)
            desk.accounts.commit(AccountChange(None, account, subject_hash=f"of {account_id}"))
        yield desk


def test_a_footprint_is_read_as_it_was_put(desk):
    assert desk.footprints.find("a1") is None
    desk.footprints.put(MINE)
    assert desk.footprints.find("a1") == MINE


def test_an_account_has_one_and_another_account_has_its_own(desk):
    desk.footprints.put(MINE)
    yours = replace(MINE, account_id="a2", answers={})
    desk.footprints.put(yours)
    other = replace(MINE, methodology="personal-footprint@2026.1", answers={"diet": "fish"})
    desk.footprints.put(other)
    assert desk.footprints.find("a1") == other
    assert desk.footprints.find("a2") == yours


def test_a_footprint_goes_with_its_account_and_does_not_come_back(desk):
    desk.footprints.put(MINE)
    account = desk.accounts.find("of a1")
    closed, records = close(account, BOOKED_AT)
    desk.accounts.commit(AccountChange(account, closed, records=records, subject_hash="of a1"))

    assert desk.footprints.find("a1") is None
    with pytest.raises(AccountNotFoundError):
        desk.footprints.put(MINE)
    assert desk.footprints.find("a1") is None


def test_answers_to_everything_are_read_at_once():
    longest = {
        each.name: max((choice.key for choice in each.choices), key=len, default="123456.789")
        for each in catalogue().get("personal-footprint", "2025.1").inputs
    }
    row = FootprintRow.of(replace(MINE, account_id="a" * 27, answers=longest))
    assert item_bytes(row.to_dynamodb_dict()) < READ_UNIT_BYTES / 2
