"""What a commit of entries moves between the members of a household: read, then decided purely."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.application.ports import AccountChange, Accounts, Documents, Outcomes
from shared.domain.account import Account
from shared.domain.entry import Cause, Entry
from shared.domain.household import Household, may_share
from shared.domain.movement import Movement
from shared.domain.splitting import (
    PARTS_MAX,
    Split,
    decide_split,
    decide_split_return,
    is_shared,
    split_key,
)


def split_credits(
    accounts: Accounts, documents: Documents, change: AccountChange, now: datetime
) -> list[AccountChange]:
    """Return the change of an account that was credited, then those of its household.

    Of an account without household, and of entries that are not shared, it reads nothing.
    """
    before = change.before
    shared = (each for each in change.entries if is_shared(each.behaviour.scenario))
    if before is None or before.household is None or not any(e.reduction_mg > 0 for e in shared):
        return [change]
    household = documents.get(Household, before.household, Household.NAME)
    if household is None or not may_share(before, household):
        return [change]
    ids = (each.account_id for each in household.members)
    members = _load(accounts, (each for each in ids if each != before.account_id))
    split = decide_split(before.available_mg, change.after, change.entries, household, members, now)
    return changes_of(replace(change, after=split.account), split)


def split_return(
    accounts: Accounts,
    outcomes: Outcomes,
    account: Account,
    standing: Entry,
    amount_mg: int,
    now: datetime,
) -> Split:
    """Return what the members give back when so much of what stands is about to be taken back.

    The amendment is then decided on the account of the answer, and committed by `changes_of`. Of
    what is not shared it reads nothing.
    """
    if not is_shared(standing.behaviour.scenario) or amount_mg <= 0:
        return Split(account)
    cause = standing.cause.next_amendment
    splits = splits_of(outcomes, cause)
    return decide_split_return(
        account,
        standing_mg=standing.standing_mg,
        amount_mg=amount_mg,
        cause=cause,
        splits=splits,
        members=_load(accounts, {each.account_id for each in splits}),
        now=now,
    )


def splits_of(outcomes: Outcomes, cause: Cause) -> Sequence[Movement]:
    """Return the members' lines, both ways, of the event and its amendments before this one."""
    found: list[Movement] = []
    for amendment in range(cause.amendment):
        each = replace(cause, amendment=amendment)
        sent = outcomes.movement(split_key(each, "sent"))
        if sent is not None:
            found += _parts(outcomes, each, "received", PARTS_MAX, -sent.reduction_mg)
        elif amendment:
            recovered = outcomes.movement(split_key(each, "recovered"))
            if recovered is not None:
                # A place is given to each that had a part, also where it gave nothing back.
                places = len({movement.account_id for movement in found})
                found += _parts(outcomes, each, "returned", places, recovered.reduction_mg)
    return found


def changes_of(change: AccountChange, split: Split) -> list[AccountChange]:
    """Return the owner's change with its movements, and the members'."""
    return [
        replace(change, movements=(*change.movements, *split.movements)),
        *(
            AccountChange(other.before, other.after, movements=other.movements)
            for other in split.others
        ),
    ]


def _parts(
    outcomes: Outcomes, cause: Cause, step: str, places: int, amount_mg: int
) -> list[Movement]:
    """Return the lines of one split that add up to what left the owner, or came back to it."""
    parts: list[Movement] = []
    for place in range(1, places + 1):
        if sum(abs(part.reduction_mg) for part in parts) == amount_mg:
            break
        part = outcomes.movement(split_key(cause, f"{place}#{step}"))
        if part is not None:
            parts.append(part)
    return parts


def _load(accounts: Accounts, account_ids: Iterable[str]) -> dict[str, Account]:
    loaded = (accounts.load(each, consistent=True) for each in sorted(account_ids))
    return {account.account_id: account for account in loaded if account is not None}
