"""What every store of accounts, entries and consents does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.application.ports import (
    AccountChange,
    EntriesExistError,
    StatementFilter,
)
from shared.domain.account import Account, close, grant, open_account, withdraw
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import Posting, RefusalReason, decide_credits, refuse_all
from shared.domain.entry import AMENDMENTS_MAX, AmendmentKind, Cause, Entry
from shared.domain.errors import ReferenceLinkedError, StaleAccountError
from shared.domain.measurement import NOTHING, Spread, Sum
from tests.contract.conftest import Ledger
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OPENED_AT,
    a_correction,
    a_link,
    a_notice,
    a_posting,
    a_provisional_posting,
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
    events = {posting.amends for posting in postings if posting.amends}
    standing = {event: ledger.entries.standing(event) for event in events}
    known = {event: entry for event, entry in standing.items() if entry is not None}
    decision = decide_credits(before, postings, BOOKED_AT, known)
    ledger.accounts.commit(
        AccountChange(before, decision.account, decision.entries, completions=decision.completions)
    )
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


def test_how_sure_an_accounts_total_is_is_read_as_it_was_committed(ledger):
    assert opened(ledger, "a2", "you").total == NOTHING
    assert ledger.accounts.load("a2", consistent=True).total == NOTHING
    account, _ = credit(ledger, consented(ledger), a_posting("ride-0"), a_provisional_posting())
    assert ledger.accounts.load("a1", consistent=True) == account
    assert account.total == Sum(
        2, 230_184, Spread(22_964, 41_494, 9_000_000), (204_608, 0, 25_576, 0, 0), 25_576, 1
    )


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


def test_what_was_claimed_is_an_outcome_without_a_refusal(ledger):
    _, [entry] = credit(ledger, consented(ledger), replace(a_posting(), reason="claimed"))
    outcome = ledger.entries.find(RIDE)
    assert (outcome.entry, outcome.reason) == (entry, None)
    assert outcome.entry.reason == "claimed"


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


# Amendments

REST = Cause("metro-demo", "rest-1")


def completing(event_id: str = "rest-1", **changes: Any) -> Posting:
    return a_posting(event_id, completes="ride-1", **changes)


def test_a_completion_and_its_outcome_are_committed_together(ledger):
    account, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    after, [amendment] = credit(ledger, account, completing())
    assert ledger.accounts.load("a1", consistent=True) == after
    assert ledger.entries.entry(RIDE) == ride
    assert ledger.entries.entry(RIDE.next_amendment) == amendment
    assert amendment.original == ride.amended(AmendmentKind.COMPLETION)
    assert amendment.reduction_mg == 179_032


def test_the_outcome_of_a_completing_event_is_the_amendment(ledger):
    account, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    posting = completing()
    _, [amendment] = credit(ledger, account, posting)
    ledger.entries.record_conflict(REST, "e" * 64, BOOKED_AT)
    outcome = ledger.entries.find(REST)
    assert (outcome.cause, outcome.entry, outcome.reason) == (REST, amendment, None)
    assert (outcome.decided_at, outcome.payload_digest) == (BOOKED_AT, posting.payload_digest)
    assert outcome.conflicts == (BOOKED_AT,)
    # The event that was completed has its own entry for an outcome, as before; the completing one
    # has none of its own.
    assert ledger.entries.find(RIDE).entry == ride
    assert ledger.entries.entry(REST) is None


def test_a_completing_event_that_is_known_books_nothing(ledger):
    account, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    [refusal] = refuse_all([completing()], BOOKED_AT)
    ledger.entries.record_refusal(refusal)
    with pytest.raises(EntriesExistError) as known:
        credit(ledger, account, completing(), a_posting("ride-2"))
    assert known.value.digests == {REST.key: refusal.payload_digest}
    assert ledger.accounts.load("a1", consistent=True) == account
    assert ledger.entries.standing(RIDE) == ride
    assert ledger.entries.find(Cause("metro-demo", "ride-2")) is None


def test_an_amendment_that_was_first_is_told_and_leaves_no_outcome_behind(ledger):
    before, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    first = a_correction(ride, 30_000)
    _, [corrected] = credit(ledger, before, first)
    late = decide_credits(before, [completing()], BOOKED_AT, {RIDE: ride})
    with pytest.raises(EntriesExistError) as known:
        ledger.accounts.commit(
            AccountChange(before, late.account, late.entries, completions=late.completions)
        )
    assert known.value.digests == {RIDE.next_amendment.key: first.payload_digest}
    assert ledger.entries.find(REST) is None
    assert ledger.entries.standing(RIDE) == corrected


def test_a_completion_whose_reply_was_lost_is_told_with_both_of_its_keys(ledger):
    before, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    posting = completing()
    decision = decide_credits(before, [posting], BOOKED_AT, {RIDE: ride})
    change = AccountChange(
        before, decision.account, decision.entries, completions=decision.completions
    )
    ledger.accounts.commit(change)
    with pytest.raises(EntriesExistError) as known:
        ledger.accounts.commit(change)
    digest = posting.payload_digest
    assert known.value.digests == {REST.key: digest, RIDE.next_amendment.key: digest}


def test_a_refusal_never_covers_the_outcome_of_a_completing_event(ledger):
    account, _ = credit(ledger, consented(ledger), a_provisional_posting())
    posting = completing()
    _, [amendment] = credit(ledger, account, posting)
    [refusal] = refuse_all([posting], BOOKED_AT)
    assert ledger.entries.record_refusal(refusal) == posting.payload_digest
    assert ledger.entries.find(REST).entry == amendment


def test_what_stands_of_an_event_is_its_newest_entry(ledger):
    account, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    assert ledger.entries.standing(RIDE) == ride
    account, [stands] = credit(ledger, account, completing())
    assert ledger.entries.standing(RIDE) == stands
    for number in range(2, AMENDMENTS_MAX + 1):
        posting = a_correction(stands, 1000 * number, f"metro-distance@{number}")
        account, [stands] = credit(ledger, account, posting)
        assert stands.cause.amendment == number
        assert ledger.entries.standing(RIDE) == stands
    assert stands.standing_mg == 9_000


def test_of_what_was_never_credited_nothing_stands(ledger):
    account, _ = credit(ledger, consented(ledger), a_provisional_posting())
    credit(ledger, account, completing())
    [refusal] = refuse_all([a_posting("ride-2")], BOOKED_AT)
    ledger.entries.record_refusal(refusal)
    ledger.entries.record_conflict(Cause("metro-demo", "ride-3"), "e" * 64, BOOKED_AT)
    for event_id in ("rest-1", "ride-2", "ride-3", "ride-4"):
        assert ledger.entries.standing(Cause("metro-demo", event_id)) is None


def test_an_amendment_stands_in_the_statement_beside_what_it_amends(ledger):
    account, [ride] = credit(ledger, consented(ledger), a_provisional_posting())
    _, [amendment] = credit(ledger, account, completing())
    page = ledger.entries.page("a1", StatementFilter(), limit=50, after=None)
    assert page.entries == (amendment, ride)
    first = ledger.entries.page("a1", StatementFilter(), limit=1, after=None)
    second = ledger.entries.page("a1", StatementFilter(), limit=1, after=first.next_key)
    assert (first.entries, second.entries) == ((amendment,), (ride,))


# Everybody's entries, by methodology


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_all_entries_of_a_methodology_are_found_once_whatever_the_limit(ledger, limit):
    account, [first, *_] = credit(
        ledger,
        consented(ledger),
        a_provisional_posting("ride-1"),
        a_posting("ride-2"),
        a_posting("ride-3", methodology="metro-distance@2024.1"),
    )
    account, _ = credit(ledger, account, completing(), a_correction(an_entry_of(ledger), 1))
    credit(ledger, consented(ledger, "a2", "you"), a_posting("ride-4"))
    [refusal] = refuse_all([a_posting("ride-5")], BOOKED_AT)
    ledger.entries.record_refusal(refusal)
    ledger.entries.record_conflict(first.cause, "e" * 64, BOOKED_AT)

    found: list[str] = []
    after = None
    for _ in range(20):
        entries, after = ledger.entries.measured_by(
            "metro-distance@2025.1", limit=limit, after=after
        )
        assert len(entries) <= limit
        found += [entry.cause.key for entry in entries]
        if after is None:
            break
    assert after is None
    assert sorted(found) == [
        "event#metro-demo#ride-1",
        "event#metro-demo#ride-1~1",
        "event#metro-demo#ride-2",
        "event#metro-demo#ride-4",
    ]


def an_entry_of(ledger: Ledger) -> Entry:
    entry = ledger.entries.entry(Cause("metro-demo", "ride-2"))
    assert entry is not None
    return entry


def test_what_nothing_was_measured_by_is_found_nowhere(ledger):
    credit(ledger, consented(ledger), a_posting())
    found, after = ledger.entries.measured_by("metro-distance@1999.1", limit=50, after=None)
    assert (found, after) == ((), None)


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
