"""From a ride to its dispute, to the answer or to silence, and to what the user then has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from infra.verify.receipt import verify_receipt
from tests.support.cloud import NOW, Cloud, context, load
from tests.support.features.disputes import (
    ACCOUNTS,
    DEADLINE,
    FIVE_KM,
    MISSED,
    MISSING,
    OPEN,
    dispute,
    entry_of,
    report,
    say,
)
from tests.support.partners import METRO_SECRET, dump, signed
from tests.support.town import Time, build_town


@pytest.fixture
def town() -> Iterator[tuple[Cloud, Time]]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        yield build_town(patch)


@pytest.fixture
def cloud(town: tuple[Cloud, Time]) -> Cloud:
    return town[0]


def read(cloud: Cloud, function: str, user: str, **request: Any) -> Any:
    status, body, _ = cloud.request(function, subject=user, **request)
    assert status == 200, body
    return body


def check_receipt(cloud: Cloud, user: str, entry_id: str) -> Any:
    """Return the receipt's entry, once it was worked out again from what it says."""
    body = read(cloud, "get_receipt", user, path={"entry_id": entry_id})
    keys = tuple(read(cloud, "list_keys", user)["keys"])
    assert verify_receipt(json.loads(json.dumps(body)), keys, {}).findings == []
    return body["receipt"]["entry"]


def partners_list(cloud: Cloud, now: Any) -> Any:
    status, body, _ = cloud.request(
        "list_partner_disputes",
        path={"partner": "metro-demo"},
        headers=signed("GET /v1/partners/metro-demo/disputes", METRO_SECRET, now),
        subject=None,
    )
    assert status == 200, body
    return body["disputes"]


def test_a_ride_of_the_wrong_distance_is_corrected_by_its_partners_answer(cloud):
    opened = dispute(cloud, "disputer-1", "ride-d4", "dispute-4", FIVE_KM)
    before = read(cloud, "get_account", "disputer-1")
    assert before["reduction_mg"] == 4 * 204_608
    assert say(cloud, NOW, opened["dispute_id"], answer="accept")[0] == 200
    cloud.drain()
    account = read(cloud, "get_account", "disputer-1")
    # 5 km instead of 8 km, at 25.576 g each.
    assert account["reduction_mg"] == 3 * 204_608 + 127_880
    assert account["points"] == before["points"]
    disputes = read(cloud, "list_disputes", "disputer-1")["disputes"]
    [shown] = [each for each in disputes if each["dispute_id"] == opened["dispute_id"]]
    assert (shown["state"], shown["entries"]) == ("accepted", [entry_of("ride-d4", 1)])
    entry = check_receipt(cloud, "disputer-1", entry_of("ride-d4", 1))
    assert (entry["reduction_mg"], entry["inputs"]) == (-76_728, {"distance_km": "5"})
    # The same answer again is the same, another one is refused; nothing more is booked.
    assert say(cloud, NOW, opened["dispute_id"], answer="accept")[0] == 200
    status, problem = say(cloud, NOW, opened["dispute_id"], answer="decline", reason="no_record")
    assert (status, problem["code"]) == (409, "dispute_ended")
    assert read(cloud, "get_account", "disputer-1")["lines"] == account["lines"]


def test_a_ride_of_somebody_else_is_taken_back_with_its_points(cloud):
    assert say(cloud, NOW, OPEN, answer="accept")[0] == 200
    account = read(cloud, "get_account", "disputer-1")
    assert (account["reduction_mg"], account["points"]["available"]) == (3 * 204_608, 9)
    entry = check_receipt(cloud, "disputer-1", entry_of("ride-d1", 1))
    assert (entry["reason"], entry["points"]) == ("not_the_users", -3)


def test_silence_decides_for_the_user_and_says_that_it_did(town):
    cloud, time = town
    time.now = DEADLINE
    assert load("settle_disputes").handler({}, context())["decided_for_user"] == 2
    assert load("settle_disputes").handler({}, context())["decided_for_user"] == 0
    cloud.drain()
    account = read(cloud, "get_account", "disputer-2")
    # The missing ride of 5 km: one point, and one for its 127.88 g.
    assert (account["reduction_mg"], account["points"]["available"]) == (332_488, 5)
    assert account["total"]["evidence_mg"] == {"1": 204_608, "5": 127_880}
    [shown] = read(cloud, "list_disputes", "disputer-2")["disputes"]
    assert (shown["state"], len(shown["entries"])) == ("decided_for_user", 1)
    entry = check_receipt(cloud, "disputer-2", shown["entries"][0])
    assert (entry["reason"], entry["evidence_grade"]) == ("claimed", 5)
    status, body, _ = cloud.request(
        "get_outcome",
        path={"partner": "metro-demo", "event_id": f"dispute-{MISSED}"},
        headers=signed(
            f"GET /v1/partners/metro-demo/events/dispute-{MISSED}", METRO_SECRET, time.now
        ),
        subject=None,
    )
    assert status == 200, body
    assert (body["outcome"], body["reason"], body["reduction_mg"]) == (
        "credited", "claimed", 127_880,
    )  # fmt: skip
    # A dispute that silence has decided has no answer any more.
    assert say(cloud, time.now, MISSED, answer="accept")[0] == 409


def test_a_partner_sees_its_own_events_and_nothing_of_the_person(cloud):
    shown = partners_list(cloud, NOW)
    assert len(shown) == 4
    text = json.dumps(shown)
    assert not any(each in text for each in (*ACCOUNTS, *ACCOUNTS.values(), "card-of"))
    [missing] = [each for each in shown if each["kind"] == "missing"]
    assert sorted(missing) == [
        "deadline", "dispute_id", "inputs", "kind", "occurred_at", "opened_at", "scenario", "state",
    ]  # fmt: skip
    events = sorted(each["event_id"] for each in shown if each["kind"] != "missing")
    assert events == ["ride-d1", "ride-d2", "ride-d3"]


def test_pages_follow_one_another(cloud):
    first = read(cloud, "list_disputes", "disputer-1", query={"limit": "2"})
    rest = read(
        cloud, "list_disputes", "disputer-1", query={"limit": "2", "cursor": first["next_cursor"]}
    )
    ids = [each["dispute_id"] for page in (first, rest) for each in page["disputes"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 3
    assert "next_cursor" not in rest


def test_ten_times_the_same_report_is_one_with_ten_identical_answers(cloud):
    answers = [report(cloud, "disputer-1", "dispute-9", MISSING) for _ in range(10)]
    assert [dump(each) for each in answers] == [dump(answers[0])] * 10
    assert len(partners_list(cloud, NOW)) == 5
