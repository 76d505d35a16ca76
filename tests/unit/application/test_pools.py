"""Pools: every contribution is in one lot, and paid for once, whatever dies or comes between."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.application.changing import ATTEMPTS_MAX
from shared.application.close_account import close_account
from shared.application.close_pool import CONTRIBUTIONS_PER_STEP, close_pool
from shared.application.contribute_reductions import contribute_reductions
from shared.application.list_contributions import list_contributions
from shared.application.list_pools import list_pools
from shared.application.open_pool import open_pool
from shared.application.ports import AccountChange, Write
from shared.domain.consent import CARBON_POOL, PLATFORM, ConsentKey
from shared.domain.contribution import Contribution, ContributionState
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    AccountNotFoundError,
    BusyError,
    ConsentRequiredError,
    IdempotencyConflictError,
    InsufficientReductionsError,
    InvalidCursorError,
    InvalidRequestError,
    PoolNotFoundError,
    PoolNotOpenError,
    StaleAccountError,
)
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.lots import Fate, trace
from shared.domain.merkle import merkle_root
from shared.domain.movement import MovementKind
from shared.domain.points import PointsBalance
from shared.domain.points_policy import PointsPolicies, PointsPolicy, PointsRate
from shared.domain.pool import GATES, Payout, Pool, PoolGate, PoolState, PoolTerms, Walk
from tests.support.builders import BOOKED_AT, METRO_KEY, OPENED_AT, a_posting, an_account, at
from tests.support.dying import Death, Dying
from tests.support.fakes import (
    FakeAccounts,
    FakeConsents,
    FakeDocuments,
    FakeEntries,
    Store,
    busy,
    no_pause,
)
from tests.support.killing import KilledError

CONSENTS = (METRO_KEY, ConsentKey(CARBON_POOL, PLATFORM))
TEXTS = {"en": "Autumn", "zh-Hans": "秋季"}
TERMS = PoolTerms(
    title=TEXTS,
    market=TEXTS,
    opens_at=at("2026-11-01T00:00:00+08:00"),
    closes_at=at("2026-12-01T00:00:00+08:00"),
    target_mg=1_000_000,
    points_per_kg=10,
)
POLICIES = PointsPolicies.of(
    [
        PointsPolicy(
            policy_id="test", version="1", effective_from=date(2026, 1, 1), spend_through_years=1,
            day_cap=60, month_cap=600, otherwise=PointsRate(0, 10), scenarios={}, title=TEXTS,
        )
    ]
)  # fmt: skip
SPEND_BY = date(2027, 12, 31)
LATER = BOOKED_AT + timedelta(hours=1)
CLOSING = at("2026-12-02T09:00:00+08:00")
PEOPLE = 4


def a_store(people=PEOPLE):
    """a1 of `me-1`, a2 of `me-2` ... have 204.608 g each, and `autumn` is open."""
    store = Store()
    for number in range(1, people + 1):
        account = store.add(an_account(f"a{number}", CONSENTS), f"me-{number}")
        decision = decide_credits(account, [a_posting(f"ride-of-{number}")], BOOKED_AT)
        FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
    opened(store)
    return store


@pytest.fixture
def store():
    return a_store()


def opened(store, pool_id="autumn", terms=TERMS, now=OPENED_AT, policies=POLICIES):
    documents = FakeDocuments(store)
    return open_pool(documents, policies, pool_id=pool_id, terms=terms, now=now, pause=no_pause)


def contribute(store, number=1, reduction_mg=150_000, *, key="key-1", dry_run=False, **changes):
    return contribute_reductions(
        changes.pop("accounts", FakeAccounts(store)),
        changes.pop("lines", FakeEntries(store)),
        changes.pop("documents", FakeDocuments(store)),
        subject_hash=changes.pop("subject", f"me-{number}"),
        idempotency_key=key,
        pool_id=(pool_id := changes.pop("pool_id", "autumn")),
        reduction_mg=reduction_mg,
        request_digest=f"{pool_id} {reduction_mg}",
        now=changes.pop("now", LATER),
        is_dry_run=dry_run,
        pause=no_pause,
    )


def close(store, now=CLOSING, pool_id="autumn", accounts=None, documents=None):
    return close_pool(
        accounts or FakeAccounts(store),
        documents or FakeDocuments(store),
        POLICIES,
        pool_id=pool_id,
        now=now,
        pause=no_pause,
    )


def leave(store, number):
    close_account(
        FakeAccounts(store),
        FakeConsents(store),
        FakeDocuments(store),
        subject_hash=f"me-{number}",
        now=LATER,
        pause=no_pause,
    )


def listed(store, number=1, limit=10, cursor=None):
    return list_contributions(
        FakeAccounts(store),
        FakeDocuments(store),
        subject_hash=f"me-{number}",
        limit=limit,
        cursor=cursor,
    )


def contributions(store):
    return [each for each in store.documents.values() if isinstance(each, Contribution)]


def buybacks(store):
    kind = MovementKind.BUYBACK
    return [each for each in store.movements.values() if each.kind is kind]


def facts(store):
    return dict(store.accounts), dict(store.movements), dict(store.documents)


def flows(store):
    return add_flows(flows_of(line) for each in store.accounts for line in store.lines_of(each))


def require_closed_well(store, pool, contributed_mg, points):
    """The lot is the contributions, each is paid for once, and the platform's sums agree."""
    found = sorted(contributions(store), key=lambda each: each.contribution_id, reverse=True)
    assert pool.state is PoolState.PAID
    assert (pool.lot.count, pool.lot.total.reduction_mg) == (len(found), contributed_mg)
    assert pool.lot.root == merkle_root([each.leaf for each in found])
    assert len({each.leaf for each in found}) == len(found)
    assert all(each.state is not ContributionState.POOLED for each in found)
    assert sum(each.points.amount for each in buybacks(store)) == points == pool.payout.points
    sums = flows(store)
    assert is_balanced(sums)
    assert (sums.get("pooled_mg", 0), sums.get("points_issued", 0)) == (contributed_mg, points)


# Opening


def test_a_pool_is_opened_with_its_gates_and_is_listed(store):
    [pool] = list_pools(FakeDocuments(store))
    assert (pool.pool_id, pool.state, pool.terms) == ("autumn", PoolState.OPEN, TERMS)
    gates = [each for each in store.documents.values() if isinstance(each, PoolGate)]
    assert sorted(each.number for each in gates) == list(range(GATES))
    assert all(each.is_open for each in gates)


def test_the_same_pool_again_is_the_one_that_stands(store):
    contribute(store)
    before = facts(store)
    assert opened(store, now=LATER).opened_at == OPENED_AT
    with pytest.raises(InvalidRequestError, match="other terms"):
        opened(store, terms=replace(TERMS, points_per_kg=11))
    assert facts(store) == before


def test_a_pool_whose_answer_was_lost_is_opened_once():
    class Losing(FakeDocuments):
        def put(self, *writes):
            super().put(*writes)
            if not lost:
                lost.append(writes)
                raise BusyError

    store = Store()
    lost: list[tuple[Write, ...]] = []
    pool = open_pool(
        Losing(store), POLICIES, pool_id="autumn", terms=TERMS, now=OPENED_AT, pause=no_pause
    )
    assert list_pools(FakeDocuments(store)) == [pool]


def test_a_pool_that_could_take_nothing_or_pay_nothing_is_not_opened(store):
    with pytest.raises(InvalidRequestError, match="closed from the beginning"):
        opened(store, "late", now=TERMS.closes_at)
    with pytest.raises(InvalidRequestError, match="No points policy"):
        opened(store, "unpaid", policies=PointsPolicies())
    assert len(list_pools(FakeDocuments(store))) == 1


# Contributing


def test_a_contribution_leaves_for_good_and_can_be_traced(store):
    moved = contribute(store)
    assert (moved.is_repeat, moved.value.about) == (False, "autumn")
    assert store.accounts["a1"].available_mg == 54_608
    [pooled], _ = listed(store)
    contribution = pooled.contribution
    [entry, line] = store.lines_of("a1")
    assert [(each.lot, each.reduction_mg) for each in contribution.lots] == [(entry.hash, 150_000)]
    assert contribution.line == line.hash == moved.value.hash
    assert trace([entry, line]).lots[0].fates() == {Fate.AVAILABLE: 54_608, Fate.POOLED: 150_000}
    with pytest.raises(InsufficientReductionsError):
        contribute(store, reduction_mg=54_609, key="key-2")
    contribute(store, reduction_mg=54_608, key="key-2")


def test_a_dry_run_answers_the_same_and_changes_nothing(store):
    before = facts(store)
    rehearsed = contribute(store, dry_run=True)
    assert facts(store) == before
    assert contribute(store).value == rehearsed.value


def test_the_same_request_ten_times_is_one_contribution(store):
    answers = [contribute(store) for _ in range(10)]
    assert len({each.value.hash for each in answers}) == len(contributions(store)) == 1
    assert [each.is_repeat for each in answers] == [False] + [True] * 9


def test_the_answer_stays_when_the_pool_is_closed(store):
    first = contribute(store).value
    close(store)
    again = contribute(store, now=CLOSING)
    assert (again.value, again.is_repeat) == (first, True)


@pytest.mark.parametrize("changed", [{"reduction_mg": 1_000}, {"pool_id": "winter"}])
def test_a_key_is_for_one_request(store, changed):
    opened(store, "winter")
    contribute(store)
    with pytest.raises(IdempotencyConflictError):
        contribute(store, **changed)
    assert len(contributions(store)) == 1


def test_who_has_not_consented_owes_or_is_nobody_contributes_nothing(store):
    store.add(replace(an_account("a8"), moved_mg=1_000), "me-8")
    store.add(replace(an_account("a9", CONSENTS), points=PointsBalance(debt=1)), "me-9")
    before = facts(store)
    for number, refusal in ((8, ConsentRequiredError), (9, AccountInDebtError)):
        with pytest.raises(refusal):
            contribute(store, number, 1_000, lines=Rows(store))
    with pytest.raises(AccountNotFoundError):
        contribute(store, subject="nobody")
    with pytest.raises(PoolNotFoundError):
        contribute(store, pool_id="winter")
    assert facts(store) == before


class Rows(FakeEntries):
    """Lines that explain the balance of an account that was made up."""

    def lines(self, account_id, *, limit):
        return []


def test_a_lost_answer_is_a_contribution_once(store):
    store.lost_replies = 1
    assert contribute(store).is_repeat
    assert len(contributions(store)) == 1
    assert store.accounts["a1"].available_mg == 54_608


def test_lost_races_are_tried_again_and_a_busy_store_changes_nothing(store):
    def stale():
        raise StaleAccountError

    before = facts(store)
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        contribute(store)
    assert facts(store) == before
    store.trouble.extend([stale, busy])
    assert not contribute(store).is_repeat


def test_a_consent_that_is_withdrawn_just_before_the_commit_stands(store):
    account = store.accounts["a1"]
    store.trouble.append(
        lambda: store.add(replace(account, version=account.version + 1, consents={}), "me-1")
    )
    with pytest.raises(ConsentRequiredError):
        contribute(store)


def test_a_pool_that_closes_just_before_the_commit_takes_nothing(store):
    contribute(store, 2)
    closed = []
    store.trouble.append(lambda: closed.append(close(store)))
    with pytest.raises(PoolNotOpenError):
        contribute(store)
    [pool] = closed
    require_closed_well(store, pool, 150_000, 1)
    assert store.accounts["a1"].available_mg == 204_608


def test_a_gate_that_closes_just_before_the_commit_stops_what_read_an_open_pool(store):
    # The pool still reads as open, but every gate is closed: a call died, or lags behind.
    def shut():
        for each in list(store.documents.values()):
            if isinstance(each, PoolGate):
                store.put_document(Write(each.closed(), each))

    store.trouble.append(shut)
    with pytest.raises(PoolNotOpenError):
        contribute(store)
    assert contributions(store) == []


# Closing


def test_a_pool_is_sealed_as_one_lot_and_everybody_is_paid_once(store):
    for number in range(1, PEOPLE + 1):
        contribute(store, number, 100_000 + number)
    # 99.999 g are worth no point at ten a kilogram.
    contribute(store, 4, 99_999, key="key-2")
    pool = close(store)
    require_closed_well(store, pool, 500_009, 4)
    assert pool.payout == Payout(points=4, bought_back=5, account_closed=0)
    assert pool.lot.sealed_at == CLOSING
    assert [store.accounts[f"a{number}"].points.available for number in (1, 2, 3, 4)] == [
        {SPEND_BY: 1}
    ] * 4
    [first, second], _ = listed(store, 4)
    assert {first.contribution.points, second.contribution.points} == {0, 1}
    assert first.pool.lot == second.pool.lot == pool.lot


def test_closing_again_changes_nothing(store):
    contribute(store)
    pool = close(store)
    before = facts(store)
    assert close(store, now=CLOSING + timedelta(days=400)) == pool
    assert facts(store) == before


def test_a_pool_may_be_closed_before_its_time(store):
    contribute(store)
    assert close(store, now=LATER).state is PoolState.PAID
    with pytest.raises(PoolNotOpenError):
        contribute(store, 2)


def test_a_pool_that_nobody_contributed_to_is_cancelled(store):
    pool = close(store)
    assert (pool.state, pool.lot, pool.payout) == (PoolState.CANCELLED, None, Payout())
    assert close(store) == pool


def test_nobody_closes_a_pool_that_is_not_there(store):
    with pytest.raises(PoolNotFoundError):
        close(store, pool_id="winter")


def test_pools_do_not_take_from_one_another(store):
    opened(store, "winter")
    contribute(store, 1)
    contribute(store, 2, pool_id="winter")
    assert close(store).lot.total.reduction_mg == 150_000
    assert [each.pool_id for each in contributions(store) if not each.settled_at] == ["winter"]


def test_a_closed_account_is_passed_over_and_said_so(store):
    contribute(store, 1)
    contribute(store, 2)
    leave(store, 2)
    pool = close(store)
    assert pool.payout == Payout(points=1, bought_back=1, account_closed=1)
    assert (pool.lot.count, pool.lot.total.reduction_mg) == (2, 300_000)
    states = {each.account_id: each.state for each in contributions(store)}
    assert states == {"a1": ContributionState.BOUGHT_BACK, "a2": ContributionState.ACCOUNT_CLOSED}
    assert [each.account_id for each in buybacks(store)] == ["a1"]


def test_an_account_that_closes_just_before_it_is_paid_is_passed_over(store):
    contribute(store)
    store.trouble.append(lambda: leave(store, 1))
    pool = close(store)
    assert pool.payout == Payout(points=0, bought_back=0, account_closed=1)
    assert buybacks(store) == []


def test_a_buyback_pays_a_debt_first(store):
    contribute(store)
    store.add(replace(store.accounts["a1"], points=PointsBalance(debt=3)), "me-1")
    close(store)
    assert store.accounts["a1"].points == PointsBalance(debt=2)


def test_a_lost_answer_is_a_buyback_once(store):
    contribute(store)
    store.lost_replies = 1
    require_closed_well(store, close(store), 150_000, 1)
    assert len(buybacks(store)) == 1


def test_one_call_is_bounded_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr("shared.application.close_pool.CONTRIBUTIONS_PER_STEP", 1)
    monkeypatch.setattr("shared.application.close_pool.STEPS_PER_CALL_MAX", 3)
    store = a_store()
    for number in range(1, PEOPLE + 1):
        contribute(store, number)
    calls = [close(store)]
    while calls[-1].state is not PoolState.PAID:
        calls.append(close(store, now=CLOSING + len(calls) * timedelta(minutes=1)))
        assert len(calls) < 20
    require_closed_well(store, calls[-1], 600_000, 4)
    assert len(calls) > 3
    sealed = {each.lot for each in calls if each.lot}
    assert len(sealed) == 1


def test_more_contributions_than_a_step_takes_are_all_in_the_lot():
    store = a_store(people=1)
    count = CONTRIBUTIONS_PER_STEP + 5
    for number in range(count):
        contribute(store, 1, 1_000, key=f"key-{number}")
    pool = close(store)
    require_closed_well(store, pool, count * 1_000, 0)
    assert (pool.count, pool.payout.bought_back) == (count, count)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whoever_dies_at_any_call_of_a_closing_comes_to_the_same_end(after):
    def filled():
        store = a_store()
        for number in range(1, PEOPLE + 1):
            contribute(store, number, 100_000 * (1 + number % 2))
        leave(store, PEOPLE)
        return store

    whole = filled()
    death = Death(at=0)
    wanted = close(
        whole,
        accounts=Dying(FakeAccounts(whole), death),
        documents=Dying(FakeDocuments(whole), death),
    )
    require_closed_well(whole, wanted, 600_000, 5)
    assert death.calls > 50
    for at_call in range(1, death.calls + 1):
        store = filled()
        dying = Death(at_call, after)
        with pytest.raises(KilledError):
            close(
                store,
                accounts=Dying(FakeAccounts(store), dying),
                documents=Dying(FakeDocuments(store), dying),
            )
        assert close(store) == wanted
        assert facts(store) == facts(whole)


def test_two_who_close_at_once_come_to_the_same_end(store):
    for number in range(1, PEOPLE + 1):
        contribute(store, number)
    others: list[Pool | None] = []

    class Interrupted(FakeDocuments):
        def get(self, kind, owner, name):
            found = super().get(kind, owner, name)
            # Another call goes all the way between a read and its write, several times.
            if kind is Pool and len(others) < 3:
                others.append(found)
                if len(others) == 2:
                    close(store)
            return found

    pool = close(store, documents=Interrupted(store))
    require_closed_well(store, pool, 600_000, 4)
    assert len(buybacks(store)) == 4


def test_the_last_day_to_spend_is_that_of_when_the_lot_was_sealed(store):
    contribute(store)
    # It was sealed in 2026, and a call that broke off is gone on with in 2027.
    sealed = at("2026-12-31T23:59:59+08:00")
    dying = Dying(FakeAccounts(store), Death(1))
    with pytest.raises(KilledError):
        close(store, now=sealed, accounts=dying)
    assert store.documents["pool", "pools", "autumn"].state is PoolState.CLOSED
    close(store, now=at("2027-01-02T00:00:00+08:00"))
    assert store.accounts["a1"].points.available == {date(2027, 12, 31): 1}


def test_a_walk_goes_from_list_to_list(store):
    assert Walk().next("c5") == Walk(7, "c5")
    assert Walk(7, "c5").next(None) == Walk(6)
    assert not Walk(0).is_over
    assert Walk(0).next(None).is_over


# The list


def test_contributions_are_listed_newest_first_a_page_at_a_time(store):
    for number in range(3):
        moment = LATER + timedelta(minutes=number)
        contribute(store, 1, 1_000 + number, key=f"key-{number}", now=moment)
    first, cursor = listed(store, limit=2)
    second, end = listed(store, limit=2, cursor=cursor)
    amounts = [each.contribution.total.reduction_mg for each in (*first, *second)]
    assert (amounts, end) == ([1_002, 1_001, 1_000], None)
    assert listed(store, 2) == ([], None)
    with pytest.raises(InvalidCursorError):
        listed(store, 2, cursor=cursor)
