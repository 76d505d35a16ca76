"""Keep the subject's answers, in place of earlier ones, and work out the footprint from them."""

from collections.abc import Mapping
from datetime import datetime

from shared.application.calculate_footprint import calculate_footprint
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Footprints, StoredFootprint
from shared.domain.catalogue import Catalogue
from shared.domain.footprint import Footprint


def put_footprint(
    accounts: Accounts,
    footprints: Footprints,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    answers: Mapping[str, object],
    now: datetime,
) -> tuple[Footprint, datetime]:
    """Return the footprint and when it was calculated: the same answers again change nothing.

    Raises InvalidRequestError with a pointer to each bad answer, AccountNotFoundError, BusyError.
    """
    footprint = calculate_footprint(catalogue, answers=answers, now=now)
    account = get_account(accounts, subject_hash=subject_hash)
    wanted = StoredFootprint(
        account_id=account.account_id,
        methodology=footprint.methodology.reference,
        answers=footprint.given_texts,
        calculated_at=now,
    )
    standing = footprints.find(account.account_id)
    if standing is not None and wanted.repeats(standing):
        return footprint, standing.calculated_at
    footprints.put(wanted)
    return footprint, now
