"""How large items are, and how many units a credited event costs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.adapters.account_rows import AccountRow
from shared.adapters.entries import EntryRow, EntryTable, completion_row
from shared.adapters.partners import PartnerTable
from shared.domain.account import Account, grant, open_account
from shared.domain.caps import Cap, CapCounters, CapPeriod, CapWindow
from shared.domain.consent import ConsentKey
from shared.domain.crediting import Completion, decide_credits
from shared.domain.entry import AMENDMENTS_MAX, Cause, Entry
from shared.domain.measurement import Spread, Sum
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsBalance, PointsEarned, PointsTerms
from shared.domain.splitting import split_key
from tests.support.builders import BOOKED_AT, OPENED_AT, a_correction, a_notice, a_posting, at
from tests.support.capacity import Meter, item_bytes
from tests.support.cloud import Cloud
from tests.support.features.households import ask, consent_to_sharing, join
from tests.support.partners import GRID, GRID_SECRET, metro_event, saving_event
from tests.support.town import Time, open_and_grant, send

ACCOUNT_ID = "a" + "1" * 26
CONSENTS = [
    ConsentKey("bus", "metro-demo"),
    ConsentKey("digital-card", "bank-core"),
    ConsentKey("e-statement", "bank-core"),
    ConsentKey("metro", "metro-demo"),
    ConsentKey("online-bill-payment", "bank-core"),
    ConsentKey("shared-bike", "bike-demo"),
]
DAILY = (Cap(CapPeriod.DAY, 8),)
MONTHLY = (Cap(CapPeriod.MONTH, 10),)
# Ten tonnes in a hundred thousand entries, of every grade and far from certain.
LARGE = Sum(
    count=99_999,
    reduction_mg=9_999_999_999,
    spread=Spread(9_999_999_999, 9_999_999_999, 10**17),
    grades_mg=(1_999_999_999,) * 5,
    provisional_mg=9_999_999_999,
    weakness=2,
)


def busy_account(days: int) -> Account:
    """Return an account of an old hand: every scenario, credited on each of the last `days`."""
    account = open_account(ACCOUNT_ID, OPENED_AT)
    for key in CONSENTS:
        account, _ = grant(account, key, a_notice(key.scenario), OPENED_AT)
    caps = CapCounters()
    today = BOOKED_AT.date().toordinal()
    for day in range(today - days + 1, today + 1):
        for key in CONSENTS:
            per_day = key.scenario in {"bus", "metro", "shared-bike"}
            when = BOOKED_AT.date().fromordinal(day)
            caps = caps.counted(key.scenario, DAILY if per_day else MONTHLY, when)
    posting = a_posting()
    after = decide_credits(account, [posting], BOOKED_AT).account
    return Account(
        account_id=ACCOUNT_ID,
        opened_at=OPENED_AT,
        version=99_999,
        seq=99_999,
        total=LARGE,
        chain_head=after.chain_head,
        last_booked_at=BOOKED_AT,
        consents=account.consents,
        consent_history=account.consent_history,
        caps=caps,
        moved_mg=-9_999_999_999,
        held_mg=999_999_999,
        points=PointsBalance({date(2027, 12, 31): 12_345, date(2028, 12, 31): 12_345}, held=1_234),
        points_earned=PointsEarned(
            CapWindow(today - 39, (60,) * 40), CapWindow(24_320, (600,) * 3)
        ),
    )


def test_an_account_with_six_consents_and_full_windows_is_below_a_kilobyte():
    assert item_bytes(AccountRow.of(busy_account(120)).serialize()) < 1024


def test_an_account_reads_back_as_it_was_written_whatever_it_holds():
    account = busy_account(120)
    assert AccountRow.of(account).account() == account
    empty = open_account(ACCOUNT_ID, OPENED_AT)
    assert AccountRow.of(empty).account() == empty
    assert AccountRow.of(empty).holdings is None


def longest_entry() -> tuple[Account, Entry]:
    """Return an entry with the longest of everything, and its account."""
    key = ConsentKey("online-medical-registration", "p" * 40)
    account, _ = grant(open_account(ACCOUNT_ID, OPENED_AT), key, a_notice(), OPENED_AT)
    terms = PointsTerms("standard@2026.1", 1_000, 10, 1_000, 20_000, date(2028, 12, 31))
    posting = a_posting(
        "e" * 64,
        points=terms,
        partner="p" * 40,
        scenario=key.scenario,
        methodology="online-medical-registration@2026.12",
        reduction_mg=10**12,
        spread=Spread(10**12, 10**12, 10**24),
        missing=("distance_km", "duration_h"),
        inputs={"distance_km": Decimal("119.999"), "duration_h": Decimal("23.999")},
    )
    decision = decide_credits(account, [posting], BOOKED_AT)
    return decision.account, decision.entries[0]


def test_an_entry_with_the_longest_of_everything_is_below_a_kilobyte():
    _, entry = longest_entry()
    assert item_bytes(EntryRow.of(entry).serialize()) < 1024


def test_an_amendment_of_it_is_below_a_kilobyte():
    account, entry = longest_entry()
    before = replace(entry, cause=replace(entry.cause, amendment=AMENDMENTS_MAX - 1))
    posting = a_correction(
        before,
        10**11,
        "online-medical-registration@2027.12",
        spread=entry.spread,
        missing=entry.missing,
    )
    [amendment] = decide_credits(account, [posting], BOOKED_AT, {entry.cause: before}).entries
    assert amendment.cause.amendment == AMENDMENTS_MAX
    assert item_bytes(EntryRow.of(amendment).serialize()) < 1024


def test_the_outcome_of_a_completing_event_is_far_below_a_kilobyte():
    cause = Cause("p" * 40, "e" * 64)
    amendment = Cause("p" * 40, "f" * 64, AMENDMENTS_MAX)
    row = completion_row(Completion(cause, "d" * 64, amendment, BOOKED_AT))
    assert item_bytes(row.serialize()) < 512


def test_the_meter_sizes_items_as_the_service_documents():
    # Names and values in UTF-8; numbers two digits to a byte and one more; 3 for a list or map,
    # and one for each of their elements.
    assert item_bytes({"pk": {"S": "地铁"}}) == 2 + 6
    assert item_bytes({"n": {"N": "1200"}}) == 1 + 2
    assert item_bytes({"n": {"N": "-123"}}) == 1 + 2 + 1 + 1
    assert item_bytes({"s": {"SS": ["ab", "c"]}}) == 1 + 3
    assert item_bytes({"m": {"M": {"a": {"BOOL": True}}}}) == 1 + 3 + 1 + 1 + 1
    assert item_bytes({"l": {"L": [{"NULL": True}, {"B": b"abc"}]}}) == 1 + 3 + 2 + 1 + 3


@pytest.fixture
def ready(cloud: Cloud, time: Time) -> Cloud:
    """A consented rider, and functions that know the partner and the keys already."""
    noon, time.now = time.now, at("2026-11-08T12:00:00+08:00")
    open_and_grant(cloud, time.now, "user-1", "rider-1")
    time.now = noon
    assert send(cloud, time.now, metro_event("ride-0")) == 202
    cloud.drain()
    return cloud


def spent(cloud: Cloud, time: Time, *event_ids: str):
    with Meter().counting() as used:
        assert send(cloud, time.now, *(metro_event(each) for each in event_ids)) == 202
        cloud.deliver("EventsQueue", "calculate_reductions")
        cloud.deliver("PostingsQueue", "update_accounts")
    return used


def test_a_credited_event_costs_five_write_units_and_one_read_unit(ready, time):
    used = spent(ready, time, "ride-1")
    # The account and the entry, twice each in a transaction, and the entry once in its index;
    # half a unit for the link and half a one for the account.
    assert (used.write_units, used.read_units) == (5, 1)


def test_four_events_of_one_account_in_one_message_cost_less_each(ready, time):
    used = spent(ready, time, *(f"ride-{number}" for number in range(1, 5)))
    # The account once: 2 + 4 x 3 units, and the reads of a single event.
    assert (used.write_units, used.read_units) == (14, 1)
    assert used.write_units / 4 < 5


def test_a_completion_costs_two_write_units_and_two_reads_more(ready, time):
    open_ride = metro_event("ride-open", data={})
    assert send(ready, time.now, open_ride) == 202
    ready.drain()
    rest = metro_event("rest", data={"completes": "ride-open", "distance_km": 8})
    with Meter().counting() as used:
        assert send(ready, time.now, rest) == 202
        ready.deliver("EventsQueue", "calculate_reductions")
        ready.deliver("PostingsQueue", "update_accounts")
    # A credit's five units, and two for the outcome of the completing event; a credit's one read,
    # and one for each of the event's own entry and the amendment that it does not have yet.
    assert (used.write_units, used.read_units) == (7, 3)


def saving_spent(cloud: Cloud, time: Time, meter: str, day: str = "2026-11-09"):
    event = saving_event(f"{day}-of-{meter}", subject=meter, time=f"{day}T20:00:00+08:00")
    with Meter().counting() as used:
        assert send(cloud, time.now, event, partner=GRID.partner) == 202
        cloud.deliver("EventsQueue", "calculate_reductions")
        cloud.deliver("PostingsQueue", "update_accounts")
    return used


def test_a_household_pays_for_its_splits_and_an_account_without_one_does_not(cloud, time):
    cloud.register(GRID, GRID_SECRET)
    noon, time.now = time.now, at("2026-11-08T12:00:00+08:00")
    for subject in ("alone", "home-1"):
        scenario = "saved-electricity"
        open_and_grant(cloud, time.now, subject, f"meter-{subject}", scenario, GRID.partner)
    for subject in ("home-1", "home-2", "home-3"):
        ask(cloud, "open_account", subject)
        consent_to_sharing(cloud, subject)
    ask(cloud, "create_household", "home-1")
    join(cloud, "home-1", "home-2", 5_000)
    number = join(cloud, "home-1", "home-3", 2_000)["proposal"]["proposal"]
    ask(cloud, "answer_proposal", "home-2", {"proposal": number, "answer": "agree"})
    time.now = noon
    # The functions know the partner and the keys from here on.
    saving_spent(cloud, time, "meter-alone", "2026-11-08")
    alone = saving_spent(cloud, time, "meter-alone")
    assert (alone.write_units, alone.read_units) == (5, 1)
    # Two accounts and three lines more, at 2 and 3 units; the household and two accounts are read.
    shared = saving_spent(cloud, time, "meter-home-1")
    assert (shared.write_units, shared.read_units) == (18, 4)
    assert max(shared.item_sizes["EntriesTable"]) < 1024


def test_the_longest_line_of_a_split_is_below_a_kilobyte():
    account, entry = longest_entry()
    moving = Moving.begin(account, BOOKED_AT)
    longest = replace(entry.cause, amendment=AMENDMENTS_MAX)
    moving.move(
        MovementKind.SPLIT_SENT,
        key=split_key(longest, "7#received"),
        about=longest.key,
        payload_digest="d" * 64,
        reduction_mg=-(10**12) + 1,
        backing=entry.contribution.portion(10**12 - 1),
    )
    assert item_bytes(EntryRow.of_movement(moving.movements[0]).serialize()) < 1024


def test_what_cannot_be_a_key_is_unknown_without_asking_the_store(cloud):
    outcomes, partners = EntryTable("EntriesTable"), PartnerTable("PartnersTable")
    with Meter().counting() as used:
        assert outcomes.find(Cause("metro-demo", "e" * 2048)) is None
        for name in ("", "p" * 41, "Metro", "metro#demo", "métro"):
            assert partners.get(name) is None
    assert used.calls == []
    assert outcomes.find(Cause("metro-demo", "e" * 2000)) is None
