"""Every command in any order against a model of plain integers: the ledger is what it should be.

The model knows no line, no lot and no change: it moves integers between names. After each step the
accounts are compared with it, with the fold of their lines, with their lots and with the flows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from shared.adapters.account_rows import AccountRow
from shared.adapters.entries import EntryRow
from shared.application.ports import AccountChange, EntriesExistError
from shared.domain.account import CHAIN_START, Account
from shared.domain.booking import book
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import AMENDMENTS_MAX, Cause, Entry
from shared.domain.errors import (
    AccountInDebtError,
    AlreadyReversedError,
    InsufficientPointsError,
    InsufficientReductionsError,
    StaleAccountError,
)
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.lots import Fate, Lots, hold_key, total_of, trace
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.moving import Moving
from shared.domain.points import PointsChange, PointsTerms, settled
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import a_correction, a_posting, a_provisional_posting, an_account
from tests.support.fakes import FakeAccounts, FakeEntries, Store

ACCOUNTS = ("a1", "a2")
UTC_8 = timezone(timedelta(hours=8))
# Close to a year's end, so that points lapse in most runs.
BEGIN = datetime(2026, 12, 20, 12, tzinfo=UTC_8).astimezone(UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC_8).astimezone(UTC)
LATE_DAYS_MAX = 31
PER_CREDIT, PER_KG, DAY_CAP, MONTH_CAP = 2, 10, 25, 60

accounts = st.sampled_from(ACCOUNTS)
reductions_mg = st.sampled_from([204_608, 0, 1, 99_999, 100_000, 999_999, 1_000_000, 2_345_678])
# A share of what there is, in quarters; five quarters are more than that.
quarters = st.sampled_from([4, 2, 1, 3, 5, 0])
late_days = st.sampled_from([0, 1, 0, 2, LATE_DAYS_MAX])
offers = st.sampled_from([True, True, True, False])
# How much a ride reduced, how late it is told, whether it is provisional, and whether it earns.
rides = st.lists(
    st.tuples(reductions_mg, late_days, st.sampled_from([True, False]), offers),
    min_size=1,
    max_size=3,
)


def days_end(day: date) -> date:
    """Return the last day of points for behaviour on `day`: here, of this year or the next."""
    return date(day.year + day.day % 2, 12, 31)


def day_of(instant: datetime) -> date:
    return instant.astimezone(UTC_8).date()


def terms_for(occurred_at: datetime) -> PointsTerms:
    last = days_end(day_of(occurred_at))
    return PointsTerms("test@1", PER_CREDIT, PER_KG, DAY_CAP, MONTH_CAP, last)


@dataclass
class Behaviour:
    """What one behaviour came to; `offers` tells whether a policy was in force."""

    owner: str
    day: date
    mg: int
    points: int
    is_provisional: bool
    offers: bool
    amendments: int = 0
    is_reversed: bool = False


@dataclass
class Purse:
    """What one account has, in integers."""

    mg: int = 0
    held_mg: int = 0
    points: dict[date, int] = field(default_factory=dict)
    points_held: int = 0
    points_owed: int = 0
    earned: dict[object, int] = field(default_factory=dict)

    def points_on(self, today: date) -> int:
        return sum(amount for last, amount in self.points.items() if last >= today)

    def room(self, day: date) -> int:
        """Return what the caps leave; nothing for a day 40 days before the newest that earned."""
        days = [each for each, amount in self.earned.items() if amount and isinstance(each, date)]
        if days and day <= max(days) - timedelta(days=40):
            return 0
        month = (day.year, day.month)
        return min(DAY_CAP - self.earned.get(day, 0), MONTH_CAP - self.earned.get(month, 0))

    def earn(self, offered: int, day: date) -> int:
        earned = min(offered, self.room(day))
        for period in (day, (day.year, day.month)):
            self.earned[period] = self.earned.get(period, 0) + earned
        self.come({days_end(day): earned})
        return earned

    def come(self, points: dict[date, int]) -> None:
        """Let points come in; what is owed is paid by those that would lapse first."""
        for last in sorted(points):
            paid = min(self.points_owed, points[last])
            self.points_owed -= paid
            self.points[last] = self.points.get(last, 0) + points[last] - paid

    def take(self, amount: int, order: Sequence[date]) -> dict[date, int]:
        taken = {}
        for last in order:
            taken[last] = min(self.points[last], amount)
            self.points[last] -= taken[last]
            amount -= taken[last]
        return {last: part for last, part in taken.items() if part}

    def spend(self, amount: int, today: date) -> dict[date, int]:
        return self.take(amount, [last for last in sorted(self.points) if last >= today])


@dataclass
class Hold:
    """What was set aside, where its points came from, and how it ended."""

    owner: str
    mg: int
    points: dict[date, int]
    change: PointsChange


class Ledger(RuleBasedStateMachine):
    """The core over a store in memory, beside the model."""

    behaviours = Bundle("behaviours")
    holds = Bundle("holds")
    ended = Bundle("ended")

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.number = 0
        self.store = Store()
        self.purses = {each: Purse() for each in ACCOUNTS}
        self.sums: dict[str, int] = {}
        self.facts: dict[Cause, Behaviour] = {}
        self.commits = dict.fromkeys(ACCOUNTS, 0)
        self.first = {each: self.store.add(an_account(each, since=SINCE)) for each in ACCOUNTS}
        self.changed = set(ACCOUNTS)

    # ------------------------------------------------------------------------------- Machinery

    def next_id(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def account(self, account_id: str) -> Account:
        return self.store.accounts[account_id]

    def lots(self, account_id: str) -> Lots:
        return trace(self.store.lines_of(account_id))

    def begin(self, account_id: str) -> Moving:
        moving = Moving.begin(self.account(account_id), self.now)
        self.lapse(account_id)
        return moving

    def lapse(self, account_id: str) -> None:
        """Let the model forget what has lapsed."""
        purse = self.purses[account_id]
        gone = [last for last in purse.points if last < day_of(self.now)]
        self.add(points_lapsed=sum(purse.points.pop(last) for last in gone))

    def commit(self, *changes: AccountChange) -> None:
        FakeAccounts(self.store).commit(*changes)
        for change in changes:
            assert change.before is not None
            assert change.after.version == change.before.version + 1
            self.commits[change.after.account_id] += 1
            self.changed.add(change.after.account_id)

    def commit_moves(self, *moved: Moving) -> None:
        self.commit(
            *(
                AccountChange(each.before, each.after, movements=tuple(each.movements))
                for each in moved
            )
        )

    def add(self, **amounts: int) -> None:
        for name, amount in amounts.items():
            self.sums[name] = self.sums.get(name, 0) + amount

    def share(self, account_id: str, quarter: int) -> int:
        return max(0, self.purses[account_id].mg) * quarter // 4

    def share_of_points(self, account_id: str, quarter: int) -> int:
        points = self.purses[account_id].points_on(day_of(self.now))
        return points + 1 if quarter > 4 else points * quarter // 4

    def move(self, moving: Moving, kind: MovementKind, key: str, **amounts: Any) -> Movement:
        about = key.split("#")[1]
        return moving.move(kind, key=key, about=about, payload_digest=f"of {key}", **amounts)

    # ------------------------------------------------------------------- What behaviour comes to

    @initialize(target=behaviours, rides=rides)
    def credit_the_first(self, rides: list[tuple[int, int, bool, bool]]) -> Any:
        """Nothing comes of nothing: somebody begins with some rides."""
        return self.credit_all(ACCOUNTS[0], rides)

    @rule(target=behaviours, owner=accounts, rides=rides)
    def credit(self, owner: str, rides: list[tuple[int, int, bool, bool]]) -> Any:
        return self.credit_all(owner, rides)

    def credit_all(self, owner: str, rides: list[tuple[int, int, bool, bool]]) -> Any:
        postings, facts = [], []
        for mg, days_late, is_provisional, offers in rides:
            occurred_at = self.now - timedelta(days=days_late)
            build = a_provisional_posting if is_provisional else a_posting
            postings.append(
                build(
                    self.next_id(),
                    reduction_mg=mg,
                    occurred_at=occurred_at,
                    points=terms_for(occurred_at) if offers else None,
                )
            )
            facts.append((mg, day_of(occurred_at), is_provisional, offers))
        before = self.account(owner)
        decision = decide_credits(before, postings, self.now)
        assert decision.refusals == ()
        self.commit(AccountChange(before, decision.account, decision.entries))
        purse = self.purses[owner]
        for posting, (mg, day, is_provisional, offers) in zip(postings, facts, strict=True):
            offered = PER_CREDIT + PER_KG * mg // 1_000_000 if offers else 0
            points = purse.earn(offered, day)
            purse.mg += mg
            self.add(issued_mg=mg, points_issued=points)
            behaviour = Behaviour(owner, day, mg, points, is_provisional, offers)
            self.facts[posting.cause] = behaviour
        return multiple(*(posting.cause for posting in postings))

    @rule(event=behaviours, mg=reductions_mg)
    def complete(self, event: Cause, mg: int) -> None:
        known = self.facts[event]
        standing = self.standing(event)
        posting = a_posting(
            self.next_id(),
            completes=event.event_id,
            reduction_mg=mg,
            occurred_at=standing.behaviour.occurred_at,
            points=terms_for(standing.behaviour.occurred_at) if known.offers else None,
        )
        may = known.is_provisional and not known.is_reversed and known.amendments < AMENDMENTS_MAX
        entry = self.amend(posting, standing)
        assert (entry is not None) == may
        if entry is None:
            return
        purse = self.purses[known.owner]
        more_mg = max(0, mg - known.mg)
        # As if it had been known at first, without what it has earned.
        whole = PER_CREDIT + PER_KG * max(mg, known.mg) // 1_000_000
        offered = max(0, whole - known.points) if known.offers else 0
        points = purse.earn(offered, known.day)
        purse.mg += more_mg
        self.add(issued_mg=more_mg, points_issued=points)
        known.mg += more_mg
        known.points += points
        known.is_provisional = False

    @rule(event=behaviours, mg=reductions_mg)
    def correct(self, event: Cause, mg: int) -> None:
        known = self.facts[event]
        posting = a_correction(self.standing(event), mg, f"metro-distance@{self.next_id()}")
        may = not known.is_reversed and known.amendments < AMENDMENTS_MAX
        entry = self.amend(posting, self.standing(event))
        assert (entry is not None) == may
        if entry is None:
            return
        change = mg - known.mg
        self.purses[known.owner].mg += change
        if change >= 0:
            self.add(issued_mg=change)
        else:
            self.add(reversed_mg=-change)
        known.mg = mg
        known.is_provisional = False

    @rule(event=behaviours)
    def reverse(self, event: Cause) -> None:
        known, before = self.facts[event], self.account(self.facts[event].owner)
        if known.amendments >= AMENDMENTS_MAX and not known.is_reversed:
            return
        reversal = self.decide_reversal(event, ReversalReason.DUPLICATE)
        if known.is_reversed:
            assert reversal.account is None
            assert reversal.entry == self.standing(event)
            with pytest.raises(AlreadyReversedError):
                self.decide_reversal(event, ReversalReason.FRAUD)
            return
        assert reversal.account is not None
        self.commit(AccountChange(before, reversal.account, (reversal.entry,)))
        purse = self.purses[known.owner]
        purse.mg -= known.mg
        last = days_end(known.day)
        order = sorted(purse.points, key=lambda each: (each != last, each))
        taken = sum(purse.take(known.points, order).values())
        purse.points_owed += known.points - taken
        self.add(reversed_mg=known.mg, points_reversed=known.points)
        known.is_reversed = True
        known.mg = known.points = 0
        known.amendments += 1

    def decide_reversal(self, event: Cause, reason: ReversalReason) -> Any:
        return decide_reversal(
            self.account(self.facts[event].owner),
            self.standing(event),
            reason=reason,
            requested_by="metro-demo",
            salt="5a" * 16,
            now=self.now,
        )

    def standing(self, event: Cause) -> Entry:
        standing = FakeEntries(self.store).standing(event)
        assert standing is not None
        return standing

    def amend(self, posting: Posting, standing: Entry) -> Entry | None:
        """Decide and commit an amendment; return its entry, if it became one."""
        before = self.account(standing.account_id)
        decision = decide_credits(before, [posting], self.now, {standing.cause.event: standing})
        if not decision.entries:
            assert decision.account == before
            return None
        [entry] = decision.entries
        self.commit(
            AccountChange(before, decision.account, (entry,), completions=decision.completions)
        )
        self.facts[standing.cause.event].amendments += 1
        return entry

    # ----------------------------------------------------------------------- What becomes of it

    @rule(target=holds, owner=accounts, quarter=quarters, of_points=quarters)
    def hold(self, owner: str, quarter: int, of_points: int) -> Any:
        mg, points = self.share(owner, quarter), self.share_of_points(owner, of_points)
        purse, today = self.purses[owner], day_of(self.now)
        moving = self.begin(owner)
        if self.is_refused_for_debt(moving, purse):
            return multiple()
        if points > purse.points_on(today):
            with pytest.raises(InsufficientPointsError):
                moving.account.points.holding(points, today)
            self.commit_lapse(moving)
            return multiple()
        if mg > max(0, purse.mg):
            with pytest.raises(InsufficientReductionsError):
                moving.spend(mg)
            self.commit_lapse(moving)
            return multiple()
        moving.spend(mg)
        change = moving.account.points.holding(points, today)
        name = self.next_id()
        key = hold_key(name)
        self.move(moving, MovementKind.HOLD, key, reduction_mg=-mg, held_mg=mg, points=change)
        self.commit_moves(moving)
        purse.mg -= mg
        purse.held_mg += mg
        taken = purse.spend(points, today)
        purse.points_held += points
        return (name, Hold(owner, mg, taken, change))

    @rule(target=holds, event=behaviours)
    def reverse_what_is_on_hold(self, event: Cause) -> Any:
        """Set everything aside, so that nothing is left to take back: all of it is owed."""
        held = self.hold(self.facts[event].owner, 4, 4)
        self.reverse(event)
        return held

    @rule(target=ended, held=consumes(holds), is_settled=st.sampled_from([False, True]))
    def end(self, held: tuple[str, Hold], is_settled: bool) -> Any:
        name, hold = held
        self.end_hold(name, hold, is_settled=is_settled)
        purse = self.purses[hold.owner]
        points = sum(hold.points.values())
        purse.held_mg -= hold.mg
        purse.points_held -= points
        if is_settled:
            self.add(redeemed_mg=hold.mg, points_redeemed=points)
        else:
            purse.mg += hold.mg
            purse.come(hold.points)
        return held

    @rule(held=ended, is_settled=st.booleans())
    def end_again(self, held: tuple[str, Hold], is_settled: bool) -> None:
        """However it ended: a second end is refused by the key of the first."""
        name, hold = held
        account = self.account(hold.owner)
        key = f"redemption#{name}#end"
        moving = Moving(account, account.not_before(self.now), account, [])
        movement = Movement(
            key, MovementKind.RELEASE, hold.owner, account.seq + 1, moving.now, name, "d",
            account.chain_head,
        )  # fmt: skip
        change = AccountChange(account, moving.after, movements=(movement,))
        with pytest.raises(EntriesExistError) as known:
            FakeAccounts(self.store).commit(change)
        assert known.value.digests == {key: f"of {key}"}

    def end_hold(self, name: str, hold: Hold, *, is_settled: bool) -> None:
        moving = self.begin(hold.owner)
        self.move(
            moving,
            MovementKind.SETTLEMENT if is_settled else MovementKind.RELEASE,
            f"redemption#{name}#end",
            reduction_mg=0 if is_settled else hold.mg,
            held_mg=-hold.mg,
            points=(
                settled(hold.change) if is_settled else moving.account.points.releasing(hold.change)
            ),
        )
        self.commit_moves(moving)

    @rule(owner=accounts, quarter=quarters, kind=st.sampled_from(["retirement", "contribution"]))
    def use_up(self, owner: str, quarter: int, kind: str) -> None:
        """Retire, or give to the pool, once and for ever."""
        mg = self.share(owner, quarter)
        moving = self.begin(owner)
        if self.is_refused_for_debt(moving, self.purses[owner]):
            return
        if mg > max(0, self.purses[owner].mg):
            with pytest.raises(InsufficientReductionsError):
                moving.spend(mg)
            self.commit_lapse(moving)
            return
        moving.spend(mg)
        lots = self.lots(owner)
        parts = lots.preview(mg)
        backing = total_of(parts)
        assert backing.reduction_mg == mg
        key = f"{kind}#{self.next_id()}"
        line = self.move(moving, MovementKind(kind), key, reduction_mg=-mg, backing=backing)
        self.commit_moves(moving)
        # What was previewed is what was taken.
        taken = self.lots(owner).parts_of(line.key)
        assert [(each.lot, each.backing) for each in taken] == [
            (each.lot, each.backing) for each in parts
        ]
        self.purses[owner].mg -= mg
        name = "retired_mg" if kind == "retirement" else "pooled_mg"
        self.add(**{name: mg})

    @rule(giver=accounts, receiver=accounts, quarter=quarters, of_points=quarters)
    def give(self, giver: str, receiver: str, quarter: int, of_points: int) -> None:
        """Give reductions with what they are made of, and points with their last days."""
        if giver == receiver:
            return
        mg, points = self.share(giver, quarter), self.share_of_points(giver, of_points)
        today = day_of(self.now)
        sender = self.begin(giver)
        if self.is_refused_for_debt(sender, self.purses[giver]):
            return
        if mg > max(0, self.purses[giver].mg) or points > self.purses[giver].points_on(today):
            with pytest.raises((InsufficientReductionsError, InsufficientPointsError)):
                self.spend_both(sender, mg, points)
            self.commit_lapse(sender)
            return
        change = self.spend_both(sender, mg, points)
        backing = total_of(self.lots(giver).preview(mg))
        taker = self.begin(receiver)
        given = {last: -amount for last, amount in change.available.items()}
        name = self.next_id()
        self.move(
            sender,
            MovementKind.GIFT_SENT,
            f"gift#{name}#sent",
            reduction_mg=-mg,
            points=change,
            backing=backing,
        )
        self.move(
            taker,
            MovementKind.GIFT_RECEIVED,
            f"gift#{name}#received",
            reduction_mg=mg,
            points=taker.account.points.receiving(given),
            backing=backing,
        )
        self.commit_moves(sender, taker)
        self.purses[giver].mg -= mg
        self.purses[receiver].mg += mg
        self.purses[receiver].come(self.purses[giver].spend(points, today))

    def is_refused_for_debt(self, moving: Moving, purse: Purse) -> bool:
        """Who owes anything spends nothing, not even nothing."""
        if purse.mg >= 0 and not purse.points_owed:
            return False
        with pytest.raises(AccountInDebtError):
            moving.spend(0)
        self.commit_lapse(moving)
        return True

    def spend_both(self, moving: Moving, mg: int, points: int) -> PointsChange:
        moving.spend(mg)
        return moving.account.points.spending(points, day_of(self.now))

    @rule(owner=accounts, points=st.integers(1, 3))
    def buy_back(self, owner: str, points: int) -> None:
        moving = self.begin(owner)
        last = days_end(day_of(self.now))
        change = moving.account.points.earning(points, last)
        self.move(moving, MovementKind.BUYBACK, f"buyback#{self.next_id()}", points=change)
        self.commit_moves(moving)
        self.purses[owner].come({last: points})
        self.add(points_issued=points)

    # ---------------------------------------------------------------------------- Time and races

    @rule(days=st.sampled_from([11, 1, 0, 40, 370]), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)

    @rule(owner=accounts)
    def sweep(self, owner: str) -> None:
        """Book what has lapsed, as the sweep does."""
        moving = self.begin(owner)
        self.commit_lapse(moving)
        assert Moving.begin(self.account(owner), self.now).movements == []

    def commit_lapse(self, moving: Moving) -> None:
        if moving.movements:
            self.commit_moves(moving)

    @rule(owner=accounts, quarter=st.integers(1, 4))
    def race(self, owner: str, quarter: int) -> None:
        """Of two retirements of the same version, the second one is refused."""
        mg = self.share(owner, quarter)
        one, two = self.begin(owner), Moving.begin(self.account(owner), self.now)
        for moving in (one, two):
            self.move(
                moving,
                MovementKind.RETIREMENT,
                f"retirement#{self.next_id()}",
                reduction_mg=-mg,
                backing=total_of(self.lots(owner).preview(mg)),
            )
        self.commit_moves(one)
        # Where points had lapsed, both would book that, under one key.
        lapse = [each.key for each in two.movements if each.kind is MovementKind.LAPSE]
        with pytest.raises(EntriesExistError if lapse else StaleAccountError):
            self.commit_moves(two)
        self.purses[owner].mg -= mg
        self.add(retired_mg=mg)

    # ------------------------------------------------------------------------- What always holds

    @invariant()
    def accounts_are_what_the_model_says(self) -> None:
        for account_id, purse in self.purses.items():
            account = self.account(account_id)
            points = account.points
            assert account.available_mg == purse.mg
            assert account.held_mg == purse.held_mg
            assert points.available == {last: each for last, each in purse.points.items() if each}
            assert (points.held, points.debt) == (purse.points_held, purse.points_owed)
            assert points.spendable(day_of(self.now)) == purse.points_on(day_of(self.now))
            # Nothing is below zero but a stated debt, and who owes has nothing.
            assert account.debt_mg == max(0, -purse.mg)
            assert account.held_mg >= 0 <= points.held
            assert not (points.debt and points.amount)
            assert self.account(account_id).version == (
                self.first[account_id].version + self.commits[account_id]
            )

    @invariant()
    def what_changed_is_sound(self) -> None:
        for account_id in sorted(self.changed):
            self.check_lines(account_id)
            self.check_lots(account_id)
        self.changed.clear()

    def check_lines(self, account_id: str) -> None:
        account, lines = self.account(account_id), self.store.lines_of(account_id)
        folded = Account(account_id, account.opened_at)
        head = CHAIN_START
        for seq, line in enumerate(lines, 1):
            assert (line.seq, line.previous_hash) == (seq, head)
            head = line.hash
            folded = book(folded, line)
            assert read_back(line) == line
        assert all(one.booked_at <= two.booked_at for one, two in pairwise(lines))
        assert (account.seq, account.chain_head) == (len(lines), head)
        for name in ("seq", "chain_head", "last_booked_at", "total", "moved_mg", "held_mg"):
            assert getattr(folded, name) == getattr(account, name)
        assert folded.points == account.points
        row = AccountRow.from_raw_data(AccountRow.of(account).serialize())
        assert row.account() == account

    def check_lots(self, account_id: str) -> None:
        account, lots = self.account(account_id), self.lots(account_id)
        assert lots.available_mg == account.available_mg
        held_mg = left_mg = 0
        for lot in lots.lots:
            fates = lot.fates()
            assert sum(fates.values()) == lot.backing.reduction_mg == lot.line.reduction_mg
            assert all(amount > 0 for amount in fates.values())
            held_mg += fates.get(Fate.ON_HOLD, 0)
            left_mg += lot.left_mg
        assert held_mg == account.held_mg
        assert not (left_mg and lots.debts)
        assert sum(debt.left_mg for debt in lots.debts) == account.debt_mg

    @invariant()
    def flows_are_what_the_model_says(self) -> None:
        lines: list[Line] = [*self.store.entries.values(), *self.store.movements.values()]
        flows = add_flows(flows_of(line) for line in lines)
        assert is_balanced(flows)
        purses = self.purses.values()
        held = {
            "held_mg": sum(each.mg + each.held_mg for each in purses),
            "points_held": sum(
                sum(each.points.values()) + each.points_held - each.points_owed for each in purses
            ),
        }
        # Gifts are given by one and taken by another, so that no sum of them is left.
        expected = {**self.sums, **held}
        assert flows == {name: amount for name, amount in expected.items() if amount}

    @invariant()
    def lots_ended_as_the_model_says(self) -> None:
        fates = dict.fromkeys(Fate, 0)
        owed_mg = 0
        for account_id in ACCOUNTS:
            lots = self.lots(account_id)
            owed_mg += sum(debt.left_mg for debt in lots.debts)
            for lot in lots.lots:
                for fate, amount in lot.fates().items():
                    fates[fate] += amount
        for fate in (Fate.RETIRED, Fate.POOLED, Fate.REDEEMED):
            assert fates[fate] == self.sums.get(f"{fate}_mg", 0)
        assert fates[Fate.REVERSED] + owed_mg == self.sums.get("reversed_mg", 0)


def read_back(line: Line) -> Line:
    """Return the line as the store gives it back."""
    if isinstance(line, Movement):
        raw = EntryRow.of_movement(line).serialize()
    else:
        raw = EntryRow.of(line).serialize()
    return EntryRow.from_raw_data(raw).line()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=120, stateful_step_count=40)
