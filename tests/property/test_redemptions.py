"""In whatever order redemptions are asked for, ordered, cancelled and expire: every hold ends once,
and no point, milligram or unit is lost or made.

Suppliers are slow, fail, refuse, forget and answer too late; commits stand whose reply was lost.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.supplier import Behaviour
from shared.domain.benefit import StockBlock
from shared.domain.errors import CarbonAccountError
from shared.domain.lots import hold_key
from shared.domain.movement import MovementKind
from shared.domain.redemption import (
    TRANSITIONS,
    Redemption,
    RedemptionState,
    end_key,
    redemption_id_for,
)
from tests.support.redeeming import Shop, a_benefit, a_buyer

BUYERS = ("a1", "a2")
STOCK = 3
POINTS, REDUCTION_MG = 100, 2_000_000
BENEFITS = (
    a_benefit("coffee", points=30, stock=STOCK, block_size=2, per_person=2),
    a_benefit("tree", points=0, reduction_mg=700_000, stock=STOCK, block_size=1),
    a_benefit("book", points=10, reduction_mg=300_000, stock=STOCK),
)


class Step(NamedTuple):
    """What happens next, and to whom; `hours` pass before it."""

    kind: str
    buyer: str
    benefit: str
    key: int
    hours: int
    behaviour: Behaviour
    lost_replies: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["redeem", "redeem", "fulfil", "fulfil", "cancel", "reconcile"]),
        st.sampled_from(BUYERS),
        st.sampled_from([each.benefit_id for each in BENEFITS]),
        st.integers(0, 4),
        st.sampled_from([0, 0, 0, 1, 12, 25]),
        st.builds(
            Behaviour,
            errors=st.integers(0, 2),
            pending=st.integers(0, 2),
            lost=st.integers(0, 2),
            is_refusing=st.booleans(),
            is_forgetful=st.booleans(),
        ),
        st.sampled_from([0, 0, 0, 1, 2]),
    ),
    max_size=30,
)


def take(shop: Shop, step: Step) -> None:
    shop.pass_time(hours=step.hours)
    shop.suppliers.behaviour = step.behaviour
    shop.store.lost_replies = step.lost_replies
    key = f"key-{step.key}"
    with suppress(CarbonAccountError):
        match step.kind:
            case "redeem":
                shop.redeem(step.benefit, key, step.buyer, request=step.benefit)
            case "fulfil":
                shop.fulfil(redemption_id_for(step.buyer, key), account_id=step.buyer)
            case "cancel":
                shop.cancel(key, step.buyer)
            case "reconcile":
                shop.reconcile()
    shop.store.lost_replies = 0


def redemptions(shop: Shop) -> list[Redemption]:
    return [each for each in shop.store.documents.values() if isinstance(each, Redemption)]


def check(shop: Shop, before: dict[str, Redemption]) -> None:
    every = redemptions(shop)
    counted = {RedemptionState.HELD, RedemptionState.SETTLED}
    for redemption in every:
        was = before.get(redemption.redemption_id)
        if was is not None and was.state is not redemption.state:
            assert redemption.state in TRANSITIONS[was.state]
        require_lines(shop, redemption)
    for buyer in BUYERS:
        own = [each for each in every if each.account_id == buyer]
        held = [each for each in own if each.is_held]
        settled = [each for each in own if each.state is RedemptionState.SETTLED]
        account = shop.account(buyer)
        assert account.points.held == sum(each.price.points for each in held)
        assert account.held_mg == sum(each.price.reduction_mg for each in held)
        spent = sum(each.price.points for each in settled)
        assert account.points.amount + account.points.held + spent == POINTS
        spent_mg = sum(each.price.reduction_mg for each in settled)
        assert account.available_mg + account.held_mg + spent_mg == REDUCTION_MG
        assert account.available_mg >= 0
        uses = Counter(each.benefit_id for each in own if each.state in counted)
        for benefit in BENEFITS:
            assert shop.used(benefit.benefit_id, buyer) == uses[benefit.benefit_id]
            assert uses[benefit.benefit_id] <= (benefit.per_person or STOCK)
    for benefit in BENEFITS:
        taken = [each for each in every if each.benefit_id == benefit.benefit_id]
        by_block = Counter(each.block for each in taken if each.state in counted)
        blocks, _ = shop.documents.of_owner(StockBlock, benefit.benefit_id, limit=100)
        assert {each.number: each.taken for each in blocks if each.taken} == by_block


def require_lines(shop: Shop, redemption: Redemption) -> None:
    """The ledger has the hold, and one end where the redemption has ended."""
    lines = shop.store.movements
    assert lines[hold_key(redemption.redemption_id)].kind is MovementKind.HOLD
    end = lines.get(end_key(redemption.redemption_id))
    if redemption.is_held:
        assert end is None
        assert redemption.voucher is None
        assert redemption.due_at is not None
        return
    is_settled = redemption.state is RedemptionState.SETTLED
    assert end is not None
    assert end.kind is (MovementKind.SETTLEMENT if is_settled else MovementKind.RELEASE)
    assert (redemption.voucher is not None) == is_settled
    assert redemption.due_at is None


@settings(max_examples=300)
@given(steps)
def test_a_hold_ends_once_and_nothing_is_lost_or_made(taken):
    shop = Shop(*BENEFITS)
    for buyer in BUYERS:
        shop.buyer(a_buyer(buyer))
    for step in taken:
        before = {each.redemption_id: each for each in redemptions(shop)}
        take(shop, step)
        check(shop, before)

    # When suppliers are well again, everything comes to its end.
    shop.suppliers.behaviour = Behaviour()
    for _ in range(3):
        shop.pass_time(hours=25)
        before = {each.redemption_id: each for each in redemptions(shop)}
        shop.reconcile()
        check(shop, before)
    assert not any(each.is_held for each in redemptions(shop))


@settings(max_examples=300)
@given(steps)
def test_a_good_supplier_issues_nothing_that_is_not_paid_for(taken):
    shop = Shop(*BENEFITS)
    for buyer in BUYERS:
        shop.buyer(a_buyer(buyer))
    for step in taken:
        take(shop, step._replace(behaviour=replace(step.behaviour, is_forgetful=False)))
    settled = {
        each.redemption_id for each in redemptions(shop) if each.state is RedemptionState.SETTLED
    }
    held = {each.redemption_id for each in redemptions(shop) if each.is_held}
    issued = {name for name, order in shop.suppliers.orders.items() if order.state == "issued"}
    assert settled <= issued <= settled | held


def test_the_steps_reach_every_end():
    """A generator that never got anywhere would prove nothing."""
    shop = Shop(*BENEFITS)
    for buyer in BUYERS:
        shop.buyer(a_buyer(buyer))
    good, refusing = Behaviour(), Behaviour(is_refusing=True)
    take(shop, Step("redeem", "a1", "tree", 0, 0, good, 0))
    take(shop, Step("fulfil", "a1", "tree", 0, 0, good, 1))
    take(shop, Step("redeem", "a1", "tree", 1, 0, good, 1))
    take(shop, Step("cancel", "a1", "tree", 1, 0, good, 1))
    take(shop, Step("redeem", "a1", "tree", 2, 0, good, 0))
    take(shop, Step("fulfil", "a1", "tree", 2, 0, refusing, 0))
    take(shop, Step("redeem", "a1", "tree", 3, 0, good, 0))
    take(shop, Step("reconcile", "a1", "tree", 3, 25, good, 0))
    take(shop, Step("redeem", "a1", "tree", 4, 0, good, 0))
    assert {each.state for each in redemptions(shop)} == set(RedemptionState)
