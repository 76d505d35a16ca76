"""Fulfilling: whatever the supplier does, a hold is settled once or given back once."""

from dataclasses import replace

import pytest

from infra.local.supplier import Behaviour
from shared.application.changing import ATTEMPTS_MAX
from shared.application.get_redemption import get_redemption
from shared.application.list_redemptions import list_redemptions
from shared.domain.account import close
from shared.domain.errors import InvalidCursorError, RedemptionNotFoundError
from shared.domain.redemption import RedemptionState
from tests.support.fakes import FakeEntries, busy
from tests.support.redeeming import Shop, a_benefit, a_buyer

SETTLED = RedemptionState.SETTLED


@pytest.fixture
def shop():
    shop = Shop(a_benefit(points=30, reduction_mg=500_000))
    shop.buyer()
    shop.redeem()
    return shop


def code(shop: Shop) -> str | None:
    _, found = get_redemption(
        shop.accounts,
        shop.documents,
        shop.vouchers,
        subject_hash="subject-a1",
        redemption_id=shop.redemption().redemption_id,
    )
    return found


def issued(shop: Shop) -> list[str]:
    [order] = shop.suppliers.orders.values()
    return order.codes


def test_what_is_issued_is_settled_with_its_voucher(shop):
    assert code(shop) is None
    done = shop.fulfil()
    assert (done.failed, dict(done.states)) == (frozenset(), {SETTLED: 1})
    assert shop.redemption().state is SETTLED
    assert [code(shop)] == issued(shop)
    assert shop.redemption().voucher != code(shop)
    assert shop.kinds() == ["hold", "settlement"]
    assert (shop.account().points.held, shop.account().held_mg) == (0, 0)
    assert (shop.left(), shop.used()) == (9, 1)


def test_a_slow_supplier_is_asked_again_when_it_is_due(shop):
    shop.suppliers.behaviour = Behaviour(pending=2)
    shop.fulfil()
    assert (shop.redemption().state, shop.redemption().attempts) == (RedemptionState.HELD, 1)
    for _ in range(2):
        shop.pass_time(minutes=5)
        assert shop.reconcile()["sent"] == 1
        shop.fulfil()
    assert shop.redemption().state is SETTLED


def test_a_failing_supplier_fails_no_message(shop):
    shop.suppliers.behaviour = Behaviour(errors=1)
    done = shop.fulfil()
    assert (done.failed, done.unclear) == (frozenset(), 1)
    assert shop.redemption().state is RedemptionState.HELD
    shop.pass_time(minutes=5)
    shop.reconcile()
    shop.fulfil()
    assert shop.redemption().state is SETTLED


def test_an_answer_that_was_lost_is_asked_for_again(shop):
    shop.suppliers.behaviour = Behaviour(lost=1)
    shop.fulfil()
    assert len(issued(shop)) == 1
    assert shop.redemption().state is RedemptionState.HELD
    shop.pass_time(minutes=5)
    shop.reconcile()
    shop.fulfil()
    assert [code(shop)] == issued(shop)


def test_of_two_vouchers_the_first_that_was_booked_stays(shop):
    shop.suppliers.behaviour = Behaviour(is_forgetful=True)
    redemption_id = shop.redemption().redemption_id
    # Both are delivered before either is settled.
    shop.suppliers.meanwhile.append(lambda: shop.fulfil(redemption_id))
    shop.fulfil(redemption_id)
    first, second = issued(shop)
    assert code(shop) == first != second
    assert shop.kinds() == ["hold", "settlement"]
    shop.fulfil(redemption_id)
    assert (code(shop), len(issued(shop))) == (first, 2)


def test_what_a_supplier_refuses_is_given_back(shop):
    shop.suppliers.behaviour = Behaviour(is_refusing=True)
    shop.fulfil()
    assert shop.redemption().state is RedemptionState.REFUSED
    assert shop.account().points == a_buyer().points
    assert (shop.account().available_mg, shop.account().held_mg) == (2_000_000, 0)
    assert (shop.left(), shop.used(), shop.kinds()) == (10, 0, ["hold", "release"])
    assert code(shop) is None


@pytest.mark.parametrize("is_refusing", [False, True])
def test_a_lost_reply_ends_the_hold_once(shop, is_refusing):
    shop.suppliers.behaviour = Behaviour(is_refusing=is_refusing)
    shop.store.lost_replies = 1
    done = shop.fulfil()
    assert done.failed == frozenset()
    assert len(shop.kinds()) == 2
    assert shop.account().points.held == 0
    assert shop.left() == (10 if is_refusing else 9)


def test_a_store_that_cannot_be_written_brings_the_message_again(shop):
    shop.store.trouble.extend([busy] * ATTEMPTS_MAX)
    redemption_id = shop.redemption().redemption_id
    assert shop.fulfil(redemption_id).failed == {"m0"}
    assert shop.fulfil(redemption_id).failed == frozenset()
    assert [code(shop)] == issued(shop)


def test_a_key_that_is_out_of_reach_brings_the_message_again(shop):
    redemption_id = shop.redemption().redemption_id
    shop.vouchers.busy = True
    assert shop.fulfil(redemption_id).failed == {"m0"}
    shop.vouchers.busy = False
    shop.fulfil(redemption_id)
    assert [code(shop)] == issued(shop)


def test_one_bad_message_spoils_no_other(shop):
    done = shop.fulfil("unknown", shop.redemption().redemption_id)
    assert done.failed == {"m0"}
    assert shop.redemption().state is SETTLED


def test_what_has_ended_is_not_ordered_again(shop):
    shop.fulfil(shop.redemption().redemption_id)
    shop.fulfil(shop.redemption().redemption_id)
    assert shop.suppliers.asked == ["order.create"]


def test_a_closed_account_s_hold_is_settled_too(shop):
    closed, _ = close(shop.account(), shop.now)
    shop.store.add(closed)
    shop.fulfil()
    assert shop.redemption().state is SETTLED
    assert shop.account().points.held == 0
    assert not shop.account().is_open


def test_a_voucher_for_what_was_given_back_is_told(shop):
    redemption_id = shop.redemption().redemption_id
    shop.suppliers.behaviour = Behaviour(is_forgetful=True)
    # The supplier calls the order off, and issues it all the same.
    shop.suppliers.meanwhile.append(shop.cancel)
    done = shop.fulfil(redemption_id)
    assert done.unclaimed == 1
    assert shop.redemption().state is RedemptionState.CANCELLED
    assert shop.kinds() == ["hold", "release"]
    assert code(shop) is None


def test_a_voucher_is_shown_to_its_owner_only(shop):
    shop.fulfil()
    shop.buyer(a_buyer("a2"))
    with pytest.raises(RedemptionNotFoundError):
        get_redemption(
            shop.accounts,
            shop.documents,
            shop.vouchers,
            subject_hash="subject-a2",
            redemption_id=shop.redemption().redemption_id,
        )


def test_redemptions_are_listed_newest_first_page_by_page(shop):
    for number in (2, 3):
        shop.pass_time(minutes=1)
        shop.redeem(key=f"key-{number}")
    shop.pass_time(minutes=1)
    shop.fulfil(shop.redemption("key-1").redemption_id)

    def page(cursor=None, limit=2):
        return list_redemptions(
            shop.accounts,
            FakeEntries(shop.store),
            shop.documents,
            subject_hash="subject-a1",
            limit=limit,
            cursor=cursor,
        )

    first, cursor = page()
    second, end = page(cursor)
    # The first page looks at a settlement and a hold.
    assert [each.redemption_id for each in (*first, *second)] == [
        shop.redemption(f"key-{number}").redemption_id for number in (3, 2, 1)
    ]
    assert (len(first), end) == (1, None)
    assert second[-1].state is SETTLED
    with pytest.raises(InvalidCursorError):
        page("AAAA")


def test_a_redemption_keeps_the_terms_that_were_agreed(shop):
    agreed = shop.redemption().texts
    changed = {**agreed, "en": {"title": "Tea", "terms": "Half a cup."}}
    shop.publish(replace(a_benefit(points=30, reduction_mg=500_000), texts=changed))
    shop.fulfil()
    assert shop.redemption().texts == agreed
