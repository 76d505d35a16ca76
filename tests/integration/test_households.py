"""A household through the functions themselves: one event, three balances, and back again."""

import json
from typing import Any

import pytest

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.lots import Fate, trace
from shared.domain.movement import Line, are_complete
from tests.integration.conftest import Time
from tests.support.builders import at
from tests.support.cloud import Cloud, context, load
from tests.support.features.households import ask, consent_to_sharing, join
from tests.support.partners import GRID, GRID_SECRET, dump, saving_event, signed
from tests.support.template import functions
from tests.support.town import forget, open_and_grant, send

OPENED_AT = at("2026-11-08T12:00:00+08:00")
# 4 kWh x 530.6 g.
SAVING_MG = 2_122_400
PEOPLE = ("home-1", "home-2", "home-3")


@pytest.fixture
def home(cloud: Cloud, time: Time) -> Cloud:
    """home-1 has the meter; the three share 4800, 3200 and 2000."""
    cloud.register(GRID, GRID_SECRET)
    for function in functions():
        forget(load(function))
    noon, time.now = time.now, OPENED_AT
    open_and_grant(cloud, time.now, "home-1", "meter-home", "saved-electricity", GRID.partner)
    for person in PEOPLE:
        ask(cloud, "open_account", person)
        consent_to_sharing(cloud, person)
    ask(cloud, "create_household", "home-1")
    join(cloud, "home-1", "home-2", 4_000)
    waiting = join(cloud, "home-1", "home-3", 2_000)
    assert waiting["membership"] == "waiting"
    answer = {"proposal": waiting["proposal"]["proposal"], "answer": "agree"}
    ask(cloud, "answer_proposal", "home-2", answer)
    time.now = noon
    return cloud


def save(cloud: Cloud, time: Time, event_id: str = "saving-home", day: str = "2026-11-09") -> None:
    event = saving_event(event_id, subject="meter-home", time=f"{day}T08:12:33+08:00")
    assert send(cloud, time.now, event, partner=GRID.partner) == 202
    cloud.drain()


def reverse(cloud: Cloud, time: Time, event_id: str = "saving-home") -> tuple[int, Any]:
    body = dump({"event_id": event_id, "reason": "wrong_data"})
    status, answer, _ = cloud.request(
        "reverse_event",
        path={"partner": GRID.partner, "event_id": event_id},
        headers=signed(body, GRID_SECRET, time.now),
        body=body,
        subject=None,
    )
    return status, answer


def balances(cloud: Cloud) -> list[int]:
    answers = [ask(cloud, "get_account", person) for person in PEOPLE]
    return [each["reductions"]["available_mg"] - each["reductions"]["debt_mg"] for each in answers]


def account_of(cloud: Cloud, person: str) -> str:
    account_id: str = ask(cloud, "get_account", person)["account_id"]
    return account_id


def check_books(cloud: Cloud) -> None:
    """Every account is the sum of its lines, and nothing is between accounts."""
    accounts, entries = AccountTables("AccountsTable"), EntryTable("EntriesTable")
    lines: list[Line] = []
    for person in PEOPLE:
        account = accounts.load(account_of(cloud, person), consistent=True)
        assert account is not None
        own = entries.lines(account.account_id, limit=100)
        assert are_complete(own, account.seq)
        assert trace(own).available_mg == account.available_mg
        lines += own
    flows = add_flows(flows_of(line) for line in lines)
    assert is_balanced(flows)
    assert "given_mg" not in flows


def test_one_saving_becomes_three_balances_that_add_up_to_it(home, time):
    save(home, time)
    # 20 % is 424,480; 32 % is 679,168; 48 % is 1,018,752.
    assert balances(home) == [1_018_752, 679_168, 424_480]
    assert sum(balances(home)) == SAVING_MG
    assert ask(home, "get_account", "home-1")["reduction_mg"] == SAVING_MG
    check_books(home)


def test_a_member_sees_its_share_and_what_it_is_made_of_but_not_the_event(home, time):
    save(home, time)
    [line] = ask(home, "list_movements", "home-3")["movements"]
    assert (line["kind"], line["available_mg"]) == ("split_received", 424_480)
    assert line["backing"]["reduction_mg"] == 424_480
    assert ask(home, "list_entries", "home-3")["entries"] == []
    assert "saving-home" not in json.dumps(line)
    found = ask(home, "get_household", "home-3")
    assert [each["is_you"] for each in found["members"]] == [False, False, True]
    assert account_of(home, "home-1") not in json.dumps(found)


def test_the_same_event_again_is_split_once(home, time):
    save(home, time)
    before = home.store()
    save(home, time)
    assert home.store() == before


def test_a_reversal_takes_all_three_back_and_the_second_time_nothing(home, time):
    save(home, time)
    assert reverse(home, time)[0] == 200
    assert balances(home) == [0, 0, 0]
    check_books(home)
    before = home.store()
    assert reverse(home, time)[0] == 200
    assert home.store() == before


def test_of_a_lot_one_can_say_how_much_each_member_got(home, time):
    save(home, time)
    lines = EntryTable("EntriesTable").lines(account_of(home, "home-1"), limit=10)
    [lot] = trace(lines).lots
    assert lot.fates() == {Fate.AVAILABLE: 1_018_752, Fate.GIVEN: 1_103_648}
    answer = ask(home, "trace_lot", "home-1", path={"lot": lot.lot})
    assert answer["fates"] == {"available": 1_018_752, "given": 1_103_648}


def test_who_leaves_keeps_what_it_got_and_gets_nothing_more(home, time):
    save(home, time)
    ask(home, "leave_household", "home-3")
    save(home, time, "saving-next", "2026-11-10")
    # 4800 and 3200 are 6000 and 4000 without the third.
    assert balances(home) == [1_018_752 + 1_273_440, 679_168 + 848_960, 424_480]
    check_books(home)


def test_a_consent_withdrawn_ends_the_sharing_at_once(home, time):
    path = {"scenario": "household", "partner": "platform"}
    ask(home, "withdraw_consent", "home-2", path=path)
    save(home, time)
    assert balances(home) == [SAVING_MG - 424_480, 0, 424_480]


def test_a_closed_account_keeps_its_share_and_the_owner_bears_it(home, time):
    save(home, time)
    ask(home, "close_account", "home-2")
    assert ask(home, "get_household", "home-1")["members"] == [
        {"member": 1, "share_bp": 7_059, "is_you": True},
        {"member": 3, "share_bp": 2_941, "is_you": False},
    ]
    assert reverse(home, time)[0] == 200
    answers = [ask(home, "get_account", each)["reductions"] for each in ("home-1", "home-3")]
    assert [(each["available_mg"], each["debt_mg"]) for each in answers] == [(0, 679_168), (0, 0)]


def test_the_days_totals_take_the_splits_without_counting_anything_twice(home, time):
    save(home, time)
    time.now = at("2026-11-11T00:15:00+08:00")
    load("close_day").handler({}, context())
    status, sealed, _ = home.request("get_sealed_day", path={"day": "2026-11-10"}, subject=None)
    assert (status, sealed["total"]["reduction_mg"]) == (200, SAVING_MG)
