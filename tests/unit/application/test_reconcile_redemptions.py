"""Reconciling: what hangs is sent again, and nothing is given back on a supplier's silence."""

from collections import Counter

import pytest

from infra.local.supplier import Behaviour
from shared.application.reconcile_redemptions import EXPIRED_MAX
from shared.domain.redemption import RedemptionState
from tests.support.fakes import FakeFulfilmentQueue
from tests.support.redeeming import Shop, a_benefit, a_buyer

EXPIRED = RedemptionState.EXPIRED


@pytest.fixture
def shop():
    shop = Shop(a_benefit(points=1, stock=100))
    shop.buyer()
    shop.redeem()
    return shop


def test_nothing_is_done_before_its_time(shop):
    shop.pass_time(seconds=59)
    assert shop.reconcile() == {"sent": 0}


def test_what_was_never_sent_is_sent_a_minute_later(shop):
    shop.queue.sent.clear()
    shop.pass_time(minutes=1)
    assert shop.reconcile() == {"sent": 1}
    shop.fulfil()
    assert shop.redemption().state is RedemptionState.SETTLED
    assert shop.reconcile() == {"sent": 0}


def test_a_queue_that_takes_nothing_is_tried_by_the_next_run(shop):
    shop.pass_time(minutes=1)
    shop.queue = FakeFulfilmentQueue(refused=frozenset({0}))
    assert shop.reconcile() == {"sent": 0}
    shop.queue = FakeFulfilmentQueue()
    assert shop.reconcile() == {"sent": 1}


def test_what_nobody_was_told_of_expires_without_a_question(shop):
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "expired": 1}
    assert shop.redemption().state is EXPIRED
    assert shop.account().points == a_buyer().points
    assert (shop.left(), shop.used(), shop.suppliers.asked) == (100, 0, [])


def test_an_order_that_is_placed_just_before_the_hold_expires_is_not_given_back_unasked(shop):
    shop.pass_time(hours=24)
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.store.trouble.append(lambda: shop.fulfil(shop.redemption().redemption_id))
    assert shop.reconcile() == {"sent": 0, "held": 1}
    assert shop.kinds() == ["hold"]
    shop.pass_time(hours=1)
    assert shop.reconcile() == {"sent": 0, "expired": 1}
    assert shop.suppliers.asked == ["order.create", "order.find", "order.cancel"]


def test_what_the_supplier_issued_meanwhile_is_settled_and_not_lost(shop):
    shop.suppliers.behaviour = Behaviour(lost=1)
    shop.fulfil()
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "settled": 1}
    assert shop.suppliers.asked == ["order.create", "order.find"]
    assert shop.kinds() == ["hold", "settlement"]


def test_what_is_still_pending_is_called_off_and_given_back(shop):
    shop.suppliers.behaviour = Behaviour(pending=9)
    shop.fulfil()
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "expired": 1}
    assert shop.suppliers.asked == ["order.create", "order.find", "order.cancel"]
    assert (shop.left(), shop.account().points) == (100, a_buyer().points)
    shop.fulfil(shop.redemption().redemption_id)
    assert shop.redemption().state is EXPIRED


def test_what_the_supplier_never_heard_of_is_called_off_too(shop):
    # Else an order that is still on its way would be issued after all.
    shop.suppliers.behaviour = Behaviour(errors=1)
    shop.fulfil()
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "expired": 1}
    [order] = shop.suppliers.orders.values()
    assert order.state == "cancelled"


def test_what_is_issued_between_the_two_questions_is_settled(shop):
    shop.suppliers.behaviour = Behaviour(pending=1)
    shop.fulfil()
    shop.pass_time(hours=24)
    shop.suppliers.meanwhile.extend([lambda: None, lambda: shop.suppliers.order(shop.redemption())])
    assert shop.reconcile() == {"sent": 0, "settled": 1}


def test_on_a_supplier_s_silence_nothing_is_given_back_and_it_is_asked_later(shop):
    shop.suppliers.behaviour = Behaviour(errors=3)
    shop.fulfil()
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "held": 1}
    assert shop.kinds() == ["hold"]
    assert shop.reconcile() == {"sent": 0}
    for _ in range(2):
        shop.pass_time(hours=1)
        shop.reconcile()
    assert shop.redemption().state is EXPIRED


def test_what_the_supplier_refused_says_so(shop):
    shop.suppliers.behaviour = Behaviour(errors=1, is_refusing=True)
    shop.fulfil()
    shop.suppliers.order(shop.redemption())
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "refused": 1}


@pytest.mark.parametrize("behaviour", [Behaviour(lost=1), Behaviour(pending=9)], ids=str)
def test_a_lost_reply_ends_the_hold_once(shop, behaviour):
    shop.suppliers.behaviour = behaviour
    shop.fulfil()
    shop.pass_time(hours=24)
    shop.store.lost_replies = 1
    shop.reconcile()
    assert len(shop.kinds()) == 2
    assert shop.account().points.held == 0


def test_one_run_ends_so_many_and_the_next_run_the_others():
    shop = Shop(a_benefit(points=1, stock=100))
    shop.buyer()
    for number in range(EXPIRED_MAX + 3):
        shop.redeem(key=f"key-{number}")
    shop.pass_time(hours=24)
    assert shop.reconcile() == {"sent": 0, "expired": EXPIRED_MAX}
    assert shop.reconcile() == {"sent": 0, "expired": 3}
    assert Counter(shop.kinds()) == {"hold": EXPIRED_MAX + 3, "release": EXPIRED_MAX + 3}
