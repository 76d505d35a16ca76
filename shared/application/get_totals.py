"""The subject's totals by the day or month on which the behaviour occurred."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Statement, StatementFilter
from shared.domain.account import Account
from shared.domain.entry import Entry
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import day_start, ledger_day
from shared.domain.measurement import NOTHING, Sum

DAYS_MAX = {"day": 92, "month": 366}
PAGE_ENTRIES = 200
# 92 days of every scenario up to its cap stay far below this.
PAGES_MAX = 50


class Granularity(StrEnum):
    DAY = "day"
    MONTH = "month"

    def period(self, day: date) -> str:
        return day.isoformat() if self is Granularity.DAY else f"{day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """One period's totals, in all and by scenario."""

    period: str
    total: Sum
    by_scenario: dict[str, Sum]


def get_totals(
    accounts: Accounts,
    statement: Statement,
    *,
    subject_hash: str,
    granularity: Granularity,
    first: date,
    last: date,
) -> tuple[Account, tuple[PeriodTotals, ...]]:
    """Return the account and the totals of every period with entries, oldest first.

    `first` and `last` are inclusive days in UTC+8. Raises AccountNotFoundError, and
    InvalidRequestError for a range that is reversed, too wide, or holds too many entries.
    """
    if not first <= last <= first + timedelta(days=DAYS_MAX[granularity] - 1):
        raise InvalidRequestError(
            f"`from` comes before `to`, by at most {DAYS_MAX[granularity]} days.",
            pointers=(("/query/to", "is outside the range"),),
        )
    account = get_account(accounts, subject_hash=subject_hash)
    wanted = StatementFilter(day_start(first), day_start(last + timedelta(days=1)))
    totals: dict[str, PeriodTotals] = {}
    for entry in _entries(statement, account.account_id, wanted):
        period = granularity.period(ledger_day(entry.behaviour.occurred_at))
        before = totals.get(period, PeriodTotals(period, NOTHING, {}))
        one = entry.contribution
        scenario = entry.behaviour.scenario
        by_scenario = {
            **before.by_scenario,
            scenario: before.by_scenario.get(scenario, NOTHING) + one,
        }
        totals[period] = PeriodTotals(period, before.total + one, by_scenario)
    return account, tuple(totals[period] for period in sorted(totals))


def _entries(statement: Statement, account_id: str, wanted: StatementFilter) -> Iterator[Entry]:
    after: str | None = None
    for _ in range(PAGES_MAX):
        page = statement.page(account_id, wanted, limit=PAGE_ENTRIES, after=after)
        yield from page.entries
        after = page.next_key
        if after is None:
            return
    raise InvalidRequestError("The range holds too many entries; ask for fewer days.")
