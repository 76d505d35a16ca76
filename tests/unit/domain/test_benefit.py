"""What is offered, and how its stock stands in blocks."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.benefit import (
    BLOCKS_MAX,
    BenefitUse,
    Price,
    StockBlock,
    choose_block,
    first_block,
    require_offer,
    stocked,
)
from shared.domain.errors import (
    BenefitUnavailableError,
    PersonLimitReachedError,
    PriceChangedError,
    StockTakenError,
)
from tests.support.builders import at
from tests.support.redeeming import a_benefit

NOON = at("2026-11-10T12:00:00+08:00")


def block(number: int, size: int, left: int) -> StockBlock:
    return StockBlock("coffee", number, size, left)


def sizes(blocks: list[StockBlock]) -> list[tuple[int, int, int]]:
    return [(each.number, each.size, each.left) for each in blocks]


@pytest.mark.parametrize(("points", "reduction_mg"), [(0, 0), (-1, 5), (5, -1), (10**9, 0)])
def test_a_price_that_is_nothing_or_cannot_be_is_no_price(points, reduction_mg):
    with pytest.raises(ValueError, match="A price"):
        Price(points, reduction_mg)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": date(2025, 12, 31)},
        {"stock": -1},
        {"block_size": 0},
        {"per_person": 0},
    ],
    ids=str,
)
def test_a_benefit_that_makes_no_sense_cannot_be(changes):
    with pytest.raises(ValueError, match=r"."):
        a_benefit(**changes)


def test_it_is_offered_from_its_first_day_to_its_last_in_the_ledgers_zone():
    benefit = a_benefit(valid_from=date(2026, 11, 10), valid_until=date(2026, 11, 11))
    use = BenefitUse("a1", "coffee")
    for instant in ("2026-11-10T00:00:00+08:00", "2026-11-11T23:59:59.999+08:00"):
        require_offer(benefit, benefit.price, use, at(instant))
    for instant in ("2026-11-09T23:59:59.999+08:00", "2026-11-12T00:00:00+08:00"):
        with pytest.raises(BenefitUnavailableError):
            require_offer(benefit, benefit.price, use, at(instant))


@pytest.mark.parametrize("quoted", [Price(29), Price(31), Price(30, 1)], ids=str)
def test_a_price_that_was_not_the_one_is_refused(quoted):
    with pytest.raises(PriceChangedError):
        require_offer(a_benefit(points=30), quoted, BenefitUse("a1", "coffee"), NOON)


def test_a_person_has_it_as_often_as_its_limit_says():
    benefit = a_benefit(per_person=2)
    require_offer(benefit, benefit.price, BenefitUse("a1", "coffee", 1), NOON)
    with pytest.raises(PersonLimitReachedError):
        require_offer(benefit, benefit.price, BenefitUse("a1", "coffee", 2), NOON)
    free = replace(benefit, per_person=None)
    require_offer(free, free.price, BenefitUse("a1", "coffee", 1000), NOON)


def test_a_block_never_has_less_than_nothing_or_more_than_it_began_with():
    with pytest.raises(ValueError, match="A block"):
        block(0, 4, 0).take()
    with pytest.raises(ValueError, match="A block"):
        block(0, 4, 4).give_back()
    assert block(0, 4, 4).take().give_back() == replace(block(0, 4, 4), version=3)


def test_a_new_stock_stands_in_blocks_of_its_size():
    assert sizes(stocked("coffee", [], 10, 4)) == [(0, 4, 4), (1, 4, 4), (2, 2, 2)]
    assert stocked("coffee", [], 0, 4) == []


def test_a_large_stock_fills_as_many_blocks_as_there_may_be_evenly():
    blocks = stocked("coffee", [], 1_003, 10)
    assert len(blocks) == BLOCKS_MAX == 50
    assert sum(each.size for each in blocks) == 1_003
    assert {each.size for each in blocks} == {20, 21}
    assert all(each.version == 1 for each in blocks)


def test_more_stock_comes_in_new_blocks():
    standing = [block(0, 4, 0), block(1, 4, 3)]
    assert sizes(stocked("coffee", standing, 13, 4)) == [(2, 4, 4), (3, 1, 1)]


def test_more_stock_fills_the_old_blocks_where_no_new_one_may_be():
    standing = [block(number, 2, 1) for number in range(BLOCKS_MAX)]
    changed = stocked("coffee", standing, 2 * BLOCKS_MAX + 3, 2)
    assert sizes(changed) == [(0, 3, 2), (1, 3, 2), (2, 3, 2)]
    assert all(each.version == 2 for each in changed)


def test_less_stock_is_taken_from_what_is_left():
    standing = [block(0, 4, 1), block(1, 4, 3)]
    assert sizes(stocked("coffee", standing, 5, 4)) == [(1, 1, 0)]
    assert sizes(stocked("coffee", standing, 4, 4)) == [(1, 1, 0), (0, 3, 0)]
    assert stocked("coffee", standing, 8, 4) == []


def test_a_stock_is_never_less_than_what_is_taken():
    with pytest.raises(StockTakenError):
        stocked("coffee", [block(0, 4, 1), block(1, 4, 3)], 3, 4)


def test_a_block_with_something_left_is_chosen_and_none_only_where_all_are_empty():
    full, empty = block(1, 4, 2), block(0, 4, 0)
    assert choose_block([empty, full], "a1", 0) == full
    assert choose_block([empty], "a1", 0) is None
    assert choose_block([], "a1", 0) is None


def test_buyers_spread_over_the_blocks_and_a_loser_looks_elsewhere():
    firsts = [first_block(10, f"a{number}", 0) for number in range(1000)]
    assert {firsts.count(number) > 60 for number in range(10)} == {True}
    assert len({first_block(10, "a1", attempt) for attempt in range(8)}) > 3
    assert first_block(10, "a1", 0) == first_block(10, "a1", 0)


def test_an_offer_is_the_same_whenever_it_was_published():
    benefit = a_benefit()
    later = replace(benefit, version=7, blocks=3, published_at=NOON)
    assert benefit.same_offer(later)
    assert later.same_offer(benefit)
    assert not benefit.same_offer(replace(later, stock=11))
