"""Changing households: what their use cases have in common."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from shared.application.ports import AccountChange, Accounts, Documents
from shared.domain.account import Account
from shared.domain.errors import HouseholdNotConsentedError, HouseholdNotFoundError
from shared.domain.household import CONSENT, Household, ProposalState


class AtHome(NamedTuple):
    """An account and the household that it is in, or waits to be let in to."""

    account: Account
    household: Household


def household_of(documents: Documents, account: Account) -> Household:
    """Return the account's household; raise HouseholdNotFoundError without one."""
    found = None
    if account.household is not None:
        found = documents.get(Household, account.household, Household.NAME)
    if found is None:
        raise HouseholdNotFoundError
    return found


def require_consent(account: Account) -> None:
    """Raise HouseholdNotConsentedError unless the account may share with others."""
    if CONSENT not in account.consents:
        raise HouseholdNotConsentedError


def placed(account: Account, household_id: str | None) -> Account:
    """Return the account's next version, in this household or in none."""
    return replace(account, household=household_id, version=account.version + 1)


def turned_away(
    accounts: Accounts, before: Household, after: Household, account_id: str
) -> Sequence[AccountChange]:
    """Return the change of a newcomer whose proposal has just ended without letting it in.

    An account that leaves by itself, `account_id`, has a change of its own.
    """
    asked, answered = before.open_proposal, after.proposal
    if asked is None or answered is None or asked.newcomer is None:
        return ()
    if answered.state not in {ProposalState.REJECTED, ProposalState.WITHDRAWN}:
        return ()
    [newcomer_id] = [e.account_id for e in asked.members if e.number == asked.newcomer]
    newcomer = accounts.load(newcomer_id, consistent=True)
    if newcomer_id == account_id or newcomer is None or newcomer.household != before.household_id:
        return ()
    return (AccountChange(newcomer, placed(newcomer, None)),)
