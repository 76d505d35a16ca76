"""Policies: what a credit earns in points. Data, released by version, in force from a day on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.errors import CatalogueError
from shared.domain.instants import ledger_day
from shared.domain.points import DAY_CAP_MAX, MONTH_CAP_MAX, SPEND_BY_DAYS_MAX, PointsTerms


class PointsRate(NamedTuple):
    """Points for each credit, and for each kilogram of CO2e."""

    per_credit: int
    per_kg: int


@dataclass(frozen=True, slots=True)
class PointsPolicy:
    """One version of a policy. Points can be spent through the end of a year after the behaviour's.

    Raises CatalogueError where it could not be kept.
    """

    policy_id: str
    version: str
    effective_from: date
    spend_through_years: int
    day_cap: int
    month_cap: int
    otherwise: PointsRate
    scenarios: Mapping[str, PointsRate]
    title: Mapping[str, str]

    def __post_init__(self) -> None:
        rates = (self.otherwise, *self.scenarios.values())
        sound = (
            0 < self.day_cap <= DAY_CAP_MAX
            and 0 < self.month_cap <= MONTH_CAP_MAX
            # The last days that are ahead, and the one that has lapsed but is not booked yet.
            and 0 <= self.spend_through_years <= SPEND_BY_DAYS_MAX - 2
            and all(number >= 0 for rate in rates for number in rate)
        )
        if not sound:
            raise CatalogueError(f"{self.reference}: a rate, a cap or the years are out of range.")

    @property
    def reference(self) -> str:
        return f"{self.policy_id}@{self.version}"

    def terms(self, scenario: str, occurred_at: datetime) -> PointsTerms:
        """Return what a credit of the scenario earns for behaviour at that time."""
        rate = self.scenarios.get(scenario, self.otherwise)
        return PointsTerms(
            policy=self.reference,
            per_credit=rate.per_credit,
            per_kg=rate.per_kg,
            day_cap=self.day_cap,
            month_cap=self.month_cap,
            spend_by=self.spend_by(occurred_at),
        )

    def spend_by(self, occurred_at: datetime) -> date:
        """Return the last day to spend points that are earned by what occurred at that time."""
        year = ledger_day(occurred_at).year + self.spend_through_years
        return date(year, 12, 31)


@dataclass(frozen=True, slots=True)
class PointsPolicies:
    """All released versions; the latest that has begun is in force."""

    policies: tuple[PointsPolicy, ...] = ()

    @classmethod
    def of(cls, policies: Iterable[PointsPolicy]) -> "PointsPolicies":
        """Return the policies in order; raise CatalogueError where two begin on one day."""
        ordered = tuple(sorted(policies, key=lambda each: each.effective_from))
        if len({each.effective_from for each in ordered}) < len(ordered):
            raise CatalogueError("Two points policies begin on one day.")
        return cls(ordered)

    def in_force(self, instant: datetime) -> PointsPolicy | None:
        """Return the policy of the ledger day of an instant; None before the first."""
        day = ledger_day(instant)
        begun = [each for each in self.policies if each.effective_from <= day]
        return begun[-1] if begun else None

    def terms(self, scenario: str, occurred_at: datetime) -> PointsTerms | None:
        """Return what behaviour earned when it occurred, if there was a policy."""
        policy = self.in_force(occurred_at)
        return policy.terms(scenario, occurred_at) if policy else None
