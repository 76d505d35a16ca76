from shared.domain.errors import (
    BusyError,
    EntryNotFoundError,
    InvalidRequestError,
    TotalsMismatchError,
)
from shared.runtime.problem import problem, status_of


def test_a_refusal_is_told_by_a_stable_code():
    assert problem(EntryNotFoundError(), "r-1") == {
        "type": "urn:carbon-account:problem:entry_not_found",
        "title": "The caller's account has no such entry.",
        "status": 404,
        "code": "entry_not_found",
        "detail": "The caller's account has no such entry.",
        "instance": "urn:request:r-1",
    }


def test_an_invalid_request_points_at_each_field():
    error = InvalidRequestError("Two are wrong.", pointers=(("/a", "is required"), ("/b/0", "no")))
    body = problem(error)
    assert (body["status"], body["detail"]) == (422, "Two are wrong.")
    assert body["errors"] == [
        {"pointer": "/a", "detail": "is required"},
        {"pointer": "/b/0", "detail": "no"},
    ]
    assert "instance" not in body


def test_what_should_never_reach_a_caller_says_nothing_about_the_inside():
    body = problem(TotalsMismatchError("2026-11-10: counters and entries disagree."), "r-1")
    assert (body["status"], body["code"]) == (500, "internal")
    assert "2026" not in str(body)


def test_busy_means_come_again():
    assert status_of(BusyError()) == 503
