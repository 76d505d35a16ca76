"""A dispute ends once, and is named so that nobody can have two of one matter."""

from datetime import timedelta
from itertools import product

import pytest

from shared.domain.dispute import (
    ANSWER_WITHIN,
    DISPUTE_ID,
    MISSING_WITHIN,
    TRANSITIONS,
    Dispute,
    DisputeKind,
    DisputeState,
    claim_id,
    dispute_id_for,
    is_claim_id,
    matter_of,
)
from shared.domain.errors import DisputeEndedError
from shared.domain.points import DAYS_KEPT
from tests.support.builders import BOOKED_AT, OCCURRED_AT, at

ENDS = ("accepted", "declined", "decided_for_user", "withdrawn")
ID = dispute_id_for("a1", "key-00001", BOOKED_AT)


def a_dispute(kind=DisputeKind.NOT_MINE, **changes):
    facts = {
        "dispute_id": ID,
        "account_id": "a1",
        "kind": kind,
        "scenario": "metro",
        "partner": "metro-demo",
        "event_id": claim_id(ID) if kind is DisputeKind.MISSING else "ride-1",
        "occurred_at": OCCURRED_AT,
        "opened_at": BOOKED_AT,
        "inputs": {},
    }
    return Dispute(**{**facts, **changes})


def in_state(state):
    dispute = a_dispute()
    return dispute if state == "open" else dispute.ended(DisputeState(state), BOOKED_AT)


@pytest.mark.parametrize("end", ENDS)
def test_an_open_dispute_comes_to_each_of_its_ends(end):
    ended = a_dispute().ended(
        DisputeState(end), BOOKED_AT, reason="r", lines=("l",), answer_digest="d"
    )
    assert (ended.state, ended.version, ended.ended_at) == (end, 2, BOOKED_AT)
    assert (ended.reason, ended.lines, ended.answer_digest) == ("r", ("l",), "d")
    assert ended.due_at is None


@pytest.mark.parametrize(("end", "next_state"), [*product(ENDS, ("open", *ENDS)), ("open", "open")])
def test_from_no_end_does_a_dispute_go_on(end, next_state):
    with pytest.raises(DisputeEndedError):
        in_state(end).ended(DisputeState(next_state), BOOKED_AT)


def test_every_state_has_its_transitions():
    assert set(TRANSITIONS) == {"open", *ENDS}
    assert {state for state, after in TRANSITIONS.items() if after} == {"open"}


def test_an_open_dispute_is_due_at_its_deadline_fifteen_days_later():
    assert a_dispute().deadline == a_dispute().due_at == at("2026-11-25T12:00:00+08:00")


def test_what_is_missing_is_decided_while_the_account_remembers_the_day():
    assert timedelta(days=DAYS_KEPT - 4) >= MISSING_WITHIN + ANSWER_WITHIN


def test_ids_sort_by_the_time_at_which_disputes_were_opened():
    later = dispute_id_for("a1", "key-00001", BOOKED_AT + timedelta(milliseconds=1))
    assert ID < later < dispute_id_for("a1", "key-00001", BOOKED_AT + timedelta(days=9_000))
    assert all(DISPUTE_ID.fullmatch(each) for each in (ID, later))


def test_another_key_or_account_has_another_id():
    ids = {
        dispute_id_for(account, key, BOOKED_AT)
        for account in ("a1", "a2")
        for key in ("key-00001", "key-00002")
    }
    assert len(ids) == 4


def test_only_a_disputes_own_form_of_an_event_id_is_reserved():
    assert is_claim_id(claim_id(ID))
    assert not any(is_claim_id(each) for each in ("dispute-1", "ride-1", ID, "dispute-" + "d" * 28))


def test_an_event_is_one_matter_whatever_is_wrong_with_it():
    assert {matter_of(a_dispute(kind)) for kind in DisputeKind if kind != "missing"} == {
        "event#metro-demo#ride-1"
    }


@pytest.mark.parametrize(
    ("occurred_at", "is_same"),
    [("2026-11-09T08:00:00+08:00", True), ("2026-11-09T09:00:00+08:00", False)],
)
def test_what_is_missing_in_one_hour_is_one_matter(occurred_at, is_same):
    one = matter_of(a_dispute(DisputeKind.MISSING))
    other = matter_of(a_dispute(DisputeKind.MISSING, occurred_at=at(occurred_at)))
    assert (one == other) is is_same
