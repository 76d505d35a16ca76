"""The bridge of the subject's own balance, whole or not at all."""

from datetime import date

import pytest

from shared.application import get_bridge as module
from shared.application.get_bridge import get_bridge
from shared.domain.crediting import decide_credits
from shared.domain.errors import AccountNotFoundError, BusyError, InvalidRequestError
from tests.support.builders import BOOKED_AT, a_correction, a_posting, an_account, at
from tests.support.fakes import FakeAccounts, FakeEntries, Store

# Rides are booked on 2026-11-10; one of them is corrected two days later.
TUESDAY, THURSDAY = date(2026, 11, 10), date(2026, 11, 12)
THURSDAY_NOON = at("2026-11-12T12:00:00+08:00")


@pytest.fixture
def store():
    store = Store()
    rides = [a_posting(f"ride-{n}", reduction_mg=10 * n) for n in (1, 2, 3)]
    first = decide_credits(an_account(), rides, BOOKED_AT)
    [_, ride, _] = first.entries
    standing = {ride.cause: ride}
    later = decide_credits(first.account, [a_correction(ride, 25)], THURSDAY_NOON, standing)
    store.add(later.account, "me")
    store.entries = {entry.cause.key: entry for entry in (*first.entries, *later.entries)}
    other = decide_credits(an_account("a2"), [a_posting("ride-9")], BOOKED_AT)
    store.add(other.account, "you")
    store.entries |= {entry.cause.key: entry for entry in other.entries}
    return store


def bridge(store, first=TUESDAY, last=THURSDAY, subject="me"):
    return get_bridge(
        FakeAccounts(store), FakeEntries(store), subject_hash=subject, first=first, last=last
    )


def test_the_bridge_ends_at_the_accounts_balance(store):
    built = bridge(store)
    assert built.closing == store.accounts["a1"].total
    assert (built.behaviour.reduction_mg, built.rules.reduction_mg) == (60, 5)


def test_the_days_are_inclusive(store):
    built = bridge(store, THURSDAY, THURSDAY)
    assert (built.opening.reduction_mg, built.rules.count) == (60, 1)
    assert bridge(store, TUESDAY, TUESDAY).later.reduction_mg == 5


def test_every_page_of_the_statement_is_bridged(store, monkeypatch):
    monkeypatch.setattr(module, "PAGE_ENTRIES", 1)
    assert bridge(store).closing == store.accounts["a1"].total


def test_a_statement_of_too_many_pages_is_refused(store, monkeypatch):
    monkeypatch.setattr(module, "PAGE_ENTRIES", 1)
    monkeypatch.setattr(module, "PAGES_MAX", 3)
    with pytest.raises(InvalidRequestError):
        bridge(store)


def test_while_the_newest_entries_are_not_in_the_statement_there_is_no_bridge(store):
    del store.entries["event#metro-demo#ride-2~1"]
    with pytest.raises(BusyError):
        bridge(store)


def test_a_reversed_range_is_refused(store):
    with pytest.raises(InvalidRequestError) as refused:
        bridge(store, THURSDAY, TUESDAY)
    assert refused.value.pointers == (("/query/to", "is before `from`"),)


def test_without_an_account_there_is_nothing_to_bridge(store):
    with pytest.raises(AccountNotFoundError):
        bridge(store, subject="nobody")


def test_an_account_without_entries_is_bridged_from_nothing_to_nothing(store):
    store.add(an_account("a3"), "new")
    assert bridge(store, subject="new").closing.count == 0
