"""Receipts and comparisons of a user's own entries, and of nobody else's."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.application.compare_entry import compare_entry
from shared.application.compare_rules import compare_rules
from shared.application.get_entry import entry_id
from shared.application.get_receipt import get_receipt
from shared.application.list_keys import list_keys
from shared.domain.catalogue import Catalogue
from shared.domain.entry import Cause
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    EntryNotFoundError,
    MethodologyNotFoundError,
    NoMethodologyError,
)
from shared.domain.measurement import Spread
from tests.support.builders import OCCURRED_AT, an_account, an_entry, at
from tests.support.fakes import FakeAccounts, FakeEntries, FakeSigner, Store
from tests.support.rules import a_rule, a_rule_per_trip

CATALOGUE = Catalogue.of(
    [
        a_rule(effective_until="2027-01-01"),
        a_rule("metro-next", effective_from="2027-01-01"),
        a_rule_per_trip(),
        a_rule_per_trip("bus-city", scenario="bus"),
    ]
)
RIDE = an_entry("ride-1", an_account(), spread=Spread(151_712, 283_952, 104_673_361))
RIDE_ID = entry_id(RIDE.cause)
THEIRS = replace(an_entry("ride-2"), account_id="a2")


@pytest.fixture
def store():
    """My account with one ride; one ride of somebody else."""
    store = Store()
    store.add(an_account(), "me")
    store.entries = {each.cause.key: each for each in (RIDE, THEIRS)}
    return store


def receipt(store, public_id=RIDE_ID, subject="me", signer=None, catalogue=CATALOGUE):
    return get_receipt(
        FakeAccounts(store),
        FakeEntries(store),
        catalogue,
        signer or FakeSigner(),
        subject_hash=subject,
        public_id=public_id,
    )


def comparison(store, public_id=RIDE_ID, subject="me"):
    return compare_entry(
        FakeAccounts(store),
        FakeEntries(store),
        CATALOGUE,
        subject_hash=subject,
        public_id=public_id,
    )


def test_the_bytes_of_the_receipt_are_the_bytes_that_are_signed(store):
    signer = FakeSigner()
    signed = receipt(store, signer=signer)
    assert signer.signed == [(signed.receipt, "carbon-receipt+jws")]
    assert signed.jws.startswith("key-1.carbon-receipt+jws.")
    entry = json.loads(signed.receipt)["entry"]
    assert (entry["entry_id"], entry["hash"]) == (RIDE_ID, RIDE.hash)


def test_a_receipt_is_under_the_version_that_the_entry_names_whatever_is_in_force_now(store):
    read = json.loads(receipt(store).receipt)
    assert read["entry"]["methodology"] == "metro-distance@2025.1"
    assert read["methodology"]["effective_until"] == "2027-01-01"


@pytest.mark.parametrize("ask", [receipt, comparison])
@pytest.mark.parametrize(
    "public_id",
    [entry_id(THEIRS.cause), entry_id(Cause("metro-demo", "ride-9")), "ride-1"],
    ids=["another's", "unknown", "not an id"],
)
def test_another_users_entry_is_as_unknown_as_one_that_never_was(store, ask, public_id):
    with pytest.raises(EntryNotFoundError):
        ask(store, public_id)


@pytest.mark.parametrize("ask", [receipt, comparison])
def test_whoever_has_no_account_has_no_receipts(store, ask):
    with pytest.raises(AccountNotFoundError):
        ask(store, subject="nobody")


def test_nothing_is_given_out_unsigned(store):
    with pytest.raises(BusyError):
        receipt(store, signer=FakeSigner(busy=True))


def test_nothing_is_signed_of_another_users_entry(store):
    signer = FakeSigner()
    with pytest.raises(EntryNotFoundError):
        receipt(store, entry_id(THEIRS.cause), signer=signer)
    assert signer.signed == []


def test_an_entry_whose_version_is_not_in_the_catalogue_has_no_receipt(store):
    with pytest.raises(MethodologyNotFoundError):
        receipt(store, catalogue=Catalogue.of([a_rule_per_trip()]))


def test_an_entry_is_compared_under_the_rule_it_was_booked_by(store):
    entry, [governing, other] = comparison(store)
    assert entry is RIDE
    assert governing.measurement
    assert governing.methodology.reference == "metro-distance@2025.1"
    assert governing.measurement.reduction_mg == RIDE.reduction_mg
    assert other.methodology.reference == "metro-city@2025.1"


@pytest.mark.parametrize(
    ("occurred_at", "governing"),
    [
        (OCCURRED_AT, "metro-distance@2025.1"),
        (at("2026-12-31T23:59:59+08:00"), "metro-distance@2025.1"),
        (at("2027-01-01T00:00:00+08:00"), "metro-next@2025.1"),
    ],
    ids=str,
)
def test_the_governing_rule_is_the_one_in_force_when_it_occurred(occurred_at, governing):
    results = compare_rules(CATALOGUE, scenario="metro", data={}, occurred_at=occurred_at)
    assert [each.methodology.reference for each in results] == [governing, "metro-city@2025.1"]


@pytest.mark.parametrize("scenario", ["bus", "rocket", ""])
def test_a_scenario_that_is_not_credited_has_nothing_to_compare_with(scenario):
    with pytest.raises(NoMethodologyError):
        compare_rules(CATALOGUE, scenario=scenario, data={}, occurred_at=OCCURRED_AT)


def test_before_the_first_version_nothing_governs():
    long_ago = OCCURRED_AT - timedelta(days=1000)
    with pytest.raises(NoMethodologyError):
        compare_rules(CATALOGUE, scenario="metro", data={}, occurred_at=long_ago)


def test_the_key_that_signs_is_listed_first():
    signers = [FakeSigner("new"), FakeSigner("former")]
    assert [key["kid"] for key in list_keys(signers)] == ["new", "former"]
