"""Seal every ledger day that has ended, in order, however often and whenever this is called."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.application.ports import Seals
from shared.domain.errors import TotalsMismatchError
from shared.domain.instants import ledger_day
from shared.domain.totals import SealedDay, seal_day

# A run that finds more days to seal than this leaves the rest to the next one.
DAYS_PER_RUN_MAX = 40


def close_day(seals: Seals, *, now: datetime) -> Sequence[SealedDay]:
    """Return the days sealed by this run, none if all that ended are sealed.

    The days come from the cursor in the store, not from the schedule, so a missed run is caught
    up and a doubled one changes nothing. Raises TotalsMismatchError, and seals no further, when a
    day's counters contradict its entries.
    """
    sealed: list[SealedDay] = []
    through = seals.sealed_through()
    if through is None:
        return sealed
    previous = seals.sealed(through)
    for _ in range(DAYS_PER_RUN_MAX):
        day = through + timedelta(days=1)
        if day >= ledger_day(now):
            break
        seals.close_gates(day)
        standing = seals.sealed(day)
        parts = seals.parts(day)
        result = seal_day(day, parts, seals.leaves(parts), previous, now)
        if standing is not None and standing.seal != result.seal:
            raise TotalsMismatchError(f"{day}: sealed before with other totals.")
        previous = standing or result
        seals.seal(previous)
        sealed.append(previous)
        through = day
    return sealed
