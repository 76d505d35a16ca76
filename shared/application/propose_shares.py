"""Propose other shares to the members of the subject's household."""

from collections.abc import Mapping
from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import AtHome, household_of
from shared.application.ports import Accounts, Documents, Pause, Write


def propose_shares(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    shares: Mapping[int, int],
    now: datetime,
    pause: Pause,
) -> AtHome:
    """Return the household with the proposal, which is in force when every member has agreed.

    `shares` is basis points by member's number. Raises AccountNotFoundError,
    HouseholdNotFoundError, InvalidSharesError, ProposalOpenError, BusyError.
    """

    def step() -> AtHome:
        account = get_account(accounts, subject_hash=subject_hash)
        before = household_of(documents, account)
        household = before.propose(account.account_id, shares, now)
        if household != before:
            documents.put(Write(household, before))
        return AtHome(account, household)

    return until_committed(step, pause)
