"""Load, decide, commit: the loop that every change of an account goes through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.application.get_account import get_account
from shared.application.ports import (
    AccountChange,
    Accounts,
    EntriesExistError,
    Pause,
)
from shared.domain.account import Account
from shared.domain.errors import (
    BusyError,
    CarbonAccountError,
    IdempotencyConflictError,
    StaleAccountError,
)

# Credits to the same account are what a user's change races with; eight losses in a row is a fault.
ATTEMPTS_MAX = 8

_T = TypeVar("_T")


def change_account(
    accounts: Accounts,
    *,
    subject_hash: str,
    decide: Callable[[Account], AccountChange | None],
    pause: Pause,
) -> Account:
    """Commit what `decide` makes of the subject's account; return the account as it then is.

    `decide` returns None where nothing is to change. Raises AccountNotFoundError, what `decide`
    raises, or BusyError after ATTEMPTS_MAX lost races.
    """

    def step() -> Account:
        account = get_account(accounts, subject_hash=subject_hash)
        change = decide(account)
        if change is None:
            return account
        accounts.commit(change)
        return change.after

    return until_committed(step, pause)


def until_committed(step: Callable[[], _T], pause: Pause) -> _T:
    """Take a step that loads, decides and commits until it stands; return what it returns.

    A lost race or a lost answer takes it again from the beginning, so a step that must not happen
    twice begins by looking whether it has. Raises BusyError after ATTEMPTS_MAX tries.
    """
    for attempt in range(ATTEMPTS_MAX):
        try:
            return step()
        except (BusyError, EntriesExistError, StaleAccountError):
            pause(attempt)
    raise BusyError


@dataclass(frozen=True, slots=True)
class Moved(Generic[_T]):
    """What a request that moves value came to; `is_repeat` if it stood before."""

    value: _T
    is_repeat: bool


def move_once(
    accounts: Accounts,
    *,
    subject_hash: str,
    known: Callable[[Account], _T | None],
    decide: Callable[[Account], tuple[_T, Sequence[AccountChange]]],
    is_dry_run: bool,
    pause: Pause,
) -> Moved[_T]:
    """Decide and commit once, however often it is asked.

    `known` returns what the same request came to before, found by an id that follows from its
    Idempotency-Key, or raises IdempotencyConflictError where that was another request. `decide`
    returns what it comes to with the changes to commit, or raises the refusal, which stands unless
    the same request is known by then. A dry run decides and commits nothing. Raises
    AccountNotFoundError and BusyError too.
    """

    def step() -> Moved[_T]:
        account = get_account(accounts, subject_hash=subject_hash)
        found = known(account)
        if found is not None:
            return Moved(found, is_repeat=True)
        try:
            value, (change, *others) = decide(account)
        except CarbonAccountError:
            # What refuses it may be what the same request, sent at the same time, has just done.
            found = known(account)
            if found is None:
                raise
            return Moved(found, is_repeat=True)
        if not is_dry_run:
            accounts.commit(change, *others)
        return Moved(value, is_repeat=False)

    return until_committed(step, pause)


def require_same_request(known_digest: str, request_digest: str) -> None:
    """Raise IdempotencyConflictError unless both are one request."""
    if known_digest != request_digest:
        raise IdempotencyConflictError
