"""Consent: per scenario and partner, bound to a notice version, kept as an append-only history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shared.domain.canonical import digest
from shared.domain.instants import format_instant

# Who a consent is given to where no partner reports anything: the installation itself.
PLATFORM = "platform"
CARBON_POOL, HOUSEHOLD, SHARE_CARD = "carbon-pool", "household", "share-card"


class ConsentKey(NamedTuple):
    """What a consent is for."""

    scenario: str
    partner: str


@dataclass(frozen=True, slots=True)
class ActiveConsent:
    """A consent in force: since when, the number of its record, and the notice that was seen."""

    since: datetime
    number: int
    notice_version: str


class ConsentAction(StrEnum):
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One line of an account's consent history, and the user's receipt for it.

    `number` counts the account's records from 1; `previous_digest` chains them.
    """

    account_id: str
    number: int
    action: ConsentAction
    key: ConsentKey
    notice_version: str
    notice_digest: str
    at: datetime
    previous_digest: str

    @property
    def digest(self) -> str:
        return digest(
            {
                "account_id": self.account_id,
                "action": self.action,
                "at": format_instant(self.at),
                "notice_digest": self.notice_digest,
                "notice_version": self.notice_version,
                "number": self.number,
                "partner": self.key.partner,
                "previous": self.previous_digest,
                "scenario": self.key.scenario,
            }
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What a user is told before consenting: versioned, in every language, never edited."""

    scenario: str
    version: str
    texts: Mapping[str, Mapping[str, str]]
    data_categories: tuple[str, ...]
    retention: str

    @property
    def digest(self) -> str:
        return digest(
            {
                "data_categories": self.data_categories,
                "retention": self.retention,
                "scenario": self.scenario,
                "texts": self.texts,
                "version": self.version,
            }
        )


@dataclass(frozen=True, slots=True)
class ConsentHistory:
    """Where an account's consent history stands: its length and the digest of its last record."""

    length: int = 0
    head: str = "0" * 64

    def record(
        self,
        *,
        account_id: str,
        action: ConsentAction,
        key: ConsentKey,
        notice_version: str,
        notice_digest: str,
        at: datetime,
    ) -> tuple["ConsentHistory", ConsentRecord]:
        """Return the history after one more record, and the record."""
        record = ConsentRecord(
            account_id=account_id,
            number=self.length + 1,
            action=action,
            key=key,
            notice_version=notice_version,
            notice_digest=notice_digest,
            at=at,
            previous_digest=self.head,
        )
        return replace(self, length=record.number, head=record.digest), record
