"""Make an invitation to the subject's household."""

from datetime import datetime

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import household_of, require_consent
from shared.application.ports import Accounts, Documents, Pause, Write
from shared.domain.errors import HouseholdNotFoundError
from shared.domain.household import INVITATION_LIFETIME, Invitation


def invite_member(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    share_bp: int,
    code_hash: str,
    now: datetime,
    pause: Pause,
) -> Invitation:
    """Return the invitation of a code that nobody can guess, to a share of the whole.

    Raises AccountNotFoundError, HouseholdNotFoundError, HouseholdNotConsentedError,
    HouseholdFullError, TooManyInvitationsError, BusyError.
    """

    def step() -> Invitation:
        account = get_account(accounts, subject_hash=subject_hash)
        household = household_of(documents, account)
        made = documents.get(Invitation, code_hash, Invitation.NAME)
        if made is not None:
            # Our own write stood, only its answer was lost.
            return made
        require_consent(account)
        inviter = household.member(account.account_id)
        if inviter is None:
            raise HouseholdNotFoundError
        after = household.invite(account.account_id, code_hash, now)
        invitation = Invitation(
            code_hash, household.household_id, inviter.number, share_bp, now + INVITATION_LIFETIME
        )
        documents.put(Write(after, household), Write(invitation))
        return invitation

    return until_committed(step, pause)
