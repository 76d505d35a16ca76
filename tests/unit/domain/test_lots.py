"""What became of each milligram: the oldest first, once, and as sure as its behaviour is."""

import pytest

from shared.domain.errors import InsufficientReductionsError
from shared.domain.lots import Fate, total_of
from shared.domain.measurement import NOTHING, EvidenceGrade, Label, Spread, Sum
from tests.support.ledger_of_one import LedgerOfOne

NOBODY = Spread()
RECORDED = EvidenceGrade.RECORDED_WITHOUT_QUANTITY


@pytest.fixture
def ledger():
    """Three rides of 100, 200 and 300 mg."""
    ledger = LedgerOfOne()
    for number in (1, 2, 3):
        ledger.credit(f"ride-{number}", 100 * number, spread=NOBODY)
    return ledger


def amounts(parts):
    return [(part.lot, part.reduction_mg) for part in parts]


def fates(ledger):
    return [lot.fates() for lot in ledger.lots.lots]


def test_a_spend_takes_the_oldest_lots_first(ledger):
    hashes = [line.hash for line in ledger.lines]
    parts = ledger.retire("r1", 250)
    assert amounts(parts) == [(hashes[0], 100), (hashes[1], 150)]
    assert amounts(ledger.lots.parts_of("retirement#r1")) == amounts(parts)
    assert fates(ledger) == [
        {Fate.RETIRED: 100},
        {Fate.AVAILABLE: 50, Fate.RETIRED: 150},
        {Fate.AVAILABLE: 300},
    ]


def test_the_next_spend_goes_on_where_the_last_one_ended(ledger):
    hashes = [line.hash for line in ledger.lines]
    ledger.retire("r1", 250)
    assert amounts(ledger.retire("r2", 50)) == [(hashes[1], 50)]
    assert amounts(ledger.retire("r3", 1)) == [(hashes[2], 1)]


def test_what_was_retired_cannot_be_retired_redeemed_or_given_again(ledger):
    ledger.retire("r1", 600)
    assert ledger.lots.preview(1) == []
    assert ledger.lots.available_mg == ledger.account.available_mg == 0
    for spend in (ledger.retire, ledger.hold):
        with pytest.raises(InsufficientReductionsError):
            spend("again", 1)


def test_a_preview_takes_nothing(ledger):
    lots = ledger.lots
    assert lots.preview(600) == lots.preview(600)
    assert lots.available_mg == 600


def test_a_released_hold_gives_each_part_back_to_its_lot(ledger):
    ledger.hold("h1", 150)
    assert fates(ledger)[:2] == [{Fate.ON_HOLD: 100}, {Fate.AVAILABLE: 150, Fate.ON_HOLD: 50}]
    ledger.release("h1")
    assert fates(ledger)[:2] == [{Fate.AVAILABLE: 100}, {Fate.AVAILABLE: 200}]
    assert ledger.lots.parts_of("redemption#h1#hold") == ()


def test_a_settled_hold_is_redeemed_for_good(ledger):
    ledger.hold("h1", 150)
    ledger.settle("h1")
    assert fates(ledger)[:2] == [{Fate.REDEEMED: 100}, {Fate.AVAILABLE: 150, Fate.REDEEMED: 50}]
    assert ledger.account.held_mg == 0


def test_what_is_released_is_older_than_what_was_never_held(ledger):
    hashes = [line.hash for line in ledger.lines]
    ledger.hold("h1", 100)
    ledger.retire("r1", 200)
    ledger.release("h1")
    assert amounts(ledger.retire("r2", 150)) == [(hashes[0], 100), (hashes[2], 50)]


def test_a_reversal_takes_its_own_lot_before_any_older_one(ledger):
    ledger.reverse("ride-3")
    assert fates(ledger) == [
        {Fate.AVAILABLE: 100}, {Fate.AVAILABLE: 200}, {Fate.REVERSED: 300},
    ]  # fmt: skip


def test_a_reversal_of_what_was_spent_takes_the_oldest_that_is_left(ledger):
    ledger.retire("r1", 100)
    ledger.reverse("ride-1")
    assert fates(ledger) == [
        {Fate.RETIRED: 100}, {Fate.AVAILABLE: 100, Fate.REVERSED: 100}, {Fate.AVAILABLE: 300},
    ]  # fmt: skip


def test_what_a_reversal_cannot_find_is_owed_and_paid_by_the_next_credit(ledger):
    ledger.retire("r1", 600)
    ledger.reverse("ride-2")
    assert (ledger.account.debt_mg, ledger.lots.available_mg) == (200, -200)
    ledger.credit("ride-4", 150)
    assert ledger.lots.available_mg == -50
    ledger.credit("ride-5", 150)
    assert fates(ledger)[3:] == [{Fate.REVERSED: 150}, {Fate.AVAILABLE: 100, Fate.REVERSED: 50}]
    assert ledger.lots.debts == []
    assert ledger.lots.available_mg == ledger.account.available_mg == 100


def test_a_retirement_stands_whatever_is_reversed_later(ledger):
    parts = ledger.retire("r1", 600)
    for number in (1, 2, 3):
        ledger.reverse(f"ride-{number}")
    ledger.credit("ride-4", 1000)
    assert amounts(ledger.lots.parts_of("retirement#r1")) == amounts(parts)


def test_what_is_released_pays_what_is_owed(ledger):
    ledger.retire("r1", 500)
    ledger.hold("h1", 100)
    ledger.reverse("ride-3")
    assert ledger.lots.available_mg == ledger.account.available_mg == -300
    ledger.release("h1")
    assert ledger.lots.available_mg == ledger.account.available_mg == -200
    assert fates(ledger)[2] == {Fate.RETIRED: 200, Fate.REVERSED: 100}


def test_a_gift_is_a_lot_of_its_own_made_of_what_was_given(ledger):
    backing = Sum(2, 500, Spread(5, 7, 9), (500, 0, 0, 0, 0), 0, 1)
    gift = ledger.receive("g1", backing)
    [lot] = ledger.lots.lots[3:]
    assert (lot.lot, lot.methodology, lot.event, lot.backing) == (gift.hash, "", None, backing)


def test_the_parts_of_a_spend_say_what_it_is_made_of():
    ledger = LedgerOfOne()
    ledger.credit("ride-1", 100, spread=Spread(10, 20, 400))
    ledger.credit("ride-2", 200, spread=Spread(10, 20, 400), grade=RECORDED)
    # A half of the second: the factors' errors by halves, the activity's 20 by a half too.
    assert total_of(ledger.retire("r1", 200)) == Sum(
        2, 200, Spread(15, 30, 500), (100, 0, 100, 0, 0), 0, Label.DERIVED.weakness
    )


# What is learnt of a behaviour later


def provisional(ledger):
    ledger.credit("ride-1", 50, spread=Spread(40, 400, 0), grade=RECORDED, missing=("distance_km",))


def test_a_completed_ride_is_as_sure_as_it_is_now_in_both_of_its_lots():
    ledger = LedgerOfOne()
    provisional(ledger)
    ledger.complete("ride-1", 200, spread=Spread(20, 40, 1600))
    first, rest = ledger.lots.lots
    # A quarter and three quarters of 200 mg from -20 to +40, the distance's square of 1600 as well.
    assert first.backing == Sum(1, 50, Spread(5, 10, 400), (50, 0, 0, 0, 0), 0, 1)
    assert rest.backing == Sum(1, 150, Spread(15, 30, 1200), (150, 0, 0, 0, 0), 0, 1)
    assert total_of(ledger.retire("r1", 200)).spread == Spread(20, 40, 1600)


def test_the_rest_of_a_completed_ride_is_not_more_than_all_of_it_in_any_grade():
    ledger = LedgerOfOne()
    provisional(ledger)
    before = ledger.retire("r1", 50)
    ledger.complete("ride-1", 200, spread=Spread(20, 40, 1600))
    # Retired before it was known better: it stays what it was then.
    assert total_of(before).provisional_mg == 50
    after = total_of(ledger.retire("r2", 150))
    assert after == Sum(1, 150, Spread(15, 30, 1200), (150, 0, 0, 0, 0), 0, 1)
    assert (after.low_mg, after.high_mg) == (100, 215)


def test_a_correction_that_changes_only_the_amount_has_its_share_of_the_range():
    ledger = LedgerOfOne()
    ledger.credit("ride-1", 200, spread=Spread(100, 100, 0))
    ledger.retire("r1", 200)
    ledger.correct("ride-1", 250, spread=Spread(100, 100, 0))
    # The difference of two equal ranges would be none at all.
    assert total_of(ledger.retire("r2", 50)).spread == Spread(20, 20, 0)


def test_what_a_correction_takes_back_comes_from_its_own_ride_first(ledger):
    ledger.correct("ride-2", 150)
    assert fates(ledger) == [
        {Fate.AVAILABLE: 100},
        {Fate.AVAILABLE: 150, Fate.REVERSED: 50},
        {Fate.AVAILABLE: 300},
    ]


# Parts of a sum


def test_a_part_has_its_share_of_everything_and_no_range_is_too_narrow():
    whole = Sum(3, 100, Spread(10, 21, 900), (50, 30, 20, 0, 0), 20, 2)
    # A third: 3.3 down, 7 up, 30 of activity by a third is 10, less 0.9 for the hundredth.
    assert whole.portion(33) == Sum(3, 33, Spread(4, 7, 99), (16, 10, 7, 0, 0), 6, 2)
    assert whole.portion(100) is whole
    assert whole.portion(0) == Sum(3, 0, NOBODY, (0,) * 5, 0, 2)


def test_an_allotment_shares_out_the_square_so_that_all_together_are_as_unsure_as_the_whole():
    whole = Sum(1, 100, Spread(10, 20, 900), (100, 0, 0, 0, 0), 0, 1)
    quarters = [whole.allotment(25) for _ in range(4)]
    assert quarters[0].spread == Spread(3, 5, 225)
    assert sum(quarters, NOTHING).spread.activity_mg2 == 900
    halves = [whole.portion(50), whole.portion(50)]
    # By themselves they are surer: for what never meets again.
    assert sum(halves, NOTHING).spread.activity_mg2 == 450


def test_an_error_below_zero_is_shared_out_away_from_zero_too():
    whole = Sum(1, 3, Spread(-4, -5, 0), (3, 0, 0, 0, 0))
    assert whole.portion(1).spread == Spread(-2, -2, 0)
    assert whole.portion(1).high_mg == 3
