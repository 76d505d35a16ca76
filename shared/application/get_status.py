"""Read what of the service stands, and up to when. It says what was measured and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.application.ports import Standing
from shared.domain.closing import Backlog, backlog
from shared.domain.instants import ledger_day
from shared.domain.totals import SealedDay

# Bookings are looked for in this many ledger days: the present one and the one before.
DAYS_READ_MAX = 2


@dataclass(frozen=True, slots=True)
class Status:
    """What the totals' store held at `now`.

    `booked_through` is the newest booking counted into the days that are read, None without one.
    """

    now: datetime
    last_sealed: SealedDay | None
    backlog: Backlog
    booked_through: datetime | None


def get_status(standing: Standing, *, now: datetime) -> Status:
    """Return the status, of at most five reads. Raises BusyError."""
    today = ledger_day(now)
    through = standing.sealed_through()
    last_sealed = _last_sealed(standing, through, today) if through else None
    days = [today - timedelta(days=back) for back in range(DAYS_READ_MAX)]
    bookings = [standing.newest_booking(day) for day in days]
    return Status(
        now=now,
        last_sealed=last_sealed,
        backlog=backlog(
            last_sealed.day if last_sealed else through, has_seal=last_sealed is not None, now=now
        ),
        booked_through=max((each for each in bookings if each), default=None),
    )


def _last_sealed(standing: Standing, through: date, today: date) -> SealedDay | None:
    """Return the last day that has a seal; the day that the cursor names may have none."""
    following = through + timedelta(days=1)
    # A run that died between the two leaves a seal that the cursor does not name yet.
    ahead = standing.sealed(following) if following < today else None
    return ahead or standing.sealed(through)
