"""Commit measured events to their accounts: one commit per account and batch, safe to repeat."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.application.ports import (
    AccountChange,
    AccountPostings,
    Accounts,
    EntriesExistError,
    Outcomes,
    Pause,
)
from shared.domain.crediting import Posting, Refusal, decide_credits, refuse_all
from shared.domain.entry import Cause, Entry
from shared.domain.errors import BusyError, StaleAccountError

# A transaction takes 100 items; 25 entries and their account leave room and stay far below 4 MB.
ENTRIES_PER_COMMIT_MAX = 25
ATTEMPTS_MAX = 8


class _Decision(NamedTuple):
    """What a decision leaves beside its commit."""

    refusals: Sequence[Refusal]
    superseded: int = 0


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
    *,
    batches: Mapping[str, AccountPostings],
    now: datetime,
    pause: Pause,
) -> Tally:
    """Credit or refuse every posting of a batch of messages, account by account."""
    tally = Tally()
    messages: dict[str | None, set[str]] = {}
    postings: dict[str | None, list[Posting]] = {}
    for message, batch in batches.items():
        messages.setdefault(batch.account_id, set()).add(message)
        postings.setdefault(batch.account_id, []).extend(batch.postings)
    for account_id, wanted in postings.items():
        try:
            for chunk in _chunks(wanted, tally):
                _credit(accounts, outcomes, account_id, chunk, now, pause, tally)
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
    accounts: Accounts,
    outcomes: Outcomes,
    account_id: str | None,
    postings: Sequence[Posting],
    now: datetime,
    pause: Pause,
    tally: Tally,
) -> None:
    """Decide and commit one chunk until it stands; raise BusyError when it does not."""
    pending = list(postings)
    for attempt in range(ATTEMPTS_MAX):
        standing = _standing(outcomes, pending) if account_id else {}
        change, decision = _decide(
            accounts, account_id, pending, standing, now, consistent=attempt > 0
        )
        try:
            if change is not None:
                accounts.commit(change)
        except EntriesExistError as known:
            pending = _unknown(outcomes, pending, known.digests, now, tally)
            continue
        except (StaleAccountError, BusyError):
            pause(attempt)
            continue
        tally.credited += len(change.entries) if change else 0
        tally.superseded += decision.superseded
        for refusal in decision.refusals:
            _refuse(outcomes, refusal, now, tally)
        return
    raise BusyError


def _standing(outcomes: Outcomes, postings: Iterable[Posting]) -> dict[Cause, Entry]:
    """Return the newest entry of each event that a posting amends; most amend none."""
    events = {posting.amends for posting in postings if posting.amends}
    found = ((event, outcomes.standing(event)) for event in sorted(events, key=lambda e: e.key))
    return {event: entry for event, entry in found if entry is not None}


def _decide(
    accounts: Accounts,
    account_id: str | None,
    postings: Sequence[Posting],
    standing: Mapping[Cause, Entry],
    now: datetime,
    *,
    consistent: bool,
) -> tuple[AccountChange | None, _Decision]:
    """Decide on a cheap read, which the commit's condition guards; refuse on a certain one only."""
    account = accounts.load(account_id, consistent=consistent) if account_id else None
    if account is None:
        if account_id and not consistent:
            return _decide(accounts, account_id, postings, standing, now, consistent=True)
        return None, _Decision(refuse_all(postings, now))
    decision = decide_credits(account, postings, now, standing)
    refused = _Decision(decision.refusals, decision.superseded)
    if (decision.refusals or decision.superseded) and not consistent:
        return _decide(accounts, account_id, postings, standing, now, consistent=True)
    if not decision.entries:
        return None, refused
    change = AccountChange(
        account, decision.account, entries=decision.entries, completions=decision.completions
    )
    return change, refused


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
