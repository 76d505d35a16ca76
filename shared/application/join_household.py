"""Ask to be let in to the household of an invitation."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import AtHome, household_of, placed, require_consent
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.errors import AlreadyInHouseholdError, InvitationRefusedError
from shared.domain.household import Household, Invitation


def join_household(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    code_hash: str,
    now: datetime,
    pause: Pause,
) -> AtHome:
    """Return the household that the account is now in, or waits to be let in to.

    The same code of the same account again changes nothing. A code that is unknown, used or
    expired, and a household that is full or gone, are one refusal. Raises AccountNotFoundError,
    HouseholdNotConsentedError, AlreadyInHouseholdError, InvitationRefusedError, ProposalOpenError,
    BusyError.
    """

    def step() -> AtHome:
        account = get_account(accounts, subject_hash=subject_hash)
        invitation = documents.get(Invitation, code_hash, Invitation.NAME)
        if account.household is not None:
            if invitation is None or invitation.used_by != account.account_id:
                raise AlreadyInHouseholdError
            household = household_of(documents, account)
            if household.household_id != invitation.household_id:
                raise AlreadyInHouseholdError
            return AtHome(account, household)
        require_consent(account)
        if invitation is None:
            raise InvitationRefusedError
        used = invitation.used(account.account_id, now)
        found = documents.get(Household, invitation.household_id, Household.NAME)
        if found is None:
            raise InvitationRefusedError
        household = found.admit(account.account_id, invitation, now)
        after = placed(account, household.household_id)
        writes = (Write(household, found), Write(used, invitation))
        accounts.commit(AccountChange(account, after, documents=writes))
        return AtHome(after, household)

    return until_committed(step, pause)
