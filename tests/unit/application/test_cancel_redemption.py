"""Cancelling: before the supplier knows at once, afterwards by its word, and only once."""

import pytest

from infra.local.supplier import Behaviour
from shared.domain.errors import BusyError, RedemptionEndedError, RedemptionNotFoundError
from shared.domain.redemption import RedemptionState
from tests.support.redeeming import Shop, a_benefit, a_buyer

CANCELLED = RedemptionState.CANCELLED


@pytest.fixture
def shop():
    shop = Shop(a_benefit(points=30, reduction_mg=500_000, per_person=1))
    shop.buyer()
    shop.redeem()
    return shop


def require_given_back(shop: Shop) -> None:
    assert shop.redemption().state is CANCELLED
    assert shop.account().points == a_buyer().points
    assert (shop.account().available_mg, shop.account().held_mg) == (2_000_000, 0)
    assert (shop.left(), shop.used(), shop.kinds()) == (10, 0, ["hold", "release"])


def test_what_nobody_was_told_of_goes_back_at_once(shop):
    moved = shop.cancel()
    assert (moved.value, moved.is_repeat) == (shop.redemption(), False)
    require_given_back(shop)
    assert shop.suppliers.asked == []


def test_what_was_cancelled_is_never_ordered(shop):
    shop.cancel()
    shop.fulfil()
    assert shop.suppliers.asked == []
    require_given_back(shop)


def test_it_can_be_redeemed_again_afterwards(shop):
    shop.cancel()
    shop.redeem(key="key-2")
    assert (shop.used(), shop.left()) == (1, 9)


def test_a_supplier_that_was_told_is_asked_first(shop):
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.fulfil()
    shop.cancel()
    require_given_back(shop)
    assert shop.suppliers.asked == ["order.create", "order.cancel"]


def test_an_issued_voucher_cannot_be_cancelled_and_is_settled(shop):
    shop.suppliers.behaviour = Behaviour(lost=1)
    shop.fulfil()
    with pytest.raises(RedemptionEndedError):
        shop.cancel()
    assert shop.redemption().state is RedemptionState.HELD
    shop.pass_time(minutes=5)
    shop.reconcile()
    shop.fulfil()
    assert shop.redemption().state is RedemptionState.SETTLED
    with pytest.raises(RedemptionEndedError):
        shop.cancel()


def test_a_silent_supplier_leaves_everything_as_it_is(shop):
    shop.suppliers.behaviour = Behaviour(errors=2)
    shop.fulfil()
    with pytest.raises(BusyError):
        shop.cancel()
    assert (shop.redemption().state, shop.kinds()) == (RedemptionState.HELD, ["hold"])
    shop.cancel()
    require_given_back(shop)


def test_an_order_that_is_on_its_way_during_the_cancellation_is_asked_for(shop):
    # The supplier is told between the look and the commit.
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.store.trouble.append(lambda: shop.fulfil(shop.redemption().redemption_id))
    shop.cancel()
    require_given_back(shop)
    assert shop.suppliers.asked == ["order.create", "order.cancel"]


def test_a_settlement_that_comes_first_wins(shop):
    shop.store.trouble.append(lambda: shop.fulfil(shop.redemption().redemption_id))
    with pytest.raises(RedemptionEndedError):
        shop.cancel()
    assert shop.redemption().state is RedemptionState.SETTLED
    assert shop.kinds() == ["hold", "settlement"]


def test_a_cancellation_that_comes_first_wins(shop):
    # It arrives at the supplier just before the order does.
    shop.suppliers.meanwhile.append(shop.cancel)
    shop.fulfil()
    require_given_back(shop)
    [order] = shop.suppliers.orders.values()
    assert order.codes == []


def test_twice_is_once_with_the_same_answer(shop):
    first = shop.cancel()
    shop.pass_time(hours=1)
    again = shop.cancel()
    assert (again.value, again.is_repeat) == (first.value, True)
    require_given_back(shop)


def test_a_lost_reply_cancels_once(shop):
    shop.store.lost_replies = 1
    assert shop.cancel().value == shop.redemption()
    require_given_back(shop)


def test_who_dies_after_the_supplier_called_it_off_leaves_nothing_held(shop):
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.fulfil()
    shop.suppliers.cancel(shop.redemption())
    shop.pass_time(minutes=5)
    shop.reconcile()
    shop.fulfil()
    require_given_back(shop)
    assert shop.cancel().is_repeat


def test_a_dry_run_asks_nobody_and_does_nothing(shop):
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.fulfil()
    assert shop.cancel(is_dry_run=True).value == shop.redemption()
    assert shop.suppliers.asked == ["order.create"]
    assert shop.kinds() == ["hold"]


def test_another_s_redemption_is_unknown(shop):
    shop.buyer(a_buyer("a2"))
    with pytest.raises(RedemptionNotFoundError):
        shop.cancel(account_id="a2")
