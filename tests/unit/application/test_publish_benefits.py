"""Publishing is idempotent, and never takes back what was taken."""

from dataclasses import replace

import pytest

from shared.application.list_benefits import list_benefits
from shared.domain.benefit import Benefit, StockBlock
from shared.domain.errors import InvalidRequestError, StaleAccountError, StockTakenError
from tests.support.fakes import FakeDocuments
from tests.support.redeeming import NOW, Shop, a_benefit


def blocks(shop: Shop) -> list[tuple[int, int, int]]:
    found, _ = shop.documents.of_owner(StockBlock, "coffee", limit=100)
    return sorted((each.number, each.size, each.left) for each in found)


def test_a_benefit_comes_with_its_blocks():
    shop = Shop()
    done = shop.publish(a_benefit(stock=10, block_size=4), a_benefit("tea", stock=0))
    assert (done.published, done.unchanged) == (("coffee", "tea"), ())
    assert blocks(shop) == [(0, 4, 4), (1, 4, 4), (2, 2, 2)]
    benefit = shop.documents.get(Benefit, "catalogue", "coffee")
    assert benefit is not None
    assert (benefit.blocks, benefit.version, benefit.published_at) == (3, 1, NOW)


def test_the_same_again_changes_nothing_at_whatever_time():
    shop = Shop(a_benefit())
    before = dict(shop.store.documents)
    shop.pass_time(days=1)
    assert shop.publish(a_benefit()).unchanged == ("coffee",)
    assert shop.store.documents == before


def test_another_price_leaves_the_stock_alone():
    shop = Shop(a_benefit(stock=10))
    shop.buyer()
    shop.redeem()
    assert shop.publish(a_benefit(points=40, stock=10)).published == ("coffee",)
    assert shop.left() == 9


def test_raised_stock_adds_to_what_is_left():
    shop = Shop(a_benefit(stock=4))
    shop.buyer()
    shop.redeem()
    shop.publish(a_benefit(stock=9))
    assert shop.left() == 8
    benefit = shop.documents.get(Benefit, "catalogue", "coffee")
    assert benefit is not None
    assert benefit.blocks == 3


def test_lowered_stock_stops_at_what_is_taken():
    shop = Shop(a_benefit(stock=4))
    shop.buyer()
    shop.redeem()
    before = dict(shop.store.documents)
    with pytest.raises(StockTakenError):
        shop.publish(a_benefit("tea"), a_benefit(stock=0))
    assert shop.store.documents == before
    shop.publish(a_benefit(stock=1))
    assert shop.left() == 0


def test_a_sale_in_between_is_decided_upon_anew():
    shop = Shop(a_benefit(stock=4))
    shop.buyer()

    class Raced(FakeDocuments):
        sold = False

        def put(self, *writes):
            if not self.sold:
                self.sold = True
                shop.redeem()
                raise StaleAccountError
            super().put(*writes)

    shop.documents = Raced(shop.store)
    shop.publish(a_benefit(stock=2))
    assert shop.left() == 1


def test_a_catalogue_names_each_once_and_has_an_end():
    shop = Shop(*(a_benefit(f"b-{number}") for number in range(50)))
    with pytest.raises(InvalidRequestError):
        shop.publish(a_benefit("b-1"), a_benefit("b-1"))
    with pytest.raises(InvalidRequestError):
        shop.publish(a_benefit("one-more"))
    assert shop.publish(a_benefit("b-1", points=5)).published == ("b-1",)


def test_what_is_valid_today_is_listed_with_whether_anything_is_left():
    gone = replace(a_benefit("gone"), valid_until=NOW.date().replace(day=9))
    shop = Shop(a_benefit("tea", stock=0), a_benefit("coffee", stock=1), gone)
    listed = list_benefits(shop.documents, now=NOW)
    assert [(each.benefit_id, left) for each, left in listed] == [("coffee", True), ("tea", False)]
    shop.buyer()
    shop.redeem()
    listed = list_benefits(shop.documents, now=NOW)
    assert [left for _, left in listed] == [False, False]
