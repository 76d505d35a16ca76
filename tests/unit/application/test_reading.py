"""What a user may read of the ledger, and that it is only the user's own."""

import base64
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.application import cursors
from shared.application.get_entry import cause_of, entry_id, get_entry
from shared.application.get_outcome import get_outcome
from shared.application.get_totals import Granularity, get_totals
from shared.application.list_entries import list_entries
from shared.application.list_notices import list_notices
from shared.application.ports import AccountChange, StatementFilter
from shared.domain.crediting import decide_credits
from shared.domain.entry import Cause
from shared.domain.errors import (
    EntryNotFoundError,
    InvalidCursorError,
    InvalidRequestError,
    OutcomeNotFoundError,
)
from shared.domain.measurement import Spread, Sum
from shared.domain.partner import PartnerState
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OPENED_AT,
    a_correction,
    a_notice,
    a_partner,
    a_posting,
    a_provisional_posting,
    an_account,
    at,
)
from tests.support.fakes import FakeAccounts, FakeEntries, FakePartners, Store

ANY = StatementFilter()


@pytest.fixture
def store():
    """My three rides of two days and a bus ride; one ride of somebody else."""
    store = Store()
    for account_id, subject, postings in (
        (
            "a1",
            "me",
            [
                a_posting(
                    "ride-1", reduction_mg=1, occurred_at=at("2026-11-08T23:59:59.999+08:00")
                ),
                a_posting("ride-2", reduction_mg=10, occurred_at=at("2026-11-09T00:00:00+08:00")),
                a_posting("ride-3", reduction_mg=100, occurred_at=at("2026-11-09T20:00:00+08:00")),
                a_posting(
                    "trip-4",
                    reduction_mg=1000,
                    scenario="bus",
                    occurred_at=at("2026-12-01T08:00:00+08:00"),
                    inputs={"distance_km": Decimal(3)},
                ),
            ],
        ),
        ("a2", "you", [a_posting("ride-9", reduction_mg=7)]),
    ):
        account = an_account(account_id, consents=[METRO_KEY, BUS_KEY])
        decision = decide_credits(account, postings, BOOKED_AT)
        store.add(decision.account, subject)
        store.entries |= {entry.cause.key: entry for entry in decision.entries}
    return store


def page(store, wanted=ANY, limit=50, cursor=None, subject="me"):
    entries, next_cursor = list_entries(
        FakeAccounts(store),
        FakeEntries(store),
        subject_hash=subject,
        wanted=wanted,
        limit=limit,
        cursor=cursor,
    )
    return [entry.cause.event_id for entry in entries], next_cursor


def totals(store, first, last, granularity=Granularity.DAY):
    _, periods = get_totals(
        FakeAccounts(store),
        FakeEntries(store),
        subject_hash="me",
        granularity=granularity,
        first=first,
        last=last,
    )
    return {period.period: facts(period.total) for period in periods}


def facts(total):
    return total.count, total.reduction_mg


# The statement


def test_entries_come_with_the_newest_occurrence_first(store):
    assert page(store) == (["trip-4", "ride-3", "ride-2", "ride-1"], None)


def test_pages_follow_one_another_to_the_end(store):
    seen, cursor = page(store, limit=1)
    while cursor:
        more, cursor = page(store, limit=1, cursor=cursor)
        seen += more
    assert seen == ["trip-4", "ride-3", "ride-2", "ride-1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (StatementFilter(scenario="bus"), ["trip-4"]),
        (StatementFilter(partner="bank-core"), []),
        (StatementFilter(occurred_from=at("2026-11-09T20:00:00+08:00")), ["trip-4", "ride-3"]),
        (StatementFilter(occurred_until=at("2026-11-09T00:00:00+08:00")), ["ride-1"]),
    ],
    ids=["scenario", "partner", "from", "until"],
)
def test_a_filter_leaves_only_what_it_names(store, wanted, found):
    assert page(store, wanted)[0] == found


def test_a_reversed_range_is_refused(store):
    wanted = StatementFilter(BOOKED_AT, BOOKED_AT - timedelta(milliseconds=1))
    with pytest.raises(InvalidRequestError):
        page(store, wanted)
    assert page(store, StatementFilter(BOOKED_AT, BOOKED_AT)) == ([], None)


# Cursors


def test_a_cursor_names_a_place_only_to_whom_it_was_given():
    mine = cursors.binding("a1", ANY)
    cursor = cursors.encode("2026-11-09#1|event#m#r", mine)
    assert cursors.decode(cursor, mine) == "2026-11-09#1|event#m#r"
    for other in (
        cursors.binding("a2", ANY),
        cursors.binding("a1", StatementFilter(scenario="bus")),
        cursors.binding("a1", StatementFilter(partner="metro-demo")),
        cursors.binding("a1", StatementFilter(occurred_from=OPENED_AT)),
        cursors.binding("a1", StatementFilter(occurred_until=OPENED_AT)),
    ):
        with pytest.raises(InvalidCursorError):
            cursors.decode(cursor, other)


@pytest.mark.parametrize(
    "cursor",
    ["", "a", "é", "====", "a b", base64.urlsafe_b64encode(b"x" * 40).decode(), "A" * 401, "\x00"],
)
def test_what_is_not_a_cursor_is_refused(cursor):
    with pytest.raises(InvalidCursorError):
        cursors.decode(cursor, cursors.binding("a1", ANY))


# One entry


def read(store, public_id, subject="me"):
    return get_entry(
        FakeAccounts(store), FakeEntries(store), subject_hash=subject, public_id=public_id
    )


def test_an_entry_is_found_by_its_public_id(store):
    entry = read(store, entry_id(Cause("metro-demo", "ride-1")))
    assert (entry.cause.event_id, entry.reduction_mg) == ("ride-1", 1)


def test_anothers_entry_is_as_unknown_as_one_that_never_was(store):
    theirs, nobodys = (entry_id(Cause("metro-demo", each)) for each in ("ride-9", "ride-0"))
    details = set()
    for public_id in (theirs, nobodys):
        with pytest.raises(EntryNotFoundError) as refused:
            read(store, public_id)
        details.add(refused.value.detail)
    assert len(details) == 1


def test_an_amendment_is_found_by_an_id_of_its_own():
    amendment = Cause("metro-demo", "ride-1", 2)
    assert cause_of(entry_id(amendment)) == amendment
    assert entry_id(amendment) != entry_id(amendment.event)


def test_the_longest_cause_has_a_public_id_that_is_read_again():
    cause = Cause("p" * 40, "e" * 64, 9)
    assert cause_of(entry_id(cause)) == cause


@pytest.mark.parametrize(
    "public_id",
    [
        "", "e_", "e_!", "ride-1", "e_" + "A" * 241, "e_é",
        "e_" + base64.urlsafe_b64encode(b"event#a").decode(),
        "e_" + base64.urlsafe_b64encode(b"reversal#a#b").decode().rstrip("="),
        "e_" + base64.urlsafe_b64encode(b"event#\xff#b").decode().rstrip("="),
        "e_" + base64.urlsafe_b64encode(b"event#a#b~0").decode().rstrip("="),
        "e_" + base64.urlsafe_b64encode(b"event#a#b~-1").decode().rstrip("="),
        entry_id(Cause("metro-demo", "ride-1")) + "=",
        entry_id(Cause("metro-demo", "ride-1")) + "\n",
    ],
)  # fmt: skip
def test_what_is_not_an_entrys_id_is_not_found(public_id):
    with pytest.raises(EntryNotFoundError):
        cause_of(public_id)


# Totals


def test_totals_by_day_turn_at_midnight_in_utc_plus_8(store):
    assert totals(store, date(2026, 11, 8), date(2026, 11, 10)) == {
        "2026-11-08": (1, 1),
        "2026-11-09": (2, 110),
    }


def test_both_ends_of_a_range_are_inside(store):
    assert list(totals(store, date(2026, 11, 8), date(2026, 11, 8))) == ["2026-11-08"]


def test_totals_by_month(store):
    assert totals(store, date(2026, 11, 1), date(2026, 12, 31), Granularity.MONTH) == {
        "2026-11": (3, 111),
        "2026-12": (1, 1000),
    }


def test_totals_say_how_sure_they_are(store):
    _, [day] = get_totals(
        FakeAccounts(store),
        FakeEntries(store),
        subject_hash="me",
        granularity=Granularity.DAY,
        first=date(2026, 11, 9),
        last=date(2026, 11, 9),
    )
    # Two rides of 10 and 100 mg, each from 4 g less to 6 g more, and 3 g for each distance.
    assert day.total == Sum(2, 110, Spread(8_000, 12_000, 18_000_000), (110, 0, 0, 0, 0), 0, 1)
    assert (day.total.low_mg, day.total.high_mg) == (0, 16_353)


def test_an_amendment_counts_for_the_day_of_its_behaviour(store):
    ride = store.entries[Cause("metro-demo", "ride-1").key]
    correction = a_correction(ride, 51)
    later = BOOKED_AT + timedelta(days=20)
    decision = decide_credits(store.accounts["a1"], [correction], later, {ride.cause: ride})
    store.entries |= {entry.cause.key: entry for entry in decision.entries}
    assert totals(store, date(2026, 11, 8), date(2026, 11, 8)) == {"2026-11-08": (2, 51)}


def test_totals_are_broken_down_by_scenario(store):
    _, periods = get_totals(
        FakeAccounts(store),
        FakeEntries(store),
        subject_hash="me",
        granularity=Granularity.MONTH,
        first=date(2026, 11, 15),
        last=date(2026, 12, 1),
    )
    [december] = periods
    assert {name: facts(each) for name, each in december.by_scenario.items()} == {"bus": (1, 1000)}
    assert december.by_scenario["bus"] == december.total


@pytest.mark.parametrize(("granularity", "days"), [(Granularity.DAY, 92), (Granularity.MONTH, 366)])
def test_a_range_has_a_longest_length(store, granularity, days):
    first = date(2026, 1, 1)
    totals(store, first, first + timedelta(days=days - 1), granularity)
    with pytest.raises(InvalidRequestError):
        totals(store, first, first + timedelta(days=days), granularity)


def test_a_range_that_ends_before_it_begins_is_refused(store):
    with pytest.raises(InvalidRequestError):
        totals(store, date(2026, 11, 9), date(2026, 11, 8))


# Outcomes and notices


def test_an_event_without_outcome_is_not_found(store):
    outcome, reversal = get_outcome(FakeEntries(store), cause=Cause("metro-demo", "ride-1"))
    assert (outcome.entry is not None, reversal) == (True, None)
    with pytest.raises(OutcomeNotFoundError):
        get_outcome(FakeEntries(store), cause=Cause("metro-demo", "ride-0"))


def test_the_outcome_of_a_completing_event_is_what_it_added(store):
    account = store.accounts["a1"]
    postings = [a_provisional_posting("ride-5"), a_posting("rest-5", completes="ride-5")]
    decision = decide_credits(account, postings, BOOKED_AT)
    FakeAccounts(store).commit(
        AccountChange(
            account, decision.account, entries=decision.entries, completions=decision.completions
        )
    )
    outcome, _ = get_outcome(FakeEntries(store), cause=Cause("metro-demo", "rest-5"))
    assert outcome.entry == decision.entries[1]
    assert outcome.entry.reduction_mg == 179_032
    provisional = get_outcome(FakeEntries(store), cause=Cause("metro-demo", "ride-5"))[0].entry
    assert provisional is not None
    assert provisional.missing == ("distance_km",)


def test_a_notice_names_the_active_partners_that_would_report():
    partners = FakePartners(
        a_partner("zeta"),
        a_partner("alpha", scenarios=("metro",)),
        a_partner("old", state=PartnerState.SUSPENDED),
    )
    listed = list_notices(partners, [a_notice("metro"), a_notice("bus"), a_notice("e-statement")])
    assert [
        (notice.scenario, [partner.partner for partner in reporting])
        for notice, reporting in listed
    ] == [("bus", ["zeta"]), ("e-statement", []), ("metro", ["alpha", "zeta"])]


def test_what_the_platform_itself_asks_for_is_listed_with_the_platform():
    [(notice, asking)] = list_notices(FakePartners(), [a_notice("carbon-pool")])
    assert (notice.scenario, [each.partner for each in asking]) == ("carbon-pool", ["platform"])
