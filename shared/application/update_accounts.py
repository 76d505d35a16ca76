"""Commit measured events to their accounts: one commit per account and batch, safe to repeat."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.application.ports import (
    AccountChange,
    AccountPostings,
    Accounts,
    Documents,
    EntriesExistError,
    Outcomes,
    Pause,
)
from shared.application.splitting import changes_of, split_credits, split_return
from shared.domain.account import Account
from shared.domain.crediting import Posting, Refusal, decide_credits, refuse_all
from shared.domain.entry import Cause, Entry
from shared.domain.errors import BusyError, StaleAccountError
from shared.domain.splitting import is_shared

# A transaction takes 100 items; 25 entries and their account leave room and stay far below 4 MB.
ENTRIES_PER_COMMIT_MAX = 25
# An entry that a household shares may take ten of them: itself, the outcome of what completed
# another, and a line of each of eight members, who are eight more once.
SHARED_PER_COMMIT_MAX = 8
ATTEMPTS_MAX = 8


class _Stores(NamedTuple):
    """Where everything is."""

    accounts: Accounts
    outcomes: Outcomes
    documents: Documents


class _Decision(NamedTuple):
    """What a decision leaves beside its commit."""

    refusals: Sequence[Refusal]
    superseded: int = 0
    # What needs a commit of its own.
    later: Sequence[Posting] = ()


@dataclass(slots=True)
class Tally:
    """What became of a batch; `failed` holds the messages that must come again, `errors` why.

    `superseded` counts corrections whose original had changed meanwhile: they changed nothing.
    """

    credited: int = 0
    refused: int = 0
    duplicates: int = 0
    conflicts: int = 0
    superseded: int = 0
    failed: set[str] = field(default_factory=set)
    errors: list[Exception] = field(default_factory=list)


def update_accounts(
    accounts: Accounts,
    outcomes: Outcomes,
    documents: Documents,
    *,
    batches: Mapping[str, AccountPostings],
    now: datetime,
    pause: Pause,
) -> Tally:
    """Credit or refuse every posting of a batch of messages, account by account."""
    tally = Tally()
    stores = _Stores(accounts, outcomes, documents)
    messages: dict[str | None, set[str]] = {}
    postings: dict[str | None, list[Posting]] = {}
    for message, batch in batches.items():
        messages.setdefault(batch.account_id, set()).add(message)
        postings.setdefault(batch.account_id, []).extend(batch.postings)
    for account_id, wanted in postings.items():
        try:
            for chunk in _chunks(wanted, tally):
                _credit(stores, account_id, chunk, now, pause, tally)
        except BusyError:
            tally.failed |= messages[account_id]
        except Exception as error:  # noqa: BLE001 - reported, and tried again by the queue
            # Whatever is wrong with this account must not hold up the others.
            tally.failed |= messages[account_id]
            tally.errors.append(error)
    return tally


def _chunks(postings: Iterable[Posting], tally: Tally) -> Iterator[list[Posting]]:
    """Yield the postings in chunks that one commit can take, which may name a key only once.

    The same payload again is a duplicate. Another payload of a known cause goes into a later
    chunk, where the store knows which of them it has.
    """
    rounds: list[dict[str, Posting]] = []
    # What completes another comes after it, where one batch brings both.
    for posting in sorted(postings, key=lambda each: each.completes is not None):
        key = posting.cause.key
        for each in rounds:
            known = each.setdefault(key, posting)
            if known is posting:
                break
            if known.payload_digest == posting.payload_digest:
                tally.duplicates += 1
                break
        else:
            rounds.append({key: posting})
    for each in rounds:
        distinct = list(each.values())
        for start in range(0, len(distinct), ENTRIES_PER_COMMIT_MAX):
            yield distinct[start : start + ENTRIES_PER_COMMIT_MAX]


def _credit(
    stores: _Stores,
    account_id: str | None,
    postings: Sequence[Posting],
    now: datetime,
    pause: Pause,
    tally: Tally,
) -> None:
    """Decide and commit one chunk until it stands; raise BusyError when it does not."""
    accounts, outcomes, _ = stores
    pending = list(postings)
    for attempt in range(ATTEMPTS_MAX):
        standing = _standing(outcomes, pending) if account_id else {}
        try:
            changes, decision = _decide(
                stores, account_id, pending, standing, now, consistent=attempt > 0
            )
            if changes:
                accounts.commit(*changes)
        except EntriesExistError as known:
            pending = _unknown(outcomes, pending, known.digests, now, tally)
            continue
        except (StaleAccountError, BusyError):
            pause(attempt)
            continue
        tally.credited += len(changes[0].entries) if changes else 0
        tally.superseded += decision.superseded
        for refusal in decision.refusals:
            _refuse(outcomes, refusal, now, tally)
        if decision.later:
            _credit(stores, account_id, decision.later, now, pause, tally)
        return
    raise BusyError


def _standing(outcomes: Outcomes, postings: Iterable[Posting]) -> dict[Cause, Entry]:
    """Return the newest entry of each event that a posting amends; most amend none."""
    events = {posting.amends for posting in postings if posting.amends}
    found = ((event, outcomes.standing(event)) for event in sorted(events, key=lambda e: e.key))
    return {event: entry for event, entry in found if entry is not None}


def _decide(
    stores: _Stores,
    account_id: str | None,
    postings: Sequence[Posting],
    standing: Mapping[Cause, Entry],
    now: datetime,
    *,
    consistent: bool,
) -> tuple[Sequence[AccountChange], _Decision]:
    """Decide on a cheap read, which the commit's condition guards; refuse on a certain one only."""
    account = stores.accounts.load(account_id, consistent=consistent) if account_id else None
    if account is None:
        if account_id and not consistent:
            return _decide(stores, account_id, postings, standing, now, consistent=True)
        return (), _Decision(refuse_all(postings, now))
    size = _size_of_commit(account, postings)
    decision = decide_credits(account, postings[:size], now, standing)
    refused = _Decision(decision.refusals, decision.superseded, postings[size:])
    if (decision.refusals or decision.superseded) and not consistent:
        return _decide(stores, account_id, postings, standing, now, consistent=True)
    if not decision.entries:
        return (), refused
    lowered = decision.entries[0]
    if lowered.reduction_mg < 0 and is_shared(lowered.behaviour.scenario):
        # It is alone. What comes back is booked first, so that it is what is taken back.
        original = standing[lowered.cause.event]
        split = split_return(
            stores.accounts, stores.outcomes, account, original, -lowered.reduction_mg, now
        )
        again = decide_credits(split.account, postings[:size], now, standing)
        return changes_of(AccountChange(account, again.account, again.entries), split), refused
    change = AccountChange(
        account, decision.account, entries=decision.entries, completions=decision.completions
    )
    return split_credits(stores.accounts, stores.documents, change, now), refused


def _size_of_commit(account: Account, postings: Sequence[Posting]) -> int:
    """Return how many of the postings, from the first on, one commit takes.

    What is shared takes more of it. A correction of that, which may take back from many, is alone,
    and no event has two entries in one commit, because the second must find the first one's split.
    """
    seen: set[Cause] = set()
    shared = 0
    for number, posting in enumerate(postings):
        if not is_shared(posting.behaviour.scenario) or not (account.household or posting.corrects):
            continue
        event = posting.amends or posting.cause
        shared += 1
        if event in seen or shared > SHARED_PER_COMMIT_MAX or (posting.corrects and number):
            return number
        if posting.corrects:
            return 1
        seen.add(event)
    return len(postings)


def _unknown(
    outcomes: Outcomes,
    postings: Iterable[Posting],
    digests: Mapping[str, str],
    now: datetime,
    tally: Tally,
) -> list[Posting]:
    """Return the postings without an outcome; count the others as duplicate or conflict."""
    unknown: list[Posting] = []
    for posting in postings:
        known = digests.get(posting.cause.key)
        if known is None:
            unknown.append(posting)
        elif posting.corrects and known != posting.payload_digest:
            tally.superseded += 1
        else:
            _repeat(outcomes, posting.cause, (known, posting.payload_digest), now, tally)
    return unknown


def _refuse(outcomes: Outcomes, refusal: Refusal, now: datetime, tally: Tally) -> None:
    known = outcomes.record_refusal(refusal)
    if known is None:
        tally.refused += 1
    else:
        _repeat(outcomes, refusal.cause, (known, refusal.payload_digest), now, tally)


def _repeat(
    outcomes: Outcomes, cause: Cause, digests: tuple[str, str], now: datetime, tally: Tally
) -> None:
    """A known cause again: with the known payload it is a duplicate, with another a conflict."""
    known, again = digests
    if known == again:
        tally.duplicates += 1
        return
    tally.conflicts += 1
    outcomes.record_conflict(cause, again, now)
