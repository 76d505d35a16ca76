"""What every store of documents does."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from shared.application.ports import Write
from shared.domain.errors import StaleAccountError
from shared.domain.points import PointsChange
from tests.contract.conftest import Ledger
from tests.support.builders import BOOKED_AT
from tests.support.notes import Note, Task

HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


def put(ledger: Ledger, *notes: Note | Task) -> None:
    for note in notes:
        ledger.documents.put(Write(note))


def get(ledger: Ledger, owner: str = "a1", name: str = "n1") -> Note | None:
    return ledger.documents.get(Note, owner, name)


# One document


def test_a_document_is_read_exactly_as_it_was_put(ledger):
    note = Note(
        "a1",
        "n1",
        "减排 “8 km”",
        due_at=BOOKED_AT + MS,
        days=(date(2026, 12, 31), date(2027, 1, 1)),
        points=PointsChange({date(2027, 12, 31): -3}, held=3),
    )
    put(ledger, note)
    assert get(ledger) == note


def test_a_document_is_found_by_its_owner_and_name_and_its_kind(ledger):
    put(ledger, Note("a1", "n1", "mine"))
    assert get(ledger, "a2", "n1") is None
    assert get(ledger, "a1", "n2") is None
    assert ledger.documents.get(Task, "a1", "n1") is None


def test_documents_of_two_kinds_may_have_one_address(ledger):
    note, task = Note("a1", "n1"), Task("a1", "n1")
    put(ledger, note, task)
    assert get(ledger) == note
    assert ledger.documents.get(Task, "a1", "n1") == task


def test_a_new_document_never_covers_one_that_stands(ledger):
    first = Note("a1", "n1", "first")
    put(ledger, first)
    with pytest.raises(StaleAccountError):
        ledger.documents.put(Write(Note("a1", "n1", "second")))
    assert get(ledger) == first


def test_a_next_version_replaces_the_one_that_it_came_from(ledger):
    first = Note("a1", "n1", "first")
    second = first.saying("second")
    put(ledger, first)
    ledger.documents.put(Write(second, first))
    assert get(ledger) == second


def test_of_two_next_versions_one_stands(ledger):
    first = Note("a1", "n1", "first")
    put(ledger, first)
    winner = first.saying("winner")
    ledger.documents.put(Write(winner, first))
    with pytest.raises(StaleAccountError):
        ledger.documents.put(Write(first.saying("loser"), first))
    assert get(ledger) == winner


def test_a_next_version_of_what_never_was_is_refused(ledger):
    first = Note("a1", "n1", "first")
    with pytest.raises(StaleAccountError):
        ledger.documents.put(Write(first.saying("second"), first))
    assert get(ledger) is None


def test_several_documents_are_put_all_or_nothing(ledger):
    stands = Note("a1", "n1", "stands")
    put(ledger, stands)
    fresh, other = Note("a1", "n2"), Task("a2", "t1")
    with pytest.raises(StaleAccountError):
        ledger.documents.put(Write(fresh), Write(other), Write(Note("a1", "n1", "covers")))
    assert (get(ledger), get(ledger, "a1", "n2")) == (stands, None)
    assert ledger.documents.get(Task, "a2", "t1") is None
    ledger.documents.put(Write(fresh), Write(other), Write(stands.saying("moved on"), stands))
    assert (get(ledger), get(ledger, "a1", "n2")) == (stands.saying("moved on"), fresh)
    assert ledger.documents.get(Task, "a2", "t1") == other


# A list


def walk(ledger: Ledger, owner: str, limit: int) -> list[list[str]]:
    """Turn pages to the end; more of them than there could be is an error."""
    pages, after = [], None
    for _ in range(10):
        notes, after = ledger.documents.of_owner(Note, owner, limit=limit, after=after)
        assert len(notes) <= limit
        pages.append([note.name for note in notes])
        if after is None:
            return pages
    raise AssertionError("The pages have no end.")


@pytest.mark.parametrize(
    ("limit", "pages"),
    [
        (1, [["n5"], ["n4"], ["n3"], ["n2"], ["n1"]]),
        (2, [["n5", "n4"], ["n3", "n2"], ["n1"]]),
        (3, [["n5", "n4", "n3"], ["n2", "n1"]]),
        (5, [["n5", "n4", "n3", "n2", "n1"]]),
        (50, [["n5", "n4", "n3", "n2", "n1"]]),
    ],
)
def test_an_owners_documents_are_listed_last_names_first_and_each_on_one_page(ledger, limit, pages):
    put(ledger, *(Note("a1", f"n{number}") for number in (3, 1, 5, 2, 4)))
    put(ledger, Note("a2", "n6"), Task("a1", "n7"))
    assert walk(ledger, "a1", limit) == pages


def test_a_list_shows_each_document_as_it_stands(ledger):
    first = Note("a1", "n1", "first")
    put(ledger, first)
    ledger.documents.put(Write(first.saying("second"), first))
    assert ledger.documents.of_owner(Note, "a1", limit=5) == ([first.saying("second")], None)


def test_who_owns_nothing_has_an_empty_list(ledger):
    assert ledger.documents.of_owner(Note, "a1", limit=5) == ([], None)


# What is due


def due(ledger: Ledger, now: datetime = BOOKED_AT, limit: int = 50) -> list[str]:
    return [note.name for note in ledger.documents.due(Note, now, limit=limit)]


def test_what_is_due_comes_the_longest_first_whoever_it_belongs_to(ledger):
    hours = {"n1": 2, "n2": 7, "n3": 0, "n4": 5, "n5": 1, "n6": 3, "n7": 6, "n8": 4}
    for owner, (name, ago) in enumerate(hours.items()):
        put(ledger, Note(f"a{owner}", name, due_at=BOOKED_AT - ago * HOUR))
    assert due(ledger) == ["n2", "n7", "n4", "n8", "n6", "n1", "n5", "n3"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_of_what_is_due_only_the_longest_are_taken(ledger, limit):
    for number in range(4):
        put(ledger, Note("a1", f"n{number}", due_at=BOOKED_AT + number * MS))
        put(ledger, Note("a2", f"m{number}", due_at=BOOKED_AT + number * MS + HOUR))
    assert due(ledger, BOOKED_AT + 2 * HOUR, limit) == ["n0", "n1", "n2"][:limit]


def test_what_waits_for_later_for_nothing_or_is_of_another_kind_is_not_due(ledger):
    put(
        ledger,
        Note("a1", "now", due_at=BOOKED_AT),
        Note("a1", "later", due_at=BOOKED_AT + MS),
        Note("a1", "never"),
        Task("a1", "task", due_at=BOOKED_AT),
    )
    assert due(ledger) == ["now"]


def test_what_is_done_is_due_no_more_and_what_was_put_off_only_then(ledger):
    done, late = Note("a1", "done", due_at=BOOKED_AT), Note("a1", "late", due_at=BOOKED_AT)
    put(ledger, done, late)
    ledger.documents.put(Write(replace(done, due_at=None, version=2), done))
    ledger.documents.put(Write(replace(late, due_at=BOOKED_AT + HOUR, version=2), late))
    assert due(ledger) == []
    assert due(ledger, BOOKED_AT + HOUR) == ["late"]
