"""Domain rules for all inputs, against models that are as plain as can be."""

import base64
import hashlib
import hmac
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.account_rows import AccountRow
from shared.adapters.catalogue import catalogue
from shared.adapters.entries import EntryRow
from shared.adapters.messages import (
    read_event,
    read_postings,
    read_stream_record,
    write_event,
    write_postings,
)
from shared.application import cursors
from shared.application.get_entry import cause_of, entry_id
from shared.application.ports import AccountPostings, ReportedEvent
from shared.domain.account import Account, AccountState, close, grant, open_account, withdraw
from shared.domain.caps import Cap, CapCounters, CapPeriod, CapWindow
from shared.domain.consent import ActiveConsent, ConsentHistory, ConsentKey
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import AmendmentKind, Behaviour, Cause, Entry, Original
from shared.domain.errors import (
    BodyTooLargeError,
    CatalogueError,
    EntryNotFoundError,
    InvalidCursorError,
    InvalidRequestError,
    MalformedBodyError,
    SignatureRefusedError,
)
from shared.domain.expression import Expression
from shared.domain.instants import (
    day_start,
    format_instant,
    ledger_day,
    parse_day,
    parse_instant,
    truncate_to_millisecond,
)
from shared.domain.measurement import GRADES, EvidenceGrade, Label, Measurement, Spread, Sum
from shared.domain.merkle import merkle_root
from shared.domain.webhook import decode_secret, verify_signature
from shared.runtime.strict_json import read_json
from tests.support.builders import BOOKED_AT, OCCURRED_AT, a_notice, a_posting, an_account
from tests.support.partners import METRO_SECRET

BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=76_000)).map(BEGINNING.__add__)
KEY = decode_secret(METRO_SECRET)
NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


# Things to write and read again

digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
names = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
partners = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
events = st.builds(
    Cause, partners, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
)
causes = st.builds(
    lambda event, amendment: Cause(event.partner, event.event_id, amendment),
    events,
    st.integers(0, 12),
)
methodologies = st.from_regex(r"[a-z0-9-]{1,40}@[0-9]{4}\.[0-9]{1,2}", fullmatch=True)
behaviours = st.builds(
    Behaviour,
    names,
    instants.map(truncate_to_millisecond),
    st.dictionaries(names, st.decimals(0, 10**6, places=6), max_size=3),
)
amounts = st.integers(0, 10**15)
spreads = st.builds(Spread, amounts, amounts, amounts)
grades = st.sampled_from(EvidenceGrade)
missing = st.lists(names, max_size=3, unique=True).map(tuple)
postings = st.builds(
    Posting,
    cause=causes,
    behaviour=behaviours,
    payload_digest=digests,
    measurement=st.builds(Measurement, amounts, spreads, grades, missing),
    methodology=methodologies,
    label=st.sampled_from(Label),
    caps=st.lists(st.builds(Cap, st.sampled_from(CapPeriod), st.integers(1, 35)), max_size=2).map(
        tuple
    ),
    salt=st.binary(min_size=16, max_size=16).map(bytes.hex),
    exclusive_with=missing,
    completes=st.none() | events,
    corrects=st.just("") | methodologies,
)
entries = st.builds(
    Entry,
    cause=causes,
    account_id=names,
    seq=st.integers(1, 10**9),
    behaviour=behaviours,
    booked_at=instants.map(truncate_to_millisecond),
    reduction_mg=st.integers(-(10**15), 10**15),
    spread=spreads,
    grade=grades,
    methodology=methodologies,
    label=st.sampled_from(Label),
    consent_number=st.integers(1, 10**6),
    payload_digest=digests,
    salt=st.binary(min_size=16, max_size=16).map(bytes.hex),
    previous_hash=digests,
    missing=missing,
    original=st.none()
    | st.builds(
        Original,
        st.sampled_from(AmendmentKind),
        methodologies,
        amounts,
        spreads,
        grades,
        st.booleans(),
    ),
)
signed = st.integers(-(10**15), 10**15)
totals = st.builds(
    Sum,
    st.integers(0, 10**9),
    signed,
    st.builds(Spread, signed, signed, signed),
    st.tuples(*[signed] * GRADES),
    signed,
    st.integers(0, 2),
)
accounts = st.builds(
    Account,
    account_id=names,
    opened_at=instants.map(truncate_to_millisecond),
    state=st.sampled_from(AccountState),
    version=st.integers(1, 10**9),
    seq=st.integers(0, 10**9),
    total=totals,
    chain_head=digests,
    last_booked_at=st.none() | instants.map(truncate_to_millisecond),
    consents=st.dictionaries(
        st.builds(ConsentKey, names, partners),
        st.builds(
            ActiveConsent,
            instants.map(truncate_to_millisecond),
            st.integers(1, 10**6),
            st.from_regex(r"[0-9]{4}-[0-9]{2}", fullmatch=True),
        ),
        max_size=4,
    ),
    consent_history=st.builds(ConsentHistory, st.integers(0, 10**6), digests),
    caps=st.builds(
        CapCounters,
        st.dictionaries(
            st.tuples(names, st.sampled_from(CapPeriod)),
            st.builds(
                CapWindow,
                st.integers(0, 10**6),
                st.lists(st.integers(0, 35), min_size=1, max_size=50).map(tuple),
            ),
            max_size=3,
        ),
    ),
)


@given(
    st.builds(
        ReportedEvent,
        cause=events,
        reference_hash=digests,
        behaviour=behaviours,
        payload_digest=digests,
        received_at=instants.map(truncate_to_millisecond),
        completes=st.none() | events,
    )
)
def test_an_event_is_read_from_its_message_as_it_was_written(event):
    assert read_event(write_event(event)) == event


@given(st.none() | names, st.lists(postings, max_size=3))
def test_postings_are_read_from_their_message_as_they_were_written(account_id, each):
    batch = AccountPostings(account_id, tuple(each))
    assert read_postings(write_postings(batch)) == batch


@given(entries)
def test_an_entry_is_read_from_its_row_as_it_was_written(entry):
    row = EntryRow.of(entry).serialize()
    assert EntryRow.from_raw_data(row).entry() == entry


@given(entries, st.integers(0, 10**40 - 1))
def test_a_stream_record_is_counted_as_the_entry_that_it_is(entry, sequence):
    image = EntryRow.of(entry).serialize()
    counted = read_stream_record({"dynamodb": {"NewImage": image, "SequenceNumber": str(sequence)}})
    assert counted.contribution == entry.contribution
    assert counted.leaf.reduction_mg == entry.reduction_mg == counted.contribution.reduction_mg
    assert (int(counted.sequence), counted.leaf.entry_hash) == (sequence, entry.hash)


@given(accounts)
def test_an_account_is_read_from_its_row_as_it_was_written(account):
    row = AccountRow.of(account).serialize()
    assert AccountRow.from_raw_data(row).account() == account


# Instants


@given(instants)
def test_an_instant_is_read_as_it_was_written(instant):
    assert parse_instant(format_instant(instant)) == truncate_to_millisecond(instant)


@given(instants, instants)
def test_written_instants_sort_as_the_instants_do(one, other):
    one, other = truncate_to_millisecond(one), truncate_to_millisecond(other)
    assert (format_instant(one) < format_instant(other)) == (one < other)


@given(instants)
def test_an_instant_lies_within_its_ledger_day(instant):
    day = ledger_day(instant)
    assert day_start(day) <= instant < day_start(day + timedelta(days=1))


@given(st.text() | st.from_regex(r"[0-9TZ:.+-]{1,30}"))
def test_any_text_is_an_instant_or_refused_by_name(text):
    for read in (parse_instant, parse_day):
        try:
            read(text)
        except InvalidRequestError:
            continue


# Caps


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.integers(2, 102))
def test_a_window_counts_like_a_dictionary_over_what_can_still_arrive(indexes, span):
    window, counts = CapWindow(), Counter[int]()
    for index in indexes:
        window = window.with_more(index, span)
        counts[index] += 1
    last = max(indexes)
    reachable = range(last - span + 1, last + 1)
    assert {i: window.count(i) for i in reachable} == {i: min(counts[i], 35) for i in reachable}
    assert len(window.counts) <= span
    assert CapWindow.decode(window.encode()) == window


# Formulas and methodologies


@given(st.text(max_size=250))
def test_any_text_is_a_formula_or_refused_by_name(text):
    try:
        Expression.parse(text)
    except CatalogueError:
        return


@given(
    st.sampled_from([("metro", "0.084"), ("bus", "0.0562")]),
    st.decimals(Decimal("0.1"), 80, places=3),
)
def test_a_ride_saves_what_fractions_say_rounded_down(mode, distance_km):
    scenario, own_factor = mode
    methodology = catalogue().in_force(scenario, OCCURRED_AT)
    per_km = Fraction("0.23") * (Fraction("0.1952") - Fraction(own_factor))
    exact = Fraction(distance_km) * per_km * 1_000_000
    inputs = methodology.read_inputs({"distance_km": distance_km})
    assert methodology.measure(inputs).reduction_mg == exact.numerator // exact.denominator


# Merkle


def by_definition(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962, section 2.1, defines it: by halves of a power of two."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = by_definition(leaves[:half]), by_definition(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_the_merkle_root_is_that_of_the_definition(leaves):
    assert merkle_root([leaf.hex() for leaf in leaves]) == by_definition(leaves).hex()


# Consents

actions = st.lists(
    st.tuples(
        st.sampled_from(["grant", "grant anew", "withdraw"]),
        st.sampled_from([ConsentKey(s, p) for s in ("metro", "bus") for p in ("one", "two")]),
    ),
    max_size=30,
)


@given(actions)
def test_a_consent_is_in_force_exactly_since_its_last_grant_that_changed_something(steps):
    account, records = open_account("a1", NOW), []
    model: dict[ConsentKey, tuple[datetime, str]] = {}
    for number, (action, key) in enumerate(steps):
        now = NOW + timedelta(minutes=number)
        version = "2026-01" if action == "grant anew" else "2025-01"
        if action == "withdraw":
            account, record = withdraw(account, key, now)
            model.pop(key, None)
        else:
            account, record = grant(account, key, a_notice(key.scenario, version), now)
            if key not in model or model[key][1] != version:
                model[key] = (now, version)
        records += [record] if record else []
    assert {key: (c.since, c.notice_version) for key, c in account.consents.items()} == model
    closed, last = close(account, NOW + timedelta(days=1))
    history = [*records, *last]
    assert [record.number for record in history] == list(range(1, len(history) + 1))
    for earlier, later in pairwise(history):
        assert later.previous_digest == earlier.digest
    assert closed.consents == {}
    assert len(last) == len(model)


# Crediting


@given(st.lists(st.integers(0, 10**9), max_size=20), st.randoms(use_true_random=False))
def test_however_events_are_cut_into_batches_the_ledger_adds_up(amounts, random):
    account = an_account()
    entries: list[Entry] = []
    left = [a_posting(f"ride-{n}", reduction_mg=mg) for n, mg in enumerate(amounts)]
    random.shuffle(left)
    while left:
        size = random.randint(1, 5)
        decision = decide_credits(account, left[:size], BOOKED_AT)
        account, left = decision.account, left[size:]
        entries += decision.entries
    assert account.reduction_mg == sum(amounts) == sum(entry.reduction_mg for entry in entries)
    assert [entry.seq for entry in entries] == list(range(1, len(amounts) + 1))
    head = "0" * 64
    for entry in entries:
        assert entry.previous_hash == head
        head = entry.hash
    assert account.chain_head == head


# What comes from outside

header_text = st.text(max_size=60) | st.from_regex(r"v1,[A-Za-z0-9+/]{43}=( v1a?,\S*)*")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "webhook-id": header_text,
            "webhook-timestamp": header_text | st.just(str(int(NOW.timestamp()))),
            "webhook-signature": header_text,
        },
    ),
    st.binary(max_size=200),
    st.lists(st.just(KEY), max_size=2),
)
def test_whatever_a_stranger_sends_nothing_but_a_refusal_comes_back(headers, body, keys):
    try:
        verify_signature(headers, body, keys, NOW)
    except SignatureRefusedError:
        return
    raise AssertionError("Nobody can sign by chance.")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True), st.binary(max_size=200))
def test_whatever_a_partner_signs_is_accepted(webhook_id, body):
    timestamp = str(int(NOW.timestamp()))
    content = b".".join([webhook_id.encode(), timestamp.encode(), body])
    mac = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{mac}",
    }
    verify_signature(headers, body, [KEY], NOW)


json_like: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_json_or_refused_by_name(body):
    try:
        read_json(body, size_max=200)
    except (MalformedBodyError, BodyTooLargeError):
        return


@given(st.text(max_size=200))
def test_any_message_is_read_or_poison(text):
    for read in (read_event, read_postings):
        try:
            read(text)
        except ValueError:
            continue


@given(st.dictionaries(st.sampled_from(["dynamodb", "eventName"]), json_like))
def test_any_stream_record_is_an_entry_or_named_unreadable(record):
    try:
        read_stream_record(record)
    except ValueError:
        return


@given(st.text(max_size=300))
def test_any_text_is_an_entrys_id_or_not_found(text):
    try:
        assert entry_id(cause_of(text)) == text
    except EntryNotFoundError:
        return


@given(causes)
def test_every_cause_is_found_in_its_key_and_behind_its_public_id(cause):
    assert Cause.parse(cause.key) == cause
    assert cause_of(entry_id(cause)) == cause


@given(st.text(max_size=60) | st.from_regex(r"event#[a-z]{1,3}#[a-z]{1,3}(~[0-9+-]{1,3})?"))
def test_any_text_is_the_key_of_one_cause_or_refused(text):
    try:
        cause = Cause.parse(text)
    except ValueError:
        return
    assert cause.key == text
    assert cause.amendment >= 0


@given(st.text(max_size=500))
def test_any_text_is_a_cursor_or_refused_by_name(text):
    try:
        cursors.decode(text, "bound")
    except InvalidCursorError:
        return


@given(st.text(min_size=1, max_size=200), st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_a_cursor_names_its_place_and_a_day_its_date(place, day):
    bound = "a" * 64
    cursor = cursors.encode(place, bound)
    if len(cursor) <= cursors.CURSOR_LENGTH_MAX:
        assert cursors.decode(cursor, bound) == place
    assert parse_day(day.isoformat()) == day
