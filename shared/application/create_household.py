"""Found a household of one, who then invites others."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import AtHome, household_of, placed, require_consent
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.household import found_household
from shared.domain.identifiers import derived_id


def create_household(
    accounts: Accounts, documents: Documents, *, subject_hash: str, now: datetime, pause: Pause
) -> tuple[AtHome, bool]:
    """Return the account's household and whether it is new: whoever is in one keeps it.

    Raises AccountNotFoundError, HouseholdNotConsentedError, BusyError.
    """

    def step() -> tuple[AtHome, bool]:
        account = get_account(accounts, subject_hash=subject_hash)
        if account.household is not None:
            return AtHome(account, household_of(documents, account)), False
        require_consent(account)
        # No two changes of an account have the same version, so no id comes twice.
        household_id = derived_id("h", account.account_id, str(account.version))
        household = found_household(household_id, account.account_id, now)
        after = placed(account, household_id)
        accounts.commit(AccountChange(account, after, documents=(Write(household),)))
        return AtHome(after, household), True

    return until_committed(step, pause)
