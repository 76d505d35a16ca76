"""Completions and corrections on their way to an account: races, lost replies, and repetitions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.application.update_accounts import ENTRIES_PER_COMMIT_MAX, update_accounts
from shared.domain.account import close, withdraw
from shared.domain.crediting import RefusalReason
from shared.domain.entry import Cause
from shared.domain.errors import BusyError
from tests.support.builders import (
    BOOKED_AT,
    METRO_KEY,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
    postings_for,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, no_pause

LATER = BOOKED_AT + timedelta(days=1)
RIDE = Cause("metro-demo", "ride-1")
REST = Cause("metro-demo", "rest-1")
TRANSACTION_ITEMS_MAX = 100


@pytest.fixture
def store():
    """An account with a ride whose distance is not known, and one that is known."""
    store = Store()
    store.add(an_account())
    update(store, postings_for("a1", a_provisional_posting("ride-1"), a_posting("ride-2")))
    store.calls.clear()
    return store


def update(store, *batches, now=BOOKED_AT):
    """Deliver one message for each batch, named m0, m1, ..."""
    return update_accounts(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        batches={f"m{number}": batch for number, batch in enumerate(batches)},
        now=now,
        pause=no_pause,
    )


def completing(event_id="rest-1", completes="ride-1", **changes):
    return a_posting(event_id, completes=completes, **changes)


def correction(store, event_id="ride-1", reduction_mg=30_000, methodology="metro-distance@2026.1"):
    """Return what a restatement would post for what stands now."""
    stands = FakeEntries(store).standing(Cause("metro-demo", event_id))
    store.calls.clear()
    assert stands is not None
    return a_correction(
        stands, reduction_mg, methodology, grade=stands.grade, missing=stands.missing
    )


def meanwhile(store, *postings):
    """Return what another function does between our reading and our commit."""

    def commit():
        assert update(store, postings_for("a1", *postings)).credited == len(postings)

    return commit


def reductions(store):
    return [entry.reduction_mg for entry in store.entries_of("a1")]


# Completions


def test_a_completion_is_booked_with_one_look_at_what_stands(store):
    tally = update(store, postings_for("a1", completing()), now=LATER)
    assert (tally.credited, tally.refused, tally.failed) == (1, 0, set())
    assert store.calls == ["standing", "load", "commit"]
    assert reductions(store) == [25_576, 204_608, 179_032]
    assert store.completions[REST.key].amendment == RIDE.next_amendment


def test_nothing_is_looked_up_for_events_that_amend_nothing(store):
    update(store, postings_for("a1", a_posting("ride-3")))
    assert store.calls == ["load", "commit"]


def test_an_event_and_its_completion_may_come_in_two_messages_of_a_batch(store):
    tally = update(
        store,
        postings_for("a1", a_provisional_posting("ride-3")),
        postings_for("a1", completing("rest-3", "ride-3")),
    )
    assert tally.credited == 2
    assert store.calls == ["standing", "load", "commit"]
    assert store.accounts["a1"].reduction_mg == 25_576 + 204_608 + 204_608


def test_a_completion_is_decided_again_on_an_amendment_that_came_first(store):
    store.trouble.append(meanwhile(store, correction(store)))
    tally = update(store, postings_for("a1", completing()))
    # Only the amendment's key was taken; the completing event itself is new.
    assert (tally.credited, tally.duplicates, tally.conflicts) == (1, 0, 0)
    assert store.completions[REST.key].amendment == Cause("metro-demo", "ride-1", 2)
    # 25,576 were corrected to 30,000, then completed to 204,608.
    assert reductions(store) == [25_576, 204_608, 4_424, 174_608]


def test_what_stands_is_read_again_after_every_lost_race(store):
    store.trouble.append(meanwhile(store, a_posting("ride-3")))
    tally = update(store, postings_for("a1", completing()))
    assert tally.credited == 1
    first, winner, again = (
        ["standing", "load", "commit"],
        ["load", "commit"],
        ["standing", "load consistently", "commit"],
    )
    assert store.calls == first + winner + again


def test_of_two_completions_at_once_one_is_booked_and_the_other_refused(store):
    store.trouble.append(meanwhile(store, completing("rest-0")))
    tally = update(store, postings_for("a1", completing(reduction_mg=900_000)))
    assert (tally.credited, tally.refused) == (0, 1)
    assert store.refusals[REST.key].reason is RefusalReason.NOTHING_TO_COMPLETE
    assert reductions(store) == [25_576, 204_608, 179_032]


def test_a_withdrawal_that_wins_the_race_stops_the_completion(store):
    def withdrawal():
        store.accounts["a1"], _ = withdraw(store.accounts["a1"], METRO_KEY, BOOKED_AT)

    store.trouble.append(withdrawal)
    tally = update(store, postings_for("a1", completing()))
    assert (tally.credited, tally.refused) == (0, 1)
    assert store.refusals[REST.key].reason is RefusalReason.NOT_CONSENTED


def test_a_completion_whose_reply_was_lost_is_known_when_it_comes_again(store):
    store.lost_replies = 1
    tally = update(store, postings_for("a1", completing()))
    assert (tally.duplicates, tally.refused, tally.conflicts, tally.failed) == (1, 0, 0, set())
    assert reductions(store) == [25_576, 204_608, 179_032]
    assert store.refusals == {}


def test_a_completion_that_comes_again_is_a_duplicate(store):
    update(store, postings_for("a1", completing()))
    tally = update(store, postings_for("a1", completing()), now=LATER)
    assert (tally.credited, tally.duplicates, tally.refused) == (0, 1, 0)
    assert store.refusals == {}


def test_a_completion_twice_in_a_batch_is_booked_once(store):
    tally = update(store, postings_for("a1", completing()), postings_for("a1", completing()))
    assert (tally.credited, tally.duplicates) == (1, 1)


def test_a_completing_events_id_with_another_payload_is_a_conflict(store):
    update(store, postings_for("a1", completing()))
    altered = completing(payload="altered", reduction_mg=900_000)
    tally = update(store, postings_for("a1", altered))
    assert (tally.credited, tally.refused, tally.conflicts) == (0, 0, 1)
    assert list(store.conflicts[REST.key]) == [altered.payload_digest]
    assert reductions(store) == [25_576, 204_608, 179_032]


def test_the_id_of_a_credited_event_can_not_complete_another(store):
    altered = completing("ride-2", payload="altered")
    tally = update(store, postings_for("a1", altered, a_posting("ride-3")))
    assert (tally.credited, tally.conflicts) == (1, 1)
    assert list(store.conflicts) == [Cause("metro-demo", "ride-2").key]
    assert store.accounts["a1"].total.provisional_mg == 25_576


def test_the_id_of_a_completing_event_can_not_be_credited(store):
    update(store, postings_for("a1", completing()))
    tally = update(store, postings_for("a1", a_posting("rest-1", payload="altered")))
    assert (tally.credited, tally.conflicts) == (0, 1)
    assert REST.key not in store.entries


def test_that_there_is_nothing_to_complete_is_only_decided_on_a_certain_read(store):
    tally = update(store, postings_for("a1", completing(completes="ride-9")))
    assert tally.refused == 1
    assert store.calls == ["standing", "load", "load consistently", "record refusal"]


def test_a_completion_of_nobody_is_refused_like_any_event(store):
    assert update(store, postings_for(None, completing())).refused == 1
    assert store.refusals[REST.key].reason is RefusalReason.NOT_CONSENTED


def test_a_full_commit_of_completions_fits_into_a_transaction(store):
    rides = [a_provisional_posting(f"open-{n}") for n in range(ENTRIES_PER_COMMIT_MAX)]
    update(store, postings_for("a1", *rides))
    store.calls.clear()
    rests = [completing(f"close-{n}", f"open-{n}") for n in range(ENTRIES_PER_COMMIT_MAX)]
    tally = update(store, postings_for("a1", *rests))
    assert tally.credited == ENTRIES_PER_COMMIT_MAX
    assert store.calls.count("commit") == 1
    # An amendment and an outcome for each, and the account.
    assert 2 * ENTRIES_PER_COMMIT_MAX + 1 <= TRANSACTION_ITEMS_MAX


def test_a_look_at_what_stands_that_is_busy_does_not_hold_up_other_accounts(store, monkeypatch):
    def busy(self, event):
        raise BusyError

    monkeypatch.setattr(FakeEntries, "standing", busy)
    store.add(an_account("a2"))
    tally = update(store, postings_for("a1", completing()), postings_for("a2", a_posting("ride-3")))
    assert (tally.failed, tally.credited) == ({"m0"}, 1)


# Corrections


def test_corrections_are_booked_in_the_open_day(store):
    tally = update(store, postings_for("a1", correction(store)), now=LATER)
    assert (tally.credited, tally.superseded) == (1, 0)
    assert reductions(store) == [25_576, 204_608, 4_424]
    assert store.entries_of("a1")[-1].booked_at == LATER
    assert (store.completions, store.refusals) == ({}, {})


def test_a_correction_that_comes_again_changes_nothing(store):
    posting = correction(store)
    twice = update(store, postings_for("a1", posting), postings_for("a1", replace(posting)))
    assert (twice.credited, twice.duplicates) == (1, 1)
    again = update(store, postings_for("a1", posting), now=LATER)
    assert (again.credited, again.superseded, again.refused, again.conflicts) == (0, 1, 0, 0)
    assert reductions(store) == [25_576, 204_608, 4_424]


def test_a_correction_whose_reply_was_lost_is_booked_once(store):
    posting = correction(store)
    store.lost_replies = 1
    tally = update(store, postings_for("a1", posting))
    assert tally.failed == set()
    assert reductions(store) == [25_576, 204_608, 4_424]


def test_the_same_correction_by_two_runs_at_once_is_booked_once(store):
    posting = correction(store)
    store.trouble.append(meanwhile(store, posting))
    tally = update(store, postings_for("a1", posting))
    assert (tally.credited, tally.duplicates, tally.conflicts) == (0, 1, 0)
    assert reductions(store) == [25_576, 204_608, 4_424]


def test_a_correction_loses_to_a_completion_at_the_same_time(store):
    posting = correction(store)
    store.trouble.append(meanwhile(store, completing()))
    tally = update(store, postings_for("a1", posting))
    assert (tally.credited, tally.superseded, tally.conflicts) == (0, 1, 0)
    assert reductions(store) == [25_576, 204_608, 179_032]
    assert store.conflicts == {}


def test_a_correction_and_its_neighbours_are_told_apart(store):
    lost, kept = correction(store, "ride-1"), correction(store, "ride-2", 190_000)
    store.trouble.append(meanwhile(store, completing()))
    tally = update(store, postings_for("a1", lost, kept, a_posting("ride-3")))
    assert (tally.credited, tally.superseded) == (2, 1)
    assert store.accounts["a1"].reduction_mg == 204_608 + 190_000 + 204_608


def test_that_a_correction_is_superseded_is_only_decided_on_a_certain_read(store):
    posting = correction(store)
    store.lagging["a1"], _ = close(store.accounts["a1"], BOOKED_AT)
    tally = update(store, postings_for("a1", posting))
    assert (tally.credited, tally.superseded) == (1, 0)
    assert store.calls == ["standing", "load", "load consistently", "commit"]


def test_a_closed_account_is_not_corrected(store):
    posting = correction(store)
    store.accounts["a1"], _ = close(store.accounts["a1"], BOOKED_AT)
    tally = update(store, postings_for("a1", posting))
    assert (tally.credited, tally.superseded, tally.refused) == (0, 1, 0)


def test_a_correction_that_belongs_to_nobody_leaves_nothing(store):
    tally = update(store, postings_for(None, correction(store)))
    assert (tally.credited, tally.refused, tally.failed) == (0, 0, set())
    assert "commit" not in store.calls
    assert store.refusals == {}


def test_a_behaviour_can_be_completed_and_corrected_in_one_batch(store):
    tally = update(store, postings_for("a1", correction(store), completing()))
    assert tally.credited == 2
    assert reductions(store) == [25_576, 204_608, 4_424, 174_608]
    assert store.accounts["a1"].total.provisional_mg == 0
