"""Answer what was proposed to the members of the subject's household."""

from shared.application.changing import until_committed
from shared.application.get_account import get_account
from shared.application.households import AtHome, household_of, turned_away
from shared.application.ports import AccountChange, Accounts, Documents, Pause, Write
from shared.domain.household import Answer


def answer_proposal(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    proposal: int,
    answer: Answer,
    pause: Pause,
) -> AtHome:
    """Return the household after the answer; the same answer again changes nothing.

    Raises AccountNotFoundError, HouseholdNotFoundError, ProposalNotOpenError, BusyError.
    """

    def step() -> AtHome:
        account = get_account(accounts, subject_hash=subject_hash)
        before = household_of(documents, account)
        household = before.answer(account.account_id, proposal, answer)
        if household == before:
            return AtHome(account, household)
        write = Write(household, before)
        turned = turned_away(accounts, before, household, account.account_id)
        if turned:
            [newcomer] = turned
            out = AccountChange(newcomer.before, newcomer.after, documents=(write,))
            accounts.commit(out)
        else:
            documents.put(write)
        return AtHome(account, household)

    return until_committed(step, pause)
