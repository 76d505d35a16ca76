"""Codes and gifts: both sides or none, once, whatever is lost, raced or closed between."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.application.changing import ATTEMPTS_MAX
from shared.application.close_account import close_account
from shared.application.list_gift_codes import list_gift_codes
from shared.application.list_gifts import list_gifts
from shared.application.make_gift_code import make_gift_code
from shared.application.ports import AccountChange
from shared.application.send_gift import send_gift
from shared.application.withdraw_gift_code import withdraw_gift_code
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountInDebtError,
    AccountNotFoundError,
    BusyError,
    GiftCodeRefusedError,
    GiftLimitReachedError,
    IdempotencyConflictError,
    InsufficientPointsError,
    InsufficientReductionsError,
    InvalidCursorError,
    StaleAccountError,
    TooManyGiftCodesError,
)
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.gift import GIFTS_PER_DAY_MAX, GiftAmount, GiftDirection
from shared.domain.gift_code import GiftCodes, new_code
from shared.domain.lots import Fate, trace
from shared.domain.points import PointsTerms
from tests.support.builders import BOOKED_AT, a_posting, an_account
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

# Two points for a ride and ten for a kilogram: 4 for 204.608 g.
TERMS = PointsTerms("test@1", 2, 10, 60, 600, date(2027, 12, 31))
CODE, SECOND, UNKNOWN = (new_code(bytes([number] * 7)) for number in (1, 2, 3))
LATER = BOOKED_AT + timedelta(hours=1)
GRAMS, POINTS = GiftAmount(reduction_mg=150_000), GiftAmount(points=3)


@pytest.fixture
def store():
    """a1 of `me` has 204.608 g and four points, a2 of `you` nothing but a code."""
    store = Store()
    account = store.add(an_account("a1"), "me")
    store.add(an_account("a2"), "you")
    decision = decide_credits(account, [a_posting(points=TERMS)], BOOKED_AT)
    FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
    make(store)
    return store


def make(store, code=CODE, subject="you", now=BOOKED_AT, pause=no_pause):
    return make_gift_code(
        FakeAccounts(store),
        FakeDocuments(store),
        subject_hash=subject,
        code=code,
        code_hash=f"hash of {code}",
        now=now,
        pause=pause,
    )


def send(store, wanted=GRAMS, *, code=CODE, key="key-1", subject="me", dry_run=False, **changes):
    facts = {"request_digest": f"{code} {wanted}", "now": LATER, "pause": no_pause, **changes}
    return send_gift(
        facts.pop("accounts", FakeAccounts(store)),
        facts.pop("lines", FakeEntries(store)),
        facts.pop("documents", FakeDocuments(store)),
        subject_hash=subject,
        idempotency_key=key,
        code=code,
        code_hash=f"hash of {code}",
        wanted=wanted,
        is_dry_run=dry_run,
        **facts,
    )


def close(store, subject="you"):
    close_account(
        FakeAccounts(store),
        FakeConsents(store),
        FakeDocuments(store),
        subject_hash=subject,
        now=LATER,
        pause=no_pause,
    )


def live(store, subject="you", now=LATER):
    accounts, documents = FakeAccounts(store), FakeDocuments(store)
    codes = list_gift_codes(accounts, documents, subject_hash=subject, now=now)
    return [each.code for each in codes]


def withdraw(store, code=CODE, subject="you"):
    withdraw_gift_code(
        FakeAccounts(store), FakeDocuments(store), subject_hash=subject, code=code, pause=no_pause
    )


def gifts(store, subject="me", limit=10, cursor=None):
    return list_gifts(
        FakeAccounts(store),
        FakeDocuments(store),
        subject_hash=subject,
        limit=limit,
        cursor=cursor,
    )


def facts(store):
    """Return all that a gift changes."""
    return dict(store.accounts), dict(store.movements), dict(store.documents)


def require_given_once(store):
    """Both sides stand, once, and the code is gone."""
    assert len(store.movements) == 2
    assert store.accounts["a1"].available_mg == 54_608
    assert store.accounts["a2"].available_mg == 150_000
    assert live(store) == []
    [[sent], [received]] = (gifts(store, subject)[0] for subject in ("me", "you"))
    assert (sent.direction, received.direction) == (GiftDirection.SENT, GiftDirection.RECEIVED)
    assert sent.reduction == received.reduction
    assert is_balanced(add_flows(flows_of(line) for each in "12" for line in lines(store, each)))


def lines(store, number):
    return store.lines_of(f"a{number}")


# Codes


def test_a_code_that_was_made_is_listed_until_it_expires(store):
    assert live(store) == [CODE]
    make(store, SECOND, now=LATER)
    assert live(store) == [CODE, SECOND]
    assert live(store, now=BOOKED_AT + timedelta(days=7)) == [SECOND]
    assert live(store, "me") == []


def test_a_code_whose_answer_was_lost_is_made_once(store):
    class Losing(FakeDocuments):
        def put(self, *writes):
            super().put(*writes)
            if len(writes) == 2 and not lost:
                lost.append(writes)
                raise BusyError

    lost = []
    made = make_gift_code(
        FakeAccounts(store),
        Losing(store),
        subject_hash="you",
        code=SECOND,
        code_hash=f"hash of {SECOND}",
        now=BOOKED_AT,
        pause=no_pause,
    )
    assert made.code == SECOND
    assert live(store) == [CODE, SECOND]
    assert store.documents["gift_codes", "a2", "codes"].made == 2


def test_there_are_five_codes_at_most(store):
    for number in range(10, 14):
        make(store, new_code(bytes([number] * 7)))
    before = facts(store)
    with pytest.raises(TooManyGiftCodesError):
        make(store, SECOND)
    assert facts(store) == before


def test_nobody_without_an_account_makes_lists_or_withdraws_codes(store):
    for step in (make, live, withdraw):
        with pytest.raises(AccountNotFoundError):
            step(store, subject="nobody")


def test_a_withdrawn_code_is_of_no_use_and_withdrawing_again_changes_nothing(store):
    withdraw(store)
    assert live(store) == []
    before = facts(store)
    withdraw(store)
    assert facts(store) == before
    with pytest.raises(GiftCodeRefusedError):
        send(store)


def test_only_its_maker_withdraws_a_code(store):
    withdraw(store, subject="me")
    assert live(store) == [CODE]


# Gifts


def test_reductions_come_to_whoever_made_the_code(store):
    moved = send(store)
    assert (moved.is_repeat, moved.value.reduction.reduction_mg) == (False, 150_000)
    assert (moved.value.direction, moved.value.given_at) == (GiftDirection.SENT, LATER)
    require_given_once(store)
    [lot] = trace(lines(store, 1)).lots
    assert lot.fates() == {Fate.AVAILABLE: 54_608, Fate.GIVEN: 150_000}


def test_points_keep_their_last_day(store):
    moved = send(store, POINTS)
    assert (moved.value.points, moved.value.reduction.reduction_mg) == (3, 0)
    assert store.accounts["a1"].points.available == {date(2027, 12, 31): 1}
    assert store.accounts["a2"].points.available == {date(2027, 12, 31): 3}


def test_what_was_given_can_be_given_on_and_back_but_not_twice(store):
    send(store)
    make(store, SECOND, "me")
    send(store, code=SECOND, subject="you", key="key-2")
    assert store.accounts["a1"].available_mg == 204_608
    assert store.accounts["a2"].available_mg == 0
    make(store, UNKNOWN, "me")
    with pytest.raises(InsufficientReductionsError):
        send(store, GiftAmount(reduction_mg=1), code=UNKNOWN, subject="you", key="key-3")


def test_a_dry_run_answers_the_same_and_changes_nothing(store):
    before = facts(store)
    rehearsed = send(store, dry_run=True)
    assert facts(store) == before
    assert send(store).value == rehearsed.value


def test_the_same_request_ten_times_is_one_gift_with_ten_identical_answers(store):
    answers = [send(store) for _ in range(10)]
    assert len({repr(each.value) for each in answers}) == 1
    assert [each.is_repeat for each in answers] == [False] + [True] * 9
    require_given_once(store)


def test_the_answer_stays_when_the_code_has_expired_and_both_have_moved_on(store):
    first = send(store).value
    close(store)
    again = send(store, now=LATER + timedelta(days=30))
    assert (again.value, again.is_repeat) == (first, True)


@pytest.mark.parametrize("changed", [{"wanted": POINTS}, {"code": SECOND}])
def test_a_key_is_for_one_request(store, changed):
    make(store, SECOND)
    send(store)
    before = facts(store)
    with pytest.raises(IdempotencyConflictError):
        send(store, **changed)
    assert facts(store) == before


def test_two_givers_with_one_key_are_not_each_others(store):
    send(store)
    make(store, SECOND, "me")
    wanted = GiftAmount(reduction_mg=1_000)
    assert not send(store, wanted, code=SECOND, subject="you", key="key-1").is_repeat
    assert store.accounts["a1"].available_mg == 55_608


def test_every_code_that_is_of_no_use_is_refused_in_the_same_way(store):
    send(store, GiftAmount(points=1))
    make(store, SECOND, "me")
    third = new_code(bytes([4] * 7))
    make(store, third, now=BOOKED_AT - timedelta(days=8))
    fourth = new_code(bytes([5] * 7))
    store.add(an_account("a3"), "gone")
    make(store, fourth, "gone")
    close(store, "gone")
    before = facts(store)
    said = set()
    for used_own_expired_closed_unknown in (CODE, SECOND, third, fourth, UNKNOWN):
        for dry_run in (False, True):
            with pytest.raises(GiftCodeRefusedError) as refused:
                send(
                    store,
                    GiftAmount(points=1),
                    code=used_own_expired_closed_unknown,
                    key="key-2",
                    dry_run=dry_run,
                )
            said.add(refused.value.detail)
    assert len(said) == 1
    assert facts(store) == before


def test_who_cannot_give_learns_nothing_about_a_code(store):
    for code in (CODE, UNKNOWN):
        with pytest.raises(InsufficientReductionsError):
            send(store, GiftAmount(reduction_mg=204_609), code=code)
        with pytest.raises(InsufficientPointsError):
            send(store, GiftAmount(points=5), code=code)


def test_who_owes_gives_nothing(store):
    store.add(replace(store.accounts["a1"], moved_mg=-300_000), "me")
    before = facts(store)
    for wanted in (GRAMS, POINTS):
        with pytest.raises(AccountInDebtError):
            send(store, wanted)
    assert facts(store) == before


def test_a_gift_pays_the_receivers_debt_first(store):
    store.add(replace(store.accounts["a2"], moved_mg=-100_000), "you")
    send(store)
    assert (store.accounts["a2"].available_mg, store.accounts["a2"].debt_mg) == (50_000, 0)


def test_a_day_has_a_limit_that_parallel_gifts_cannot_pass(store):
    one = GiftAmount(reduction_mg=1)
    for number in range(GIFTS_PER_DAY_MAX - 1):
        make(store, code := new_code(bytes([100 + number] * 7)))
        send(store, one, code=code, key=f"key-{number}")
    # Another gift comes first, just before the tenth is committed.
    make(store, SECOND)
    store.trouble.append(lambda: send(store, one, code=SECOND, key="the other"))
    with pytest.raises(GiftLimitReachedError):
        send(store, one, key="the tenth")
    assert store.accounts["a2"].available_mg == GIFTS_PER_DAY_MAX
    tomorrow = LATER + timedelta(days=1)
    send(store, one, key="the tenth", now=tomorrow)


def test_nobody_without_an_account_gives(store):
    with pytest.raises(AccountNotFoundError):
        send(store, subject="nobody")


# What comes between


def test_a_lost_answer_is_a_gift_once(store):
    store.lost_replies = 1
    assert send(store).is_repeat
    require_given_once(store)


@pytest.mark.parametrize("trouble", [busy, lambda: (_ for _ in ()).throw(StaleAccountError)])
def test_a_busy_store_or_a_lost_race_is_tried_again(store, trouble):
    store.trouble.extend([trouble, trouble])
    assert not send(store).is_repeat
    require_given_once(store)


def test_a_store_that_stays_busy_gives_nothing(store):
    before = facts(store)
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        send(store)
    assert facts(store) == before
    send(store)
    require_given_once(store)


@pytest.mark.parametrize(
    "meanwhile",
    [close, withdraw, lambda store: send(store, GiftAmount(points=1), key="another")],
    ids=["closed", "withdrawn", "used"],
)
def test_a_code_that_goes_just_before_the_commit_is_refused(store, meanwhile):
    after = []

    def happens():
        meanwhile(store)
        after.append(facts(store))

    store.trouble.append(happens)
    with pytest.raises(GiftCodeRefusedError):
        send(store)
    assert facts(store) == after[0]


def test_the_same_request_sent_beside_it_is_no_reason_to_refuse_it(store):
    class BesideTheSameRequest(FakeEntries):
        """Just after this request found nothing of itself, its other copy commits."""

        is_first = True

        def movement(self, key):
            found = super().movement(key)
            if self.is_first:
                self.is_first = False
                send(store)
            return found

    # The code is used up by now, by the very gift that is asked for.
    assert send(store, lines=BesideTheSameRequest(store)).is_repeat
    require_given_once(store)


def test_a_code_is_good_at_the_instant_of_the_request(store):
    expires_at = BOOKED_AT + timedelta(days=7)
    store.trouble.extend([busy] * 3)
    assert send(store, now=expires_at - timedelta(milliseconds=1)).value.gift_id
    make(store, SECOND, now=BOOKED_AT)
    # The first try was lost; when the client comes again, the code is no longer good.
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    one = GiftAmount(points=1)
    with pytest.raises(BusyError):
        send(store, one, code=SECOND, key="key-2", now=expires_at - timedelta(milliseconds=1))
    with pytest.raises(GiftCodeRefusedError):
        send(store, one, code=SECOND, key="key-2", now=expires_at)


def test_what_is_spent_just_before_the_commit_is_not_given(store):
    make(store, SECOND)
    store.trouble.append(lambda: send(store, code=SECOND, key="another"))
    with pytest.raises(InsufficientReductionsError):
        send(store)
    assert store.accounts["a2"].available_mg == 150_000
    assert live(store) == [CODE]


def test_a_credit_to_either_side_just_before_the_commit_is_kept(store):
    def credited(number):
        account = store.accounts[f"a{number}"]
        decision = decide_credits(account, [a_posting(f"ride-of-{number}")], BOOKED_AT)
        FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))

    store.trouble.extend([lambda: credited(1), lambda: credited(2)])
    send(store)
    assert store.accounts["a1"].available_mg == 204_608 + 54_608
    assert store.accounts["a2"].available_mg == 204_608 + 150_000


def test_lines_that_cannot_be_read_yet_are_waited_for(store):
    class Lagging(FakeEntries):
        def lines(self, account_id, *, limit):
            found = super().lines(account_id, limit=limit)
            return found if waits else found[:-1]

    waits: list[int] = []
    send(store, lines=Lagging(store), pause=waits.append)
    assert waits == [0]
    require_given_once(store)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whoever_dies_at_any_call_leaves_a_whole_gift_or_none(store, after):
    death = Death(at=0)
    send(store, accounts=Dying(FakeAccounts(store), death), lines=Dying(FakeEntries(store), death),
         documents=Dying(FakeDocuments(store), death))  # fmt: skip
    require_given_once(store)
    assert death.calls > 6
    for at in range(1, death.calls + 1):
        fresh = Store()
        fresh.add(store_before := an_account("a1"), "me")
        fresh.add(an_account("a2"), "you")
        decision = decide_credits(store_before, [a_posting(points=TERMS)], BOOKED_AT)
        FakeAccounts(fresh).commit(AccountChange(store_before, decision.account, decision.entries))
        make(fresh)
        dying = Death(at, after)
        with pytest.raises(KilledError):
            send(fresh, accounts=Dying(FakeAccounts(fresh), dying),
                 lines=Dying(FakeEntries(fresh), dying),
                 documents=Dying(FakeDocuments(fresh), dying))  # fmt: skip
        assert len(fresh.movements) in {0, 2}
        send(fresh)
        require_given_once(fresh)
        assert facts(fresh) == facts(store)


# The list


def test_gifts_are_listed_newest_first_a_page_at_a_time(store):
    for number in range(3):
        make(store, code := new_code(bytes([50 + number] * 7)))
        moment = LATER + timedelta(minutes=number)
        send(store, GiftAmount(reduction_mg=1 + number), code=code, key=f"key-{number}", now=moment)
    first, cursor = gifts(store, limit=2)
    second, end = gifts(store, limit=2, cursor=cursor)
    assert [each.reduction.reduction_mg for each in (*first, *second)] == [3, 2, 1]
    assert end is None
    assert len(gifts(store, "you")[0]) == 3
    with pytest.raises(InvalidCursorError):
        gifts(store, "you", cursor=cursor)
    with pytest.raises(AccountNotFoundError):
        gifts(store, "nobody")


def test_the_codes_document_does_not_name_a_giver(store):
    send(store)
    codes = store.documents["gift_codes", "a2", GiftCodes.NAME]
    assert (codes.codes, codes.version) == ((), 2)
    for address, document in store.documents.items():
        names = {each for each in ("a1", "a2") if each in repr((address, document))}
        assert len(names) <= 1
