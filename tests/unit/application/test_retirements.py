"""Retiring once, whatever is lost on the way, and showing what was retired."""

from datetime import timedelta

import pytest

from shared.adapters.catalogue import catalogue
from shared.application.get_certificate import get_certificate, sign_certificate
from shared.application.list_retirements import list_retirements
from shared.application.ports import AccountChange, StoredFootprint
from shared.application.retire_reductions import retire_reductions
from shared.domain.canonical import canonical_json
from shared.domain.certificate import Certificate, certificate_facts
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    CertificateNotFoundError,
    IdempotencyConflictError,
    InsufficientReductionsError,
    InvalidCursorError,
    InvalidRequestError,
)
from shared.domain.lots import Fate, trace
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.retirement import Order, Retirement
from tests.support.builders import BOOKED_AT, a_posting, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeDocuments,
    FakeEntries,
    FakeFootprints,
    FakeSigner,
    Store,
    busy,
    no_pause,
)

NOW = BOOKED_AT + timedelta(hours=1)
RIDE_MG = 204_608
KEPT = StoredFootprint("a1", "personal-footprint@2025.1", {}, BOOKED_AT)


@pytest.fixture
def store():
    """a1 of `me` rode twice; a2 of `you` once."""
    store = Store()
    for account_id, subject, rides in (("a1", "me", 2), ("a2", "you", 1)):
        account = store.add(an_account(account_id), subject)
        postings = [a_posting(f"ride-{account_id}-{number}") for number in range(rides)]
        decision = decide_credits(account, postings, BOOKED_AT)
        FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
    store.calls.clear()
    return store


def retire(
    store, reduction_mg=300_000, key="key-1", subject="me", *, dry=False, digest="d", **order
):
    wanted = {"occasion": "A birthday", "language": "en", **order}
    return retire_reductions(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        FakeFootprints(store),
        catalogue(),
        subject_hash=subject,
        order=Order(reduction_mg, **wanted),
        request_secret=f"secret-{key}",
        request_digest=digest,
        issuer="Carbon Account",
        is_dry_run=dry,
        now=NOW,
        pause=no_pause,
    )


def certificates(store):
    return [each for each in store.documents.values() if isinstance(each, Certificate)]


def retired_mg(store, account_id="a1"):
    lots = trace(store.lines_of(account_id)).lots
    return sum(lot.fates().get(Fate.RETIRED, 0) for lot in lots)


def test_what_is_retired_is_taken_from_the_oldest_lots_and_certified(store):
    moved = retire(store)
    hashes = [line.hash for line in store.lines_of("a1")]
    assert not moved.is_repeat
    assert [(each.lot, each.reduction_mg) for each in moved.value.lots] == [
        (hashes[0], RIDE_MG),
        (hashes[1], 300_000 - RIDE_MG),
    ]
    assert moved.value.line == hashes[2]
    assert store.accounts["a1"].available_mg == 2 * RIDE_MG - 300_000
    assert retired_mg(store) == 300_000
    assert certificates(store) == [moved.value]


def test_ten_repeats_are_one_retirement_and_ten_equal_answers(store):
    answers = [retire(store).value for _ in range(10)]
    assert len({canonical_json(certificate_facts(each)) for each in answers}) == 1
    assert (len(certificates(store)), retired_mg(store)) == (1, 300_000)
    assert retire(store).is_repeat


def test_a_repeat_is_the_same_after_all_else_has_changed(store):
    first = retire(store).value
    retire(store, 50_000, key="key-2")
    assert retire(store).value == first


@pytest.mark.parametrize("lost", [1, 2, 7])
def test_a_lost_reply_is_found_again_and_nothing_is_taken_twice(store, lost):
    store.lost_replies = lost
    moved = retire(store)
    assert moved.is_repeat
    assert (len(certificates(store)), retired_mg(store)) == (1, 300_000)
    assert retire(store).value == moved.value


def test_a_client_that_was_told_to_come_again_gets_what_was_committed(store):
    store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        retire(store)
    assert (certificates(store), retired_mg(store)) == ([], 0)
    first = retire(store)
    assert not first.is_repeat
    assert retire(store).value == first.value


def credit_between(store):
    """Credit the account between a retirement's read and its commit."""

    def credit():
        before = store.accounts["a1"]
        decision = decide_credits(before, [a_posting("ride-between")], NOW)
        store.accounts["a1"] = decision.account
        store.entries |= {each.cause.key: each for each in decision.entries}

    store.trouble.append(credit)


def test_a_lost_race_decides_again_on_what_then_stands(store):
    credit_between(store)
    certificate = retire(store).value
    assert store.movements[f"retirement#{certificate.certificate_id}"].seq == 4
    assert store.accounts["a1"].available_mg == 3 * RIDE_MG - 300_000


def redeem_between(store, reduction_mg):
    """Set reductions aside for a redemption between a retirement's read and its commit."""

    def redeem():
        moving = Moving.begin(store.accounts["a1"], NOW)
        moving.move(
            MovementKind.HOLD,
            key="redemption#r1#hold",
            about="r1",
            payload_digest="d",
            reduction_mg=-reduction_mg,
            held_mg=reduction_mg,
        )
        store.accounts["a1"] = moving.after
        store.movements |= {each.key: each for each in moving.movements}

    store.trouble.append(redeem)


def test_what_was_redeemed_in_a_race_is_not_retired_too(store):
    redeem_between(store, RIDE_MG)
    certificate = retire(store, RIDE_MG).value
    second = store.lines_of("a1")[1].hash
    assert [each.lot for each in certificate.lots] == [second]


def test_a_race_that_leaves_too_little_is_a_refusal_that_changes_nothing(store):
    redeem_between(store, RIDE_MG + 1)
    with pytest.raises(InsufficientReductionsError):
        retire(store, RIDE_MG)
    assert (certificates(store), retired_mg(store)) == ([], 0)


def test_the_whole_balance_is_retired_by_one_of_ten_with_keys_of_their_own(store):
    outcomes = []
    for number in range(10):
        try:
            outcomes.append(retire(store, 2 * RIDE_MG, key=f"key-{number}").value.number)
        except InsufficientReductionsError:
            outcomes.append("refused")
    assert outcomes.count("refused") == 9
    assert (len(certificates(store)), retired_mg(store)) == (1, 2 * RIDE_MG)


def test_a_key_is_for_one_request_only(store):
    retire(store)
    with pytest.raises(IdempotencyConflictError):
        retire(store, 1, digest="another")
    assert retired_mg(store) == 300_000


def test_the_same_key_of_another_user_is_another_retirement(store):
    mine, yours = retire(store, 100).value, retire(store, 100, subject="you").value
    assert mine.certificate_id != yours.certificate_id
    assert retired_mg(store, "a2") == 100


def test_a_dry_run_says_which_lots_would_be_taken_and_takes_nothing(store):
    dry = retire(store, dry=True)
    assert (certificates(store), store.movements, "commit" in store.calls) == ([], {}, False)
    real = retire(store)
    assert not real.is_repeat
    assert (dry.value.lots, dry.value.backing) == (real.value.lots, real.value.backing)
    assert retire(store, dry=True).is_repeat


def test_lines_that_cannot_be_read_yet_are_waited_for(store):
    entries = dict(store.entries)
    newest = store.entries_of("a1")[-1]
    del store.entries[newest.cause.key]
    with pytest.raises(BusyError):
        retire(store)
    store.entries = entries
    assert len(retire(store).value.lots) == 2


def test_a_footprint_that_is_kept_gives_the_share(store):
    store.footprints["a1"] = KEPT
    footprint = retire(store, occasion=None, footprint_year=2026).value.footprint
    assert footprint is not None
    # By default 3 936.852892 kg: 300 g are 76.2 millionths.
    assert (footprint.year, footprint.footprint_mg) == (2026, 3_936_852_892)
    assert footprint.share_ppm(300_000) == 76


def test_without_a_footprint_the_year_stands_alone(store):
    footprint = retire(store, occasion=None, footprint_year=2026).value.footprint
    assert footprint is not None
    assert (footprint.footprint_mg, footprint.share_ppm(1)) == (None, None)


def test_a_text_that_may_not_stand_there_is_refused_before_anything_is_read(store):
    with pytest.raises(InvalidRequestError):
        retire(store, beneficiary="call 13812345678")
    assert store.calls == []


def test_without_an_account_nothing_is_retired_or_listed(store):
    for use in (
        lambda: retire(store, subject="nobody"),
        lambda: page(store, subject="nobody"),
    ):
        with pytest.raises(AccountNotFoundError):
            use()


# Showing


def page(store, limit=10, cursor=None, subject="me"):
    return list_retirements(
        FakeAccounts(store),
        FakeDocuments(store),
        subject_hash=subject,
        limit=limit,
        cursor=cursor,
    )


def test_retirements_are_listed_newest_first_a_page_at_a_time(store):
    numbers = [retire(store, mg, key=f"key-{mg}").value.number for mg in (1, 2, 3)]
    found, cursor = page(store, 2)
    assert [each.number for each in found] == numbers[:0:-1]
    rest, end = page(store, 2, cursor)
    assert ([each.reduction_mg for each in rest], end) == ([1], None)
    assert page(store, subject="you") == ([], None)
    with pytest.raises(InvalidCursorError):
        page(store, 2, cursor, subject="you")


def test_the_list_has_what_the_certificate_says(store):
    certificate = retire(store, beneficiary="Alice").value
    [[each], _] = page(store)
    assert isinstance(each, Retirement)
    assert (each.certificate_id, each.retired_at) == (
        certificate.certificate_id,
        certificate.issued_at,
    )
    assert (each.low_mg, each.high_mg) == (certificate.backing.low_mg, certificate.backing.high_mg)
    assert (each.beneficiary, each.occasion) == ("Alice", "A birthday")


def test_whoever_has_the_id_sees_the_certificate(store):
    certificate = retire(store).value
    documents = FakeDocuments(store)
    found = get_certificate(documents, certificate_id=certificate.certificate_id)
    signer = FakeSigner()
    signed = sign_certificate(found, signer)
    assert signed.certificate == canonical_json(certificate_facts(certificate))
    assert signer.signed == [(signed.certificate, "carbon-certificate+jws")]


@pytest.mark.parametrize("name", ["", "c", "c" + "a" * 26, "c" + "A" * 26, "a1", "c" + "a" * 27])
def test_an_id_that_is_none_and_one_that_nobody_has_are_answered_the_same(store, name):
    retire(store)
    with pytest.raises(CertificateNotFoundError):
        get_certificate(FakeDocuments(store), certificate_id=name)
