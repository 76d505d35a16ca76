"""Redeeming: everything in one commit, once for each key, and the supplier told afterwards."""

from dataclasses import replace

import pytest

from infra.local.supplier import Behaviour
from shared.application.changing import ATTEMPTS_MAX
from shared.application.ports import FulfilmentOrder
from shared.domain.benefit import Price, StockBlock, first_block
from shared.domain.errors import (
    AccountNotFoundError,
    BenefitNotFoundError,
    BenefitUnavailableError,
    BusyError,
    IdempotencyConflictError,
    InsufficientPointsError,
    PersonLimitReachedError,
    PriceChangedError,
    SoldOutError,
    StaleAccountError,
)
from tests.support.fakes import FakeFulfilmentQueue, busy
from tests.support.redeeming import Shop, a_benefit, a_buyer, lost_races


@pytest.fixture
def shop():
    shop = Shop(a_benefit(points=30, stock=10, per_person=2))
    shop.buyer()
    return shop


def test_hold_unit_count_and_redemption_come_together(shop):
    moved = shop.redeem()
    assert not moved.is_repeat
    assert moved.value == shop.redemption()
    assert (shop.left(), shop.used(), shop.kinds()) == (9, 1, ["hold"])
    assert (shop.account().points.amount, shop.account().points.held) == (70, 30)
    assert shop.store.calls.count("commit") == 1
    assert shop.queue.sent == [FulfilmentOrder("a1", moved.value.redemption_id)]


def test_the_same_request_again_is_the_same_redemption(shop):
    first = shop.redeem()
    shop.pass_time(minutes=5)
    shop.publish(a_benefit(points=99, stock=10))
    again = shop.redeem(price=Price(30))
    assert again.is_repeat
    assert again.value == first.value
    assert shop.kinds() == ["hold"]


def test_a_repeat_tells_the_supplier_only_of_what_it_was_never_told(shop):
    shop.queue = FakeFulfilmentQueue(refused=frozenset({0}))
    shop.redeem()
    assert shop.queue.sent == []
    shop.queue = FakeFulfilmentQueue()
    shop.redeem()
    assert len(shop.queue.sent) == 1
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.fulfil()
    assert shop.redemption().is_held
    shop.redeem()
    assert shop.queue.sent == []


def test_a_key_is_good_for_one_request(shop):
    shop.redeem(request="one")
    with pytest.raises(IdempotencyConflictError):
        shop.redeem(request="other")
    assert shop.redeem(key="key-2", request="other").is_repeat is False


def test_a_lost_reply_is_found_again(shop):
    shop.store.lost_replies = 1
    moved = shop.redeem()
    assert moved.value == shop.redemption()
    assert (shop.left(), shop.used(), shop.kinds()) == (9, 1, ["hold"])
    assert len(shop.queue.sent) == 1


def test_a_credit_in_between_is_decided_upon_anew(shop):
    def credit():
        account = shop.account()
        shop.store.add(replace(account, version=account.version + 1, seq=account.seq + 5))

    shop.store.trouble.append(credit)
    shop.redeem()
    assert shop.account().seq == 6


def test_whoever_took_the_last_unit_in_between_leaves_nothing():
    shop = Shop(a_benefit(stock=1))
    shop.buyer()
    shop.buyer(a_buyer("a2"))
    shop.store.trouble.append(lambda: shop.redeem(account_id="a2"))
    with pytest.raises(SoldOutError):
        shop.redeem(account_id="a1")
    assert (shop.left(), shop.kinds("a1"), shop.kinds("a2")) == (0, [], ["hold"])


def test_another_block_is_tried_where_the_first_is_empty():
    shop = Shop(a_benefit(points=1, stock=8, block_size=1))
    shop.buyer()
    for number in range(8):
        shop.redeem(key=f"key-{number}")
    blocks, _ = shop.documents.of_owner(StockBlock, "coffee", limit=100)
    assert [each.left for each in blocks] == [0] * 8
    assert len({shop.redemption(f"key-{number}").block for number in range(8)}) == 8
    with pytest.raises(SoldOutError):
        shop.redeem(key="key-8")


def test_a_loser_of_a_race_looks_into_another_block():
    shop = Shop(a_benefit(stock=200, block_size=4))
    shop.buyer()

    def lose():
        raise StaleAccountError

    shop.store.trouble.extend([lose, lose])
    shop.redeem()
    assert shop.redemption().block == first_block(50, "a1", 2)
    assert first_block(50, "a1", 2) != first_block(50, "a1", 0)


def test_blocks_let_twenty_buy_at_the_same_moment_who_would_wait_for_one_item():
    # (lost races, waves in which everybody was served); a request takes part in ATTEMPTS_MAX.
    assert lost_races(20, block_size=20) == (190, 20)
    lost, waves = lost_races(20, block_size=2)
    assert lost < 30
    assert waves < ATTEMPTS_MAX


def test_a_dry_run_says_what_would_be_and_does_nothing(shop):
    before = (dict(shop.store.documents), shop.account())
    would = shop.redeem(is_dry_run=True)
    assert (dict(shop.store.documents), shop.account(), shop.queue.sent) == (*before, [])
    assert shop.redeem().value == would.value
    shop.publish(a_benefit("house", points=101))
    with pytest.raises(InsufficientPointsError):
        shop.redeem("house", key="key-2", is_dry_run=True)


def test_a_refusal_changes_nothing(shop):
    shop.publish(
        a_benefit("house", points=101),
        a_benefit("over", valid_until=shop.now.date().replace(day=9)),
        a_benefit("none", stock=0),
    )
    shop.redeem(key="key-1")
    shop.redeem(key="key-2")
    before = (dict(shop.store.documents), shop.account())
    for error, arguments in (
        (BenefitNotFoundError, {"benefit_id": "palace"}),
        (BenefitUnavailableError, {"benefit_id": "over"}),
        (PriceChangedError, {"price": Price(29)}),
        (PersonLimitReachedError, {}),
        (InsufficientPointsError, {"benefit_id": "house"}),
        (SoldOutError, {"benefit_id": "none"}),
        (AccountNotFoundError, {"account_id": "a9"}),
    ):
        with pytest.raises(error):
            shop.redeem(key="key-3", **arguments)
        assert (dict(shop.store.documents), shop.account()) == before


def test_a_store_that_never_decides_is_busy(shop):
    shop.store.trouble.extend([busy] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        shop.redeem()
    assert shop.kinds() == []
