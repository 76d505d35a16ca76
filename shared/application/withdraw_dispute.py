"""Withdraw a dispute, as long as nobody has decided it."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.disputing import get_dispute
from shared.application.get_account import get_account
from shared.application.ports import Accounts, Documents, Pause, Write
from shared.domain.dispute import DISPUTE_ID, Dispute, DisputeState
from shared.domain.errors import DisputeNotFoundError


def withdraw_dispute(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    dispute_id: str,
    now: datetime,
    pause: Pause,
) -> Dispute:
    """Return the withdrawn dispute; asked again, it is the same.

    Raises DisputeNotFoundError for another's too, DisputeEndedError where it was decided,
    AccountNotFoundError and BusyError.
    """

    def step() -> Dispute:
        account = get_account(accounts, subject_hash=subject_hash)
        if DISPUTE_ID.fullmatch(dispute_id) is None:
            raise DisputeNotFoundError
        dispute = get_dispute(documents, account.account_id, dispute_id)
        if dispute.state is DisputeState.WITHDRAWN:
            return dispute
        withdrawn = dispute.ended(DisputeState.WITHDRAWN, now)
        documents.put(Write(withdrawn, replaces=dispute))
        return withdrawn

    return until_committed(step, pause)
