"""What every store of accounts, entries and consents does."""

from datetime import timedelta

import pytest

from shared.application.ports import (
    AccountChange,
    EntriesExistError,
    StatementFilter,
)
from shared.domain.account import Account, close, grant, open_account, withdraw
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import Posting, RefusalReason, decide_credits, refuse_all
from shared.domain.entry import Cause, Entry
from shared.domain.errors import ReferenceLinkedError, StaleAccountError
from tests.contract.conftest import Ledger
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OPENED_AT,
    a_link,
    a_notice,
    a_posting,
    at,
)

CAPS = (Cap(CapPeriod.DAY, 5), Cap(CapPeriod.MONTH, 30))
RIDE = Cause("metro-demo", "ride-1")


def opened(ledger: Ledger, account_id: str = "a1", subject: str = "me") -> Account:
    account = open_account(account_id, OPENED_AT)
    ledger.accounts.commit(AccountChange(None, account, subject_hash=subject))
    return account


def consented(ledger: Ledger, account_id: str = "a1", subject: str = "me") -> Account:
    before = opened(ledger, account_id, subject)
    after, record = grant(before, METRO_KEY, a_notice(), OPENED_AT)
    assert record is not None
    link = a_link(f"rider of {account_id}")
    ledger.accounts.commit(AccountChange(before, after, records=(record,), link=link))
    return after


def credit(ledger: Ledger, before: Account, *postings: Posting) -> tuple[Account, list[Entry]]:
    decision = decide_credits(before, postings, BOOKED_AT)
    ledger.accounts.commit(AccountChange(before, decision.account, decision.entries))
    return decision.account, list(decision.entries)


# Accounts


def test_an_account_is_found_by_its_subject_and_by_its_id(ledger):
    account = opened(ledger)
    assert ledger.accounts.find("me") == account
    assert ledger.accounts.load("a1", consistent=True) == account
    assert ledger.accounts.load("a1", consistent=False) == account
    assert ledger.accounts.find("you") is None
    assert ledger.accounts.load("a2", consistent=True) is None


def test_an_account_is_read_exactly_as_it_was_committed(ledger):
    account, _ = credit(ledger, consented(ledger), a_posting(caps=CAPS))
    assert ledger.accounts.load("a1", consistent=True) == account
    assert account.caps.reached("metro", (Cap(CapPeriod.DAY, 1),), at("2026-11-09T12:00+08").date())


def test_a_subject_has_one_open_account(ledger):
    opened(ledger)
    second = AccountChange(None, open_account("a2", OPENED_AT), subject_hash="me")
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(second)
    assert ledger.accounts.load("a2", consistent=True) is None


def test_an_id_is_given_once(ledger):
    opened(ledger)
    with pytest.raises(StaleAccountError):
        ledger.accounts.commit(AccountChange(None, open_account("a1", BOOKED_AT)))


def test_of_two_changes_of_the_same_version_one_stands_and_the_other_changes_nothing(ledger):
    before = consented(ledger)
    first, _ = credit(ledger, before, a_posting("ride-1"))
    with pytest.raises(StaleAccountError):
        credit(ledger, before, a_posting("ride-2"))
    assert ledger.accounts.load("a1", consistent=True) == first
    assert ledger.entries.entry(Cause("metro-demo", "ride-2")) is None


def test_a_closed_account_is_no_longer_found_by_its_subject(ledger):
    account = consented(ledger)
    closed, records = close(account, BOOKED_AT)
    links = tuple(ledger.consents.links_of("a1"))
    change = AccountChange(account, closed, records=records, unlinks=links, subject_hash="me")
    ledger.accounts.commit(change)
    assert ledger.accounts.find("me") is None
    assert ledger.accounts.load("a1", consistent=True) == closed
    assert ledger.consents.links_of("a1") == []
    assert opened(ledger, "a2", "me").account_id == "a2"


# Entries


def test_entries_are_committed_with_their_account(ledger):
    _, [entry] = credit(ledger, consented(ledger), a_posting())
    outcome = ledger.entries.find(RIDE)
    assert ledger.entries.entry(RIDE) == entry
    assert (outcome.entry, outcome.reason, outcome.conflicts) == (entry, None, ())
    assert (outcome.decided_at, outcome.payload_digest) == (BOOKED_AT, entry.payload_digest)


def test_a_known_cause_is_told_with_its_digest_and_nothing_is_committed(ledger):
    account, [entry] = credit(ledger, consented(ledger), a_posting("ride-1"))
    with pytest.raises(EntriesExistError) as known:
        credit(ledger, account, a_posting("ride-1", payload="altered"), a_posting("ride-2"))
    assert known.value.digests == {RIDE.key: entry.payload_digest}
    assert ledger.accounts.load("a1", consistent=True) == account
    assert ledger.entries.find(Cause("metro-demo", "ride-2")) is None


def test_a_cause_that_was_refused_is_known_as_well(ledger):
    account = consented(ledger)
    [refusal] = refuse_all([a_posting()], BOOKED_AT)
    assert ledger.entries.record_refusal(refusal) is None
    with pytest.raises(EntriesExistError) as known:
        credit(ledger, account, a_posting())
    assert known.value.digests == {RIDE.key: refusal.payload_digest}


def test_a_known_cause_is_told_even_when_the_race_is_lost_as_well(ledger):
    before = consented(ledger)
    credit(ledger, before, a_posting("ride-1"))
    with pytest.raises(EntriesExistError):
        credit(ledger, before, a_posting("ride-1"), a_posting("ride-2"))


# Outcomes


def test_a_refusal_is_an_outcome_without_an_entry(ledger):
    [refusal] = refuse_all([a_posting()], BOOKED_AT)
    ledger.entries.record_refusal(refusal)
    outcome = ledger.entries.find(RIDE)
    assert (outcome.entry, outcome.reason) == (None, RefusalReason.NOT_CONSENTED)
    assert outcome.decided_at == BOOKED_AT
    assert ledger.entries.entry(RIDE) is None


def test_a_second_refusal_leaves_the_first_and_tells_its_digest(ledger):
    [first] = refuse_all([a_posting()], BOOKED_AT)
    [second] = refuse_all([a_posting(payload="altered")], BOOKED_AT + timedelta(hours=1))
    ledger.entries.record_refusal(first)
    assert ledger.entries.record_refusal(second) == first.payload_digest
    assert ledger.entries.find(RIDE).decided_at == BOOKED_AT


def test_a_refusal_never_covers_an_entry(ledger):
    _, [entry] = credit(ledger, consented(ledger), a_posting())
    [refusal] = refuse_all([a_posting()], BOOKED_AT)
    assert ledger.entries.record_refusal(refusal) == entry.payload_digest
    assert ledger.entries.find(RIDE).entry == entry


def test_conflicts_are_shown_once_for_each_payload_oldest_first(ledger):
    credit(ledger, consented(ledger), a_posting())
    later = BOOKED_AT + timedelta(hours=1)
    ledger.entries.record_conflict(RIDE, "f" * 64, later)
    ledger.entries.record_conflict(RIDE, "e" * 64, BOOKED_AT)
    ledger.entries.record_conflict(RIDE, "e" * 64, later)
    assert ledger.entries.find(RIDE).conflicts == (BOOKED_AT, later)


def test_a_conflict_alone_is_no_outcome(ledger):
    ledger.entries.record_conflict(RIDE, "f" * 64, BOOKED_AT)
    assert ledger.entries.find(RIDE) is None
    assert ledger.entries.entry(RIDE) is None


# The statement


@pytest.fixture
def five_rides(ledger):
    """Five rides of an account, out of order of occurrence; one by bus; another account's one."""
    account = consented(ledger)
    account, record = grant(account, BUS_KEY, a_notice("bus"), OPENED_AT)
    assert record is not None
    ledger.accounts.commit(
        AccountChange(ledger.accounts.load("a1", consistent=True), account, records=(record,))
    )
    days = {"ride-1": 3, "ride-2": 1, "trip-3": 4, "ride-4": 5, "ride-5": 2}
    postings = [
        a_posting(
            event_id,
            scenario="bus" if event_id.startswith("trip") else "metro",
            occurred_at=at(f"2026-11-0{day}T12:00:00+08:00"),
        )
        for event_id, day in days.items()
    ]
    credit(ledger, account, *postings)
    credit(ledger, consented(ledger, "a2", "you"), a_posting("ride-6"))
    return ledger


def walk(ledger: Ledger, wanted: StatementFilter, limit: int) -> list[str]:
    """Turn pages to the end; more of them than there could be is an error."""
    found: list[str] = []
    after = None
    for _ in range(10):
        page = ledger.entries.page("a1", wanted, limit=limit, after=after)
        assert len(page.entries) <= limit
        found += [entry.cause.event_id for entry in page.entries]
        after = page.next_key
        if after is None:
            return found
    raise AssertionError("The pages have no end.")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_every_entry_is_on_one_page_newest_occurrence_first_whatever_the_limit(five_rides, limit):
    assert walk(five_rides, StatementFilter(), limit) == [
        "ride-4", "trip-3", "ride-1", "ride-5", "ride-2",
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_filter_finds_the_same_whatever_the_limit(five_rides, limit):
    assert walk(five_rides, StatementFilter(scenario="metro"), limit) == [
        "ride-4", "ride-1", "ride-5", "ride-2",
    ]  # fmt: skip
    assert walk(five_rides, StatementFilter(scenario="bus"), limit) == ["trip-3"]
    assert walk(five_rides, StatementFilter(scenario="bus", partner="bank-core"), limit) == []


def test_a_range_holds_its_first_instant_and_not_its_last(five_rides):
    third, fifth = at("2026-11-03T12:00:00+08:00"), at("2026-11-05T12:00:00+08:00")
    assert walk(five_rides, StatementFilter(third, fifth), 50) == ["trip-3", "ride-1"]
    assert walk(five_rides, StatementFilter(occurred_from=fifth), 50) == ["ride-4"]
    assert walk(five_rides, StatementFilter(occurred_until=third), 50) == ["ride-5", "ride-2"]


def test_an_account_without_entries_has_an_empty_page(ledger):
    page = ledger.entries.page("a9", StatementFilter(), limit=50, after=None)
    assert (page.entries, page.next_key) == ((), None)


# Consents and links


def test_a_consents_record_and_link_are_committed_with_the_account(ledger):
    account = consented(ledger)
    [record] = ledger.consents.records("a1")
    link = a_link("rider of a1")
    assert (record.number, record.key, record.at) == (1, METRO_KEY, OPENED_AT)
    assert record.digest == account.consent_history.head
    assert ledger.consents.linked_account(link, consistent=True) == "a1"
    assert ledger.consents.linked_account(link, consistent=False) == "a1"
    assert ledger.consents.link_of("a1", "metro-demo") == link
    assert ledger.consents.links_of("a1") == [link]


def test_what_was_never_linked_is_nobodys(ledger):
    assert ledger.consents.linked_account(a_link(), consistent=True) is None
    assert ledger.consents.link_of("a1", "metro-demo") is None
    assert ledger.consents.links_of("a1") == []
    assert ledger.consents.records("a1") == []


def test_a_reference_belongs_to_one_account_at_a_time(ledger):
    consented(ledger)
    other = opened(ledger, "a2", "you")
    after, record = grant(other, METRO_KEY, a_notice(), OPENED_AT)
    assert record is not None
    change = AccountChange(other, after, records=(record,), link=a_link("rider of a1"))
    with pytest.raises(ReferenceLinkedError):
        ledger.accounts.commit(change)
    assert ledger.accounts.load("a2", consistent=True) == other
    assert ledger.consents.records("a2") == []


def test_records_come_oldest_first_and_a_link_can_go(ledger):
    account = consented(ledger)
    after, record = withdraw(account, METRO_KEY, BOOKED_AT)
    assert record is not None
    unlinks = (a_link("rider of a1"),)
    ledger.accounts.commit(AccountChange(account, after, records=(record,), unlinks=unlinks))
    assert [each.action for each in ledger.consents.records("a1")] == ["granted", "withdrawn"]
    assert ledger.consents.linked_account(a_link("rider of a1"), consistent=True) is None
    assert ledger.consents.link_of("a1", "metro-demo") is None
