from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.consent import CARBON_POOL, PLATFORM, ConsentKey
from shared.domain.contribution import (
    LOTS_NAMED_MAX,
    ContributionState,
    LotShare,
    buy_back,
    contribute,
)
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    ConsentRequiredError,
    InsufficientReductionsError,
    PoolNotOpenError,
)
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.lots import Fate, trace
from shared.domain.measurement import NOTHING
from shared.domain.merkle import MerklePeaks, merkle_root
from shared.domain.movement import MovementKind
from shared.domain.points import PointsBalance
from shared.domain.pool import (
    GATES,
    SHARDS,
    TRANSITIONS,
    Payout,
    Pool,
    PoolState,
    PoolTerms,
    Walk,
    gate_of,
    new_contribution_id,
    shard_of,
)
from tests.support.builders import BOOKED_AT, METRO_KEY, OPENED_AT, a_posting, an_account, at

CONSENT = ConsentKey(CARBON_POOL, PLATFORM)
SPEND_BY = date(2027, 12, 31)
LATER = BOOKED_AT + timedelta(hours=1)
TEXTS = {"en": "Autumn", "zh-Hans": "秋季"}
TERMS = PoolTerms(
    title=TEXTS,
    market=TEXTS,
    opens_at=at("2026-11-01T00:00:00+08:00"),
    closes_at=at("2026-12-01T00:00:00+08:00"),
    target_mg=1_000_000,
    points_per_kg=10,
)


def a_pool(**changes):
    return Pool("autumn-2026", replace(TERMS, **changes), opened_at=OPENED_AT)


def rider(consents=(METRO_KEY, CONSENT), rides=1):
    account = an_account("a1", consents)
    postings = [a_posting(f"ride-{number}") for number in range(rides)]
    decision = decide_credits(account, postings, BOOKED_AT)
    return decision.account, list(decision.entries)


def contributed(account, lines, reduction_mg, pool=None, now=LATER, contribution_id="c2"):
    return contribute(
        account,
        pool or a_pool(),
        contribution_id=contribution_id,
        reduction_mg=reduction_mg,
        parts=trace(lines).preview(reduction_mg),
        payload_digest="d",
        now=now,
    )


def test_a_pool_has_sound_terms():
    for wrong in (
        {"closes_at": TERMS.opens_at},
        {"points_per_kg": -1},
        {"points_per_kg": 1_001},
        {"target_mg": 0},
        {"target_mg": 10**15 + 1},
    ):
        with pytest.raises(ValueError, match=r"A "):
            a_pool(**wrong)


def test_reductions_leave_for_the_pool_with_the_lots_that_they_are():
    account, lines = rider(rides=2)
    given = contributed(account, lines, 300_000)
    first, second = lines
    assert (given.line.kind, given.line.key) == (MovementKind.CONTRIBUTION, "contribution#c2")
    assert (given.line.about, given.line.reduction_mg) == ("autumn-2026", -300_000)
    assert given.moving.after.available_mg == 109_216
    contribution = given.contribution
    assert contribution.total == given.line.backing
    assert contribution.total.reduction_mg == 300_000
    assert contribution.line == given.line.hash
    assert contribution.lots == (LotShare(first.hash, 204_608), LotShare(second.hash, 95_392))
    assert contribution.lots_count == 2
    assert (contribution.state, contribution.points) == (ContributionState.POOLED, 0)
    lots = trace([*lines, given.line]).lots
    assert [lot.fates().get(Fate.POOLED) for lot in lots] == [204_608, 95_392]
    assert (given.note.owner, given.note.name) == ("a1", "2026-11-10T05:00:00.000Z#c2")


def test_only_some_lots_are_named_and_the_digest_covers_all():
    account, lines = rider(rides=LOTS_NAMED_MAX + 2)
    all_but_one = contributed(account, lines, 204_608 * (LOTS_NAMED_MAX + 1)).contribution
    everything = contributed(account, lines, 204_608 * (LOTS_NAMED_MAX + 2)).contribution
    assert len(everything.lots) == len(all_but_one.lots) == LOTS_NAMED_MAX
    assert everything.lots == all_but_one.lots
    assert (everything.lots_count, all_but_one.lots_count) == (42, 41)
    assert everything.lots_digest != all_but_one.lots_digest


def test_without_the_consent_nothing_is_pooled():
    for consents in ((METRO_KEY,), (METRO_KEY, ConsentKey(CARBON_POOL, "metro-demo"))):
        account, lines = rider(consents)
        with pytest.raises(ConsentRequiredError):
            contributed(account, lines, 1_000)


@pytest.mark.parametrize(
    ("now", "takes"),
    [
        ("2026-11-30T23:59:59.999+08:00", True),
        ("2026-12-01T00:00:00+08:00", False),
    ],
)
def test_a_pool_takes_contributions_until_before_it_closes(now, takes):
    account, lines = rider()
    assert a_pool().takes(at(now)) is takes
    if takes:
        assert contributed(account, lines, 1_000, now=at(now)).line.booked_at == at(now)
        return
    with pytest.raises(PoolNotOpenError):
        contributed(account, lines, 1_000, now=at(now))


def test_a_pool_that_has_not_opened_or_is_closing_takes_none():
    account, lines = rider()
    early = a_pool(opens_at=LATER + timedelta(milliseconds=1))
    for pool in (early, a_pool().closing(), replace(a_pool(), state=PoolState.PAID)):
        with pytest.raises(PoolNotOpenError):
            contributed(account, lines, 1_000, pool)
    assert contributed(account, lines, 1_000, a_pool(opens_at=LATER)).line.reduction_mg == -1_000


def test_no_more_is_contributed_than_there_is_and_nothing_by_who_owes():
    account, lines = rider()
    with pytest.raises(InsufficientReductionsError):
        contributed(account, lines, 204_609)
    for owing in (
        replace(account, moved_mg=-204_609),
        replace(account, points=PointsBalance(debt=1)),
    ):
        with pytest.raises(AccountInDebtError):
            contributed(owing, lines, 1_000)


@pytest.mark.parametrize(
    ("reduction_mg", "points"), [(99_999, 0), (100_000, 1), (199_999, 1), (204_608, 2)]
)
def test_points_are_paid_for_kilograms_rounded_down(reduction_mg, points):
    account, lines = rider()
    given = contributed(account, lines, reduction_mg)
    moving, settled = buy_back(given.moving.after, given.contribution, a_pool(), SPEND_BY, LATER)
    assert (settled.state, settled.points) == (ContributionState.BOUGHT_BACK, points)
    assert (settled.settled_at, settled.version) == (LATER, 2)
    assert moving.after.points.available == ({SPEND_BY: points} if points else {})
    assert [(each.kind, each.key) for each in moving.movements] == (
        [(MovementKind.BUYBACK, "buyback#c2")] if points else []
    )
    flows = add_flows(map(flows_of, [*lines, given.line, *moving.movements]))
    assert is_balanced(flows)
    assert flows.get("points_issued", 0) == points


def test_a_buyback_pays_what_is_owed_first():
    account, lines = rider()
    given = contributed(account, lines, 204_608)
    owing = replace(given.moving.after, points=PointsBalance(debt=5))
    moving, settled = buy_back(owing, given.contribution, a_pool(), SPEND_BY, LATER)
    assert moving.after.points == PointsBalance(debt=3)
    assert settled.points == 2


def test_a_contribution_is_settled_once():
    account, lines = rider()
    given = contributed(account, lines, 204_608)
    _, settled = buy_back(given.moving.after, given.contribution, a_pool(), SPEND_BY, LATER)
    for state in ContributionState:
        with pytest.raises(AssertionError):
            settled.settled(state, 2, LATER)


def test_a_pool_goes_one_way():
    pool = a_pool()
    with pytest.raises(AssertionError):
        pool.sealed(LATER)
    with pytest.raises(AssertionError):
        pool.done()
    closing = pool.closing().shut()
    assert (closing.state, closing.gates_closed, closing.version) == (PoolState.CLOSING, True, 3)
    with pytest.raises(AssertionError):
        closing.closing()
    assert [state for state in PoolState if not TRANSITIONS[state]] == [
        PoolState.PAID,
        PoolState.CANCELLED,
    ]


def test_a_pool_is_sealed_with_all_that_was_added_up():
    account, lines = rider()
    first = contributed(account, lines, 100_000, contribution_id="cz").contribution
    second = contributed(account, lines, 50_000, contribution_id="c2").contribution
    over = Walk(-1)
    peaks = MerklePeaks().with_leaf(first.leaf).with_leaf(second.leaf)
    pool = a_pool().closing().shut().counted(first.total + second.total, 2, peaks, over)
    sealed = pool.sealed(LATER)
    assert sealed.state is PoolState.CLOSED
    assert (sealed.lot.count, sealed.lot.total.reduction_mg) == (2, 150_000)
    assert sealed.lot.root == merkle_root([first.leaf, second.leaf])
    assert (sealed.lot.sealed_at, sealed.walk) == (LATER, Walk())
    paid = sealed.paid(Payout(1, 1, 0), Walk(3, "c2")).paid(Payout(4, 1, 1), over).done()
    assert (paid.state, paid.payout) == (PoolState.PAID, Payout(5, 2, 1))
    assert paid.lot == sealed.lot


def test_a_pool_that_nobody_contributed_to_is_cancelled():
    pool = a_pool().closing().shut().counted(NOTHING, 0, MerklePeaks(), Walk(-1)).sealed(LATER)
    assert (pool.state, pool.lot) == (PoolState.CANCELLED, None)


def test_what_a_leaf_covers_cannot_be_changed_without_changing_it():
    account, lines = rider()
    contribution = contributed(account, lines, 100_000).contribution
    for change in (
        {"contribution_id": "c3"},
        {"line": "f" * 64},
        {"lots_digest": "f" * 64},
        {"total": NOTHING},
    ):
        assert replace(contribution, **change).leaf != contribution.leaf
    assert replace(contribution, state=ContributionState.BOUGHT_BACK).leaf == contribution.leaf


def test_contributions_are_spread_over_lists_and_gates_and_lists_keep_the_order_of_ids():
    ids = sorted(new_contribution_id("a1", f"key-{number}") for number in range(2_000))
    assert {shard_of(each) for each in ids} == set(range(SHARDS))
    assert {gate_of(each) for each in ids} == set(range(GATES))
    assert [shard_of(each) for each in ids] == sorted(shard_of(each) for each in ids)
