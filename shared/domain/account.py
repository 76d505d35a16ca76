"""The account and its decisions about itself: open, grant, withdraw, close."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.caps import CapCounters
from shared.domain.consent import (
    ActiveConsent,
    ConsentAction,
    ConsentHistory,
    ConsentKey,
    ConsentRecord,
    Notice,
)
from shared.domain.errors import TooManyConsentsError
from shared.domain.measurement import NOTHING, Sum
from shared.domain.points import PointsBalance, PointsEarned

# Keeps the account's item near 1 KB, and closing it within one transaction of 100 items.
CONSENTS_MAX = 24
CHAIN_START = "0" * 64


class AccountState(StrEnum):
    """An account is opened once and closed once; its subject may open another one."""

    OPEN = "open"
    CLOSED = "closed"


TRANSITIONS: Mapping[AccountState, frozenset[AccountState]] = {
    AccountState.OPEN: frozenset({AccountState.CLOSED}),
    AccountState.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands: what every commit is conditioned on.

    `version` rises with every change, `seq` with every line. `total` is the sum of the entries'
    contributions: what was measured. `moved_mg` is what movements have added to that or taken from
    it since, and `held_mg` what of it is on hold. `chain_head` is the hash of the newest line.
    `household` names the group that shares the account's eligible events.
    """

    account_id: str
    opened_at: datetime
    state: AccountState = AccountState.OPEN
    version: int = 0
    seq: int = 0
    total: Sum = NOTHING
    chain_head: str = CHAIN_START
    last_booked_at: datetime | None = None
    consents: Mapping[ConsentKey, ActiveConsent] = field(default_factory=dict)
    consent_history: ConsentHistory = field(default_factory=ConsentHistory)
    caps: CapCounters = field(default_factory=CapCounters)
    moved_mg: int = 0
    held_mg: int = 0
    points: PointsBalance = field(default_factory=PointsBalance)
    points_earned: PointsEarned = field(default_factory=PointsEarned)
    household: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state is AccountState.OPEN

    @property
    def reduction_mg(self) -> int:
        """What was measured and not reversed, in milligrams of CO2e, whatever became of it."""
        return self.total.reduction_mg

    @property
    def available_mg(self) -> int:
        """What can be spent; below zero after a reversal of what was spent already."""
        return self.reduction_mg + self.moved_mg

    @property
    def debt_mg(self) -> int:
        """What a reversal could not take back; new credit pays it first."""
        return max(0, -self.available_mg)

    def not_before(self, now: datetime) -> datetime:
        """Return `now`, or the account's newest fact where another function's clock was ahead.

        So the times of an account's entries and consents have the order of its commits.
        """
        return max(
            [now, self.last_booked_at or now, *(each.since for each in self.consents.values())]
        )

    def has_partner(self, partner: str) -> bool:
        """Tell whether any consent with this partner is active."""
        return any(key.partner == partner for key in self.consents)


def open_account(account_id: str, now: datetime) -> Account:
    """Return a new, empty account."""
    return Account(account_id=account_id, opened_at=now, version=1)


def grant(
    account: Account, key: ConsentKey, notice: Notice, now: datetime
) -> tuple[Account, ConsentRecord | None]:
    """Return the account with the consent, and its record; no record if nothing changed.

    A consent under an older notice is replaced from now on: it never reaches back.
    Raises TooManyConsentsError at CONSENTS_MAX.
    """
    active = account.consents.get(key)
    if active is not None and active.notice_version == notice.version:
        return account, None
    if active is None and len(account.consents) >= CONSENTS_MAX:
        raise TooManyConsentsError
    since = account.not_before(now)
    history, record = account.consent_history.record(
        account_id=account.account_id,
        action=ConsentAction.GRANTED,
        key=key,
        notice_version=notice.version,
        notice_digest=notice.digest,
        at=since,
    )
    consents = {**account.consents, key: ActiveConsent(since, record.number, notice.version)}
    changed = replace(
        account, version=account.version + 1, consents=consents, consent_history=history
    )
    return changed, record


def withdraw(
    account: Account, key: ConsentKey, now: datetime
) -> tuple[Account, ConsentRecord | None]:
    """Return the account without the consent, and the record; no record if it was not active."""
    active = account.consents.get(key)
    if active is None:
        return account, None
    history, record = account.consent_history.record(
        account_id=account.account_id,
        action=ConsentAction.WITHDRAWN,
        key=key,
        notice_version=active.notice_version,
        notice_digest="",
        at=account.not_before(now),
    )
    consents = {other: consent for other, consent in account.consents.items() if other != key}
    changed = replace(
        account, version=account.version + 1, consents=consents, consent_history=history
    )
    return changed, record


def close(account: Account, now: datetime) -> tuple[Account, tuple[ConsentRecord, ...]]:
    """Return the closed account with every consent withdrawn, and the withdrawals' records."""
    records: list[ConsentRecord] = []
    closed = account
    for key in sorted(account.consents):
        closed, record = withdraw(closed, key, now)
        if record is not None:
            records.append(record)
    closed = replace(closed, state=AccountState.CLOSED, version=account.version + 1)
    return closed, tuple(records)
