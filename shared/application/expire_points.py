"""Book the points that can no longer be spent, account by account.

Every spend books what has lapsed of its own account first, so this changes nobody's balance: it
only brings the platform's sums up to date for those who spend nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.application.changing import until_committed
from shared.application.ports import AccountChange, Accounts, Documents, LapsedPoints, Pause, Write
from shared.domain.instants import ledger_day
from shared.domain.moving import Moving
from shared.domain.points_sweep import PointsSweep

ROWS_PER_PAGE = 1000
# A run that finds more leaves the rest to the next one.
PAGES_PER_RUN_MAX = 2000


@dataclass(slots=True)
class Swept:
    """How many accounts and points one run has booked; `is_done` if nothing of the day is left."""

    accounts: int = 0
    lapsed: int = 0
    is_done: bool = True


def expire_points(
    accounts: Accounts,
    lapsed: LapsedPoints,
    documents: Documents,
    *,
    now: datetime,
    has_time: Callable[[], bool],
    pause: Pause,
) -> Swept:
    """Go on with the sweep of the last day whose points have lapsed, if it is not through.

    The sweep remembers where it is, so that a run that is broken off goes on with the next one.
    Raises BusyError when an account cannot be changed now.
    """
    swept = Swept()
    day = last_lapse(ledger_day(now))
    sweep = documents.get(PointsSweep, PointsSweep.OWNER, day.isoformat())
    standing = sweep
    current = sweep or PointsSweep(day=day)
    for _ in range(PAGES_PER_RUN_MAX):
        if current.is_done or not has_time():
            break
        found, next_key = lapsed.with_lapsed_points(
            ledger_day(now), limit=ROWS_PER_PAGE, after=current.after
        )
        for account_id in found:
            swept.lapsed += _lapse(accounts, account_id, now, pause)
        swept.accounts += len(found)
        current = replace(
            current, after=next_key, is_done=next_key is None, version=current.version + 1
        )
        documents.put(Write(current, standing))
        standing = current
    swept.is_done = current.is_done
    return swept


def last_lapse(today: date) -> date:
    """Return the newest last day that is over: policies let points lapse with a year."""
    return date(today.year, 1, 1) - timedelta(days=1)


def _lapse(accounts: Accounts, account_id: str, now: datetime, pause: Pause) -> int:
    def step() -> int:
        account = accounts.load(account_id, consistent=True)
        if account is None:
            return 0
        moving = Moving.begin(account, now)
        if not moving.movements:
            return 0
        accounts.commit(AccountChange(account, moving.after, movements=tuple(moving.movements)))
        return -sum(each.points.amount for each in moving.movements)

    return until_committed(step, pause)
