from datetime import timedelta

import pytest

from shared.application.update_accounts import (
    ATTEMPTS_MAX,
    ENTRIES_PER_COMMIT_MAX,
    update_accounts,
)
from shared.domain.account import close, withdraw
from shared.domain.caps import Cap, CapPeriod
from shared.domain.crediting import RefusalReason, decide_credits
from shared.domain.entry import Cause
from shared.domain.errors import StaleAccountError
from tests.support.builders import (
    BOOKED_AT,
    METRO_KEY,
    OPENED_AT,
    a_posting,
    an_account,
    postings_for,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, busy, no_pause

ONE_A_DAY = (Cap(CapPeriod.DAY, 1),)
RIDE = Cause("metro-demo", "ride-1")


@pytest.fixture
def store():
    store = Store()
    store.add(an_account())
    return store


def update(store, *batches, now=BOOKED_AT, pause=no_pause):
    """Deliver one message for each batch, named m0, m1, ..."""
    return update_accounts(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        batches={f"m{number}": batch for number, batch in enumerate(batches)},
        now=now,
        pause=pause,
    )


def stale() -> None:
    raise StaleAccountError


def test_an_event_is_credited_with_one_cheap_read_and_one_commit(store):
    tally = update(store, postings_for("a1", a_posting()))
    assert (tally.credited, tally.failed) == (1, set())
    assert store.calls == ["load", "commit"]
    assert store.accounts["a1"].reduction_mg == 204_608


def test_events_of_one_account_from_several_messages_share_one_commit(store):
    tally = update(store, *(postings_for("a1", a_posting(f"ride-{number}")) for number in range(5)))
    assert tally.credited == 5
    assert store.calls == ["load", "commit"]


def test_more_events_than_a_commit_takes_are_cut_into_several(store):
    postings = [a_posting(f"ride-{number}", reduction_mg=1) for number in range(26)]
    tally = update(store, postings_for("a1", *postings))
    assert ENTRIES_PER_COMMIT_MAX == 25
    assert tally.credited == 26
    assert store.calls == ["load", "commit", "load", "commit"]
    assert store.accounts["a1"].reduction_mg == 26


def test_a_lost_race_is_decided_again_on_what_the_winner_left(store):
    def another_credit():
        other = a_posting("other", reduction_mg=1)
        winner = decide_credits(store.accounts["a1"], [other], BOOKED_AT)
        store.accounts["a1"] = winner.account
        store.entries |= {entry.cause.key: entry for entry in winner.entries}

    store.trouble.append(another_credit)
    tally = update(store, postings_for("a1", a_posting(reduction_mg=10)))
    assert tally.credited == 1
    assert store.accounts["a1"].reduction_mg == 11
    assert [entry.seq for entry in store.entries_of("a1")] == [1, 2]
    assert store.calls == ["load", "commit", "load consistently", "commit"]


def test_a_withdrawal_that_wins_the_race_stops_the_credit(store):
    def withdrawal():
        store.accounts["a1"], _ = withdraw(store.accounts["a1"], METRO_KEY, BOOKED_AT)

    store.trouble.append(withdrawal)
    tally = update(store, postings_for("a1", a_posting()))
    assert (tally.credited, tally.refused) == (0, 1)
    assert store.refusals[RIDE.key].reason is RefusalReason.NOT_CONSENTED
    assert store.entries == {}


def test_pauses_between_attempts_grow_and_the_last_failure_sends_the_messages_again(store):
    attempts: list[int] = []
    store.trouble.extend([stale] * ATTEMPTS_MAX)
    tally = update(store, postings_for("a1", a_posting()), pause=attempts.append)
    assert tally.failed == {"m0"}
    assert attempts == [0, 1, 2, 3, 4, 5, 6, 7]
    assert store.entries == {}


def test_a_busy_account_does_not_hold_up_the_others(store):
    store.add(an_account("a2"))
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    tally = update(
        store,
        postings_for("a1", a_posting("ride-1")),
        postings_for("a2", a_posting("ride-2")),
        postings_for("a1", a_posting("ride-3")),
    )
    assert tally.failed == {"m0", "m2"}
    assert store.accounts["a2"].reduction_mg == 204_608


def test_an_account_that_cannot_be_read_back_does_not_hold_up_the_others(store):
    def unreadable() -> None:
        raise ValueError("not a row of ours")

    store.add(an_account("a2"))
    store.trouble.append(unreadable)
    tally = update(
        store,
        postings_for("a1", a_posting("ride-1")),
        postings_for("a2", a_posting("ride-2")),
    )
    assert tally.failed == {"m0"}
    assert [str(error) for error in tally.errors] == ["not a row of ours"]
    assert store.accounts["a2"].reduction_mg == 204_608


def test_the_payload_that_the_store_knows_is_no_conflict_beside_another_one(store):
    update(store, postings_for("a1", a_posting("ride-1")))
    other = a_posting("ride-1", payload="another")
    tally = update(store, postings_for("a1", other, a_posting("ride-1")))
    assert (tally.duplicates, tally.conflicts) == (1, 1)
    assert list(store.conflicts[RIDE.key]) == [other.payload_digest]


def test_a_lost_reply_books_once(store):
    store.lost_replies = 1
    tally = update(store, postings_for("a1", a_posting()))
    assert tally.failed == set()
    assert store.accounts["a1"].reduction_mg == 204_608
    assert len(store.entries) == 1


def test_a_redelivered_event_is_a_duplicate_and_adds_nothing(store):
    update(store, postings_for("a1", a_posting()))
    tally = update(store, postings_for("a1", a_posting()), now=BOOKED_AT + timedelta(days=2))
    assert (tally.credited, tally.duplicates, tally.conflicts) == (0, 1, 0)
    assert store.accounts["a1"].reduction_mg == 204_608


def test_new_events_beside_a_duplicate_are_still_credited(store):
    update(store, postings_for("a1", a_posting("ride-1")))
    tally = update(store, postings_for("a1", a_posting("ride-1"), a_posting("ride-2")))
    assert (tally.credited, tally.duplicates) == (1, 1)
    assert [entry.cause.event_id for entry in store.entries_of("a1")] == ["ride-1", "ride-2"]


def test_the_same_event_twice_in_a_batch_is_credited_once(store):
    tally = update(store, postings_for("a1", a_posting()), postings_for("a1", a_posting()))
    assert (tally.credited, tally.duplicates) == (1, 1)
    assert store.accounts["a1"].reduction_mg == 204_608


def test_the_same_id_with_another_payload_is_recorded_as_a_conflict_and_adds_nothing(store):
    update(store, postings_for("a1", a_posting()))
    altered = a_posting(payload="altered", reduction_mg=999_999)
    tally = update(store, postings_for("a1", altered))
    assert (tally.credited, tally.conflicts, tally.duplicates) == (0, 1, 0)
    assert store.conflicts == {RIDE.key: {altered.payload_digest: BOOKED_AT}}
    assert store.accounts["a1"].reduction_mg == 204_608


def test_two_payloads_of_one_id_in_a_batch_credit_the_first_and_report_the_second(store):
    altered = a_posting(payload="altered", reduction_mg=999_999)
    tally = update(store, postings_for("a1", a_posting()), postings_for("a1", altered))
    assert (tally.credited, tally.conflicts) == (1, 1)
    assert store.accounts["a1"].reduction_mg == 204_608
    assert list(store.conflicts[RIDE.key]) == [altered.payload_digest]


def test_a_refusal_is_only_decided_on_a_certain_read(store):
    store.lagging["a1"] = an_account(consents=[])
    tally = update(store, postings_for("a1", a_posting()))
    assert (tally.credited, tally.refused) == (1, 0)
    assert store.calls == ["load", "load consistently", "commit"]


def test_an_account_that_a_cheap_read_misses_is_looked_for_again(store):
    del store.accounts["a1"]
    tally = update(store, postings_for("a1", a_posting()))
    assert tally.refused == 1
    assert store.calls == ["load", "load consistently", "record refusal"]


def test_a_stale_read_that_would_credit_is_caught_by_the_commit(store):
    store.lagging["a1"] = store.accounts["a1"]
    store.accounts["a1"], _ = withdraw(store.accounts["a1"], METRO_KEY, BOOKED_AT)
    tally = update(store, postings_for("a1", a_posting()))
    assert (tally.credited, tally.refused) == (0, 1)
    assert store.calls == ["load", "commit", "load consistently", "record refusal"]


def test_an_event_of_nobody_is_refused_without_reading_an_account(store):
    tally = update(store, postings_for(None, a_posting()))
    assert tally.refused == 1
    assert store.calls == ["record refusal"]
    assert store.refusals[RIDE.key].reason is RefusalReason.NOT_CONSENTED


def test_an_event_of_a_closed_account_is_refused(store):
    store.accounts["a1"], _ = close(store.accounts["a1"], BOOKED_AT)
    assert update(store, postings_for("a1", a_posting())).refused == 1


def test_a_refused_event_stays_refused_when_it_comes_again_under_consent(store):
    early = a_posting(occurred_at=OPENED_AT - timedelta(seconds=1))
    update(store, postings_for("a1", early))
    tally = update(store, postings_for("a1", early))
    assert (tally.refused, tally.duplicates) == (0, 1)
    assert store.refusals[RIDE.key].reason is RefusalReason.OUTSIDE_CONSENT
    # The same id as an event that would be credited is a conflict with the outcome that stands.
    tally = update(store, postings_for("a1", a_posting(payload="on time")))
    assert (tally.credited, tally.conflicts) == (0, 1)


def test_a_credited_event_that_comes_again_after_the_withdrawal_stays_credited(store):
    update(store, postings_for("a1", a_posting()))
    store.accounts["a1"], _ = withdraw(store.accounts["a1"], METRO_KEY, BOOKED_AT)
    tally = update(store, postings_for("a1", a_posting()))
    assert (tally.refused, tally.duplicates) == (0, 1)
    assert RIDE.key not in store.refusals


def test_a_duplicate_does_not_push_its_neighbour_over_the_cap(store):
    cap = (Cap(CapPeriod.DAY, 2),)
    update(store, postings_for("a1", a_posting("ride-1", caps=cap)))
    both = [a_posting("ride-1", caps=cap), a_posting("ride-2", caps=cap)]
    tally = update(store, postings_for("a1", *both))
    assert (tally.credited, tally.duplicates, tally.refused) == (1, 1, 0)


def test_refusals_are_recorded_after_the_credits_stand(store):
    rides = [a_posting("ride-1", caps=ONE_A_DAY), a_posting("ride-2", caps=ONE_A_DAY)]
    tally = update(store, postings_for("a1", *rides))
    assert (tally.credited, tally.refused) == (1, 1)
    assert store.calls == ["load", "load consistently", "commit", "record refusal"]
