"""Read the seal of a ledger day."""

from datetime import date

from shared.application.ports import Seals
from shared.domain.errors import DayNotSealedError
from shared.domain.totals import SealedDay


def get_sealed_day(seals: Seals, *, day: date) -> SealedDay:
    """Return the sealed totals; raise DayNotSealedError while the day is open or had no ledger."""
    sealed = seals.sealed(day)
    if sealed is None:
        raise DayNotSealedError
    return sealed
