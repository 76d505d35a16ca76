"""Points: the reward for a behaviour, an asset of its own beside the reductions that it measured.

A policy says what a credit earns, within caps that stand on the account. Points are kept by the
last day on which they can be spent, and the oldest are spent first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from shared.domain.caps import CapPeriod, CapWindow
from shared.domain.errors import InsufficientPointsError

MG_PER_KG = 1_000_000
# A policy's caps stay below, so that an account's counters of them stay short.
DAY_CAP_MAX = 1_000
MONTH_CAP_MAX = 20_000
# How many days and months back they are remembered: the longest acceptance, and a week in queues.
# What comes later still, from dead letters, earns nothing: nobody can tell what its day has earned.
DAYS_KEPT, MONTHS_KEPT = 40, 3
# How many last days an account's points may have at once; a policy's calendar keeps to it.
SPEND_BY_DAYS_MAX = 8


@dataclass(frozen=True, slots=True)
class PointsTerms:
    """What a policy offers for one credit; `spend_by` is the last day, in UTC+8, to spend it.

    `per_kg` is per whole kilogram of CO2e, worked out to the milligram and rounded down. The caps
    are of the account, counted by the day of the behaviour.
    """

    policy: str
    per_credit: int
    per_kg: int
    day_cap: int
    month_cap: int
    spend_by: date

    def __post_init__(self) -> None:
        if min(self.per_credit, self.per_kg) < 0:
            raise ValueError("A policy takes nothing away.")
        if not (0 < self.day_cap <= DAY_CAP_MAX and 0 < self.month_cap <= MONTH_CAP_MAX):
            raise ValueError(f"A day's cap is at most {DAY_CAP_MAX}, a month's {MONTH_CAP_MAX}.")

    def for_credit(self, reduction_mg: int) -> int:
        return self.per_credit + self.per_kg * max(0, reduction_mg) // MG_PER_KG

    def for_completion(self, credited_mg: int, earned: int) -> int:
        """Return what the behaviour would have earned, known at first, beyond what it has."""
        return max(0, self.for_credit(credited_mg) - earned)


@dataclass(frozen=True, slots=True)
class PointsChange:
    """What one line changes: available points by their last day, points on hold, and debt."""

    available: Mapping[date, int] = field(default_factory=dict)
    held: int = 0
    debt: int = 0

    @property
    def amount(self) -> int:
        """The change of what can be spent."""
        return sum(self.available.values())


NO_CHANGE = PointsChange()


@dataclass(frozen=True, slots=True)
class PointsEarned:
    """How much was earned per recent day and month of the behaviour, for the caps."""

    days: CapWindow = field(default_factory=CapWindow)
    months: CapWindow = field(default_factory=CapWindow)

    def room(self, terms: PointsTerms, day: date) -> int:
        """Return how much the caps still leave for behaviour on `day`; nothing out of reach."""
        number, month = CapPeriod.DAY.number(day), CapPeriod.MONTH.number(day)
        if not (self.days.reaches(number, DAYS_KEPT) and self.months.reaches(month, MONTHS_KEPT)):
            return 0
        of_day, of_month = self.days.count(number), self.months.count(month)
        return max(0, min(terms.day_cap - of_day, terms.month_cap - of_month))

    def counted(self, amount: int, day: date) -> "PointsEarned":
        if not amount:
            return self
        of_day, of_month = CapPeriod.DAY.number(day), CapPeriod.MONTH.number(day)
        return PointsEarned(
            self.days.with_more(of_day, DAYS_KEPT, amount, DAY_CAP_MAX),
            self.months.with_more(of_month, MONTHS_KEPT, amount, MONTH_CAP_MAX),
        )


@dataclass(frozen=True, slots=True)
class PointsBalance:
    """An account's points: available by last day, on hold, and owed. None is ever below zero.

    There is a debt only while nothing is available: what is earned pays it first.
    """

    available: Mapping[date, int] = field(default_factory=dict)
    held: int = 0
    debt: int = 0

    @property
    def amount(self) -> int:
        """What can be spent, or has lapsed without being booked yet."""
        return sum(self.available.values())

    def spendable(self, today: date) -> int:
        """What can be spent on `today`."""
        return sum(amount for last, amount in self.available.items() if last >= today)

    def after(self, change: PointsChange) -> "PointsBalance":
        """Return the balance after a change.

        A balance below zero, or a debt beside what could pay it, is our own error.
        """
        available = dict(self.available)
        for last, amount in change.available.items():
            available[last] = available.get(last, 0) + amount
        after = PointsBalance(
            {last: amount for last, amount in sorted(available.items()) if amount},
            self.held + change.held,
            self.debt + change.debt,
        )
        assert all(amount > 0 for amount in after.available.values())
        assert after.held >= 0 <= after.debt
        assert not (after.debt and after.available)
        return after

    def earning(self, amount: int, spend_by: date) -> PointsChange:
        """Return the change that `amount` new points are: they pay a debt first."""
        paid = min(self.debt, amount)
        rest = amount - paid
        return PointsChange({spend_by: rest} if rest else {}, debt=-paid)

    def receiving(self, given: Mapping[date, int]) -> PointsChange:
        """Return the change that points from another account are; each keeps its last day.

        They pay a debt first, and of them those that would lapse first.
        """
        available: dict[date, int] = {}
        owed = self.debt
        for last, amount in sorted(given.items()):
            paid = min(owed, amount)
            owed -= paid
            if amount > paid:
                available[last] = amount - paid
        return PointsChange(available, debt=owed - self.debt)

    def taking_back(self, amount: int, spend_by: date) -> PointsChange:
        """Return the change that takes earned points back.

        They come from those with the same last day, then from the oldest; what is missing is owed.
        """
        order = sorted(self.available, key=lambda last: (last != spend_by, last))
        taken, missing = self._take(order, amount)
        return PointsChange({last: -part for last, part in taken.items()}, debt=missing)

    def spending(self, amount: int, today: date) -> PointsChange:
        """Return the change that spends the oldest; raise InsufficientPointsError."""
        taken, missing = self._take(
            [last for last in sorted(self.available) if last >= today], amount
        )
        if missing:
            raise InsufficientPointsError
        return PointsChange({last: -part for last, part in taken.items()})

    def holding(self, amount: int, today: date) -> PointsChange:
        """Return the change that sets the oldest aside; raise InsufficientPointsError."""
        return replace(self.spending(amount, today), held=amount)

    def releasing(self, hold: PointsChange) -> PointsChange:
        """Return the change that undoes a hold: each point goes back to where it was.

        What is owed by now is paid first, by the oldest of them.
        """
        back = {last: -amount for last, amount in hold.available.items()}
        owed = paid = min(self.debt, hold.held)
        for last in sorted(back):
            part = min(back[last], owed)
            back[last] -= part
            owed -= part
        available = {last: amount for last, amount in back.items() if amount}
        return PointsChange(available, held=-hold.held, debt=-paid)

    def lapsing(self, today: date) -> PointsChange:
        """Return the change that takes away what could be spent until before `today`."""
        lapsed = {last: -amount for last, amount in self.available.items() if last < today}
        return PointsChange(lapsed)

    def _take(self, order: list[date], amount: int) -> tuple[dict[date, int], int]:
        assert amount >= 0
        taken: dict[date, int] = {}
        for last in order:
            part = min(self.available[last], amount)
            if part:
                taken[last] = part
                amount -= part
        return taken, amount


def settled(change: PointsChange) -> PointsChange:
    """Return the change that ends a hold for good."""
    return PointsChange(held=-change.held)
