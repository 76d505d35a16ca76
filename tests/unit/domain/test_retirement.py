"""What can be retired, for what, and what the decision comes to."""

from dataclasses import replace
from datetime import date

import pytest

from shared.adapters.catalogue import catalogue
from shared.domain.certificate import RECEIVED, OwnFootprint
from shared.domain.errors import (
    AccountInDebtError,
    InsufficientReductionsError,
    InvalidRequestError,
    TooManyLotsError,
)
from shared.domain.measurement import Spread, Sum
from shared.domain.movement import MovementKind
from shared.domain.retirement import LOTS_MAX, Order, checked_order, decide_retirement
from tests.support.ledger_of_one import LedgerOfOne

TODAY = date(2026, 11, 10)
ID = "c" + "a" * 26


def an_order(reduction_mg=250_000, **changes):
    return replace(Order(reduction_mg, "en", occasion="A birthday"), **changes)


def decide(ledger, order=None, footprint=None):
    return decide_retirement(
        ledger.account,
        ledger.lots,
        catalogue(),
        order or an_order(),
        certificate_id=ID,
        request_digest="d",
        issuer="Carbon Account",
        footprint=footprint,
        now=ledger.now,
    )


@pytest.fixture
def ledger():
    """A metro ride, a bus ride and a gift, of 100, 200 and 300 g."""
    ledger = LedgerOfOne()
    ledger.credit("ride-1", 100_000)
    ledger.credit("ride-2", 200_000, methodology="bus-distance@2025.1")
    ledger.receive("g1", Sum(1, 300_000, Spread(), (0, 0, 300_000, 0, 0), 0, 2))
    return ledger


def test_the_oldest_lots_are_taken_and_named_by_their_lines(ledger):
    decision = decide(ledger)
    certificate = decision.certificate
    assert [(each.lot, each.reduction_mg) for each in certificate.lots] == [
        (ledger.lines[0].hash, 100_000),
        (ledger.lines[1].hash, 150_000),
    ]
    assert [(each.methodology, each.lots) for each in certificate.shares] == [
        ("bus-distance@2025.1", 1),
        ("metro-distance@2025.1", 1),
    ]
    assert certificate.shares[0].digest == catalogue().versions["bus-distance@2025.1"].digest
    # Of the metro's 4 g down, 6 g up, 3 g; three quarters of the same of the bus.
    assert certificate.backing.spread == Spread(7_000, 10_500, 14_062_500)


def test_the_line_the_account_and_the_list_agree_with_the_certificate(ledger):
    decision = decide(ledger)
    [line] = decision.movements
    assert (line.kind, line.reduction_mg, line.about) == (MovementKind.RETIREMENT, -250_000, ID)
    assert (line.key, line.seq) == (f"retirement#{ID}", 4)
    assert line.backing.reduction_mg == 250_000
    assert decision.certificate.line == line.hash == decision.account.chain_head
    assert decision.account.available_mg == 350_000
    assert decision.account.version == ledger.account.version + 1
    retirement = decision.retirement
    assert (retirement.owner, retirement.name) == ("a1", "0000000004")
    assert (retirement.number, retirement.reduction_mg) == (decision.certificate.number, 250_000)


def test_what_was_received_is_named_so_and_by_no_methodology(ledger):
    shares = decide(ledger, an_order(600_000)).certificate.shares
    received = next(each for each in shares if each.methodology == RECEIVED)
    assert (received.digest, received.backing.reduction_mg) == ("", 300_000)
    assert shares[0] == received


def test_all_can_be_retired_and_not_a_milligram_more(ledger):
    assert decide(ledger, an_order(600_000)).account.available_mg == 0
    with pytest.raises(InsufficientReductionsError):
        decide(ledger, an_order(600_001))


def test_a_debt_lets_nothing_be_retired(ledger):
    ledger.retire("r1", 600_000)
    ledger.reverse("ride-1")
    with pytest.raises(AccountInDebtError):
        decide(ledger, an_order(1))


def test_a_certificate_names_at_most_a_thousand_lots():
    ledger = LedgerOfOne()
    gram = Sum(1, 1_000, Spread(), (1_000, 0, 0, 0, 0))
    for number in range(LOTS_MAX + 1):
        ledger.receive(f"g{number}", gram)
    assert LOTS_MAX == 1000
    assert len(decide(ledger, an_order(LOTS_MAX * 1_000)).certificate.lots) == LOTS_MAX
    with pytest.raises(TooManyLotsError):
        decide(ledger, an_order(LOTS_MAX * 1_000 + 1))


def test_ones_own_footprint_stands_on_the_certificate(ledger):
    order = an_order(occasion=None, footprint_year=2026)
    decision = decide(ledger, order, OwnFootprint(2026, 4_000_000_000, "p@1"))
    assert decision.certificate.footprint == OwnFootprint(2026, 4_000_000_000, "p@1")
    assert decision.certificate.footprint.share_ppm(250_000) == 62
    assert (decision.retirement.footprint_year, decision.retirement.occasion) == (2026, None)


def test_an_order_is_for_an_occasion_or_a_year_and_its_texts_are_normal():
    order = checked_order(an_order(occasion=" A  birthday ", beneficiary="Zoe\u0308"), TODAY)
    assert (order.occasion, order.beneficiary) == ("A birthday", "Zoë")
    assert checked_order(an_order(occasion=None, footprint_year=2026), TODAY).footprint_year == 2026


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"occasion": None}, "/occasion"),
        ({"footprint_year": 2026}, "/occasion"),
        ({"occasion": None, "footprint_year": 2027}, "/footprint_year"),
        ({"occasion": None, "footprint_year": 1999}, "/footprint_year"),
        ({"occasion": "x" * 61}, "/occasion"),
        ({"beneficiary": "x" * 41}, "/beneficiary"),
        ({"beneficiary": "www.evil"}, "/beneficiary"),
    ],
)
def test_an_order_that_cannot_be_is_refused_by_name(changes, pointer):
    with pytest.raises(InvalidRequestError) as refusal:
        checked_order(an_order(**changes), TODAY)
    assert [place for place, _ in refusal.value.pointers] == [pointer]
