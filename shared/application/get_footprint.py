"""Read the subject's footprint, as it was worked out when its answers were put."""

from dataclasses import dataclass
from datetime import datetime

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Footprints
from shared.domain.catalogue import Catalogue
from shared.domain.errors import FootprintNotFoundError
from shared.domain.footprint import FOOTPRINT, Footprint, FootprintModel
from shared.domain.methodology import Use


@dataclass(frozen=True, slots=True)
class StandingFootprint:
    """A footprint by the version of then; `newer` is the version in force now, if another."""

    footprint: Footprint
    calculated_at: datetime
    newer: str | None


def get_footprint(
    accounts: Accounts,
    footprints: Footprints,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    now: datetime,
) -> StandingFootprint:
    """Return the footprint; raise AccountNotFoundError, FootprintNotFoundError, BusyError."""
    account = get_account(accounts, subject_hash=subject_hash)
    stored = footprints.find(account.account_id)
    if stored is None:
        raise FootprintNotFoundError
    model = FootprintModel.of(catalogue.named(stored.methodology))
    current = catalogue.in_force(FOOTPRINT, now, Use.FOOTPRINT).reference
    return StandingFootprint(
        footprint=model.calculate(model.read_texts(stored.answers)),
        calculated_at=stored.calculated_at,
        newer=current if current != stored.methodology else None,
    )
