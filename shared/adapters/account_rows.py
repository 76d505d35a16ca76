"""The rows of the accounts table, and how an account is written into one KB."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.models import Model

from shared.adapters.packing import pack, unpack
from shared.application.ports import StoredFootprint
from shared.domain.account import Account, AccountState
from shared.domain.canonical import canonical_json
from shared.domain.caps import CapCounters, CapPeriod, CapWindow
from shared.domain.consent import ActiveConsent, ConsentHistory, ConsentKey
from shared.domain.instants import format_instant, parse_instant
from shared.domain.measurement import Sum
from shared.domain.points import PointsBalance, PointsEarned

ACCOUNT_PREFIX, FOOTPRINT_PREFIX = "account#", "footprint#"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Days and months are counted from here, which keeps their numbers short.
_FIRST_DAY = date(2020, 1, 1).toordinal()
_FIRST_MONTH = CapPeriod.MONTH.number(date(2020, 1, 1))


class AccountRow(Model):
    """One account, below 1 KB.

    For that reason consents and caps are sets of short texts with instants in base 36, `total` is
    a list of numbers, `holdings` another in bytes, and hashes are bytes.
    """

    class Meta:
        table_name = "unbound"

    account_key = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    version = NumberAttribute()
    seq = NumberAttribute()
    total = UnicodeAttribute()
    holdings = BinaryAttribute(null=True, legacy_encoding=False)
    household = UnicodeAttribute(null=True)
    chain_head = BinaryAttribute(legacy_encoding=False)
    opened_at = UnicodeAttribute()
    last_booked_at = UnicodeAttribute(null=True)
    consents = UnicodeSetAttribute(null=True)
    caps = UnicodeSetAttribute(null=True)
    consent_count = NumberAttribute()
    consent_head = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def of(cls, account: Account) -> "AccountRow":
        return cls(
            account_key(account.account_id),
            state=account.state,
            version=account.version,
            seq=account.seq,
            total=_total_text(account.total),
            holdings=_holdings(account),
            household=account.household,
            chain_head=bytes.fromhex(account.chain_head),
            opened_at=format_instant(account.opened_at),
            last_booked_at=format_instant(account.last_booked_at)
            if account.last_booked_at
            else None,
            consents={_consent_text(*each) for each in account.consents.items()} or None,
            caps={
                f"{scenario}#{period}#{window.encode()}"
                for (scenario, period), window in account.caps.windows.items()
            }
            or None,
            consent_count=account.consent_history.length,
            consent_head=bytes.fromhex(account.consent_history.head),
        )

    def account(self) -> Account:
        account = Account(
            account_id=self.account_key.removeprefix(ACCOUNT_PREFIX),
            opened_at=parse_instant(self.opened_at),
            state=AccountState(self.state),
            version=int(self.version),
            seq=int(self.seq),
            total=_parse_total(self.total),
            chain_head=self.chain_head.hex(),
            last_booked_at=parse_instant(self.last_booked_at) if self.last_booked_at else None,
            consents=dict(_parse_consent(text) for text in self.consents or ()),
            consent_history=ConsentHistory(int(self.consent_count), self.consent_head.hex()),
            caps=CapCounters(dict(_parse_cap(text) for text in self.caps or ())),
            household=self.household,
        )
        return _with_holdings(account, self.holdings) if self.holdings else account


class SubjectRow(Model):
    """Which account a subject's open account is."""

    class Meta:
        table_name = "unbound"

    account_key = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()


class FootprintRow(Model):
    """An account's footprint, far below 4 KB: answers as canonical JSON, and no result.

    The result follows from the answers and the methodology's version.
    """

    class Meta:
        table_name = "unbound"

    account_key = UnicodeAttribute(hash_key=True)
    methodology = UnicodeAttribute()
    answers = UnicodeAttribute()
    calculated_at = UnicodeAttribute()

    @classmethod
    def of(cls, stored: StoredFootprint) -> "FootprintRow":
        return cls(
            footprint_key(stored.account_id),
            methodology=stored.methodology,
            answers=canonical_json(stored.answers).decode(),
            calculated_at=format_instant(stored.calculated_at),
        )

    def stored_footprint(self) -> StoredFootprint:
        return StoredFootprint(
            account_id=self.account_key.removeprefix(FOOTPRINT_PREFIX),
            methodology=self.methodology,
            answers=json.loads(self.answers),
            calculated_at=parse_instant(self.calculated_at),
        )


def account_key(account_id: str) -> str:
    return f"{ACCOUNT_PREFIX}{account_id}"


def subject_key(subject_hash: str) -> str:
    return f"subject#{subject_hash}"


def footprint_key(account_id: str) -> str:
    return f"{FOOTPRINT_PREFIX}{account_id}"


def _total_text(total: Sum) -> str:
    """Zeros at the end are left out: most accounts have entries of one or two grades."""
    facts = total.facts
    while facts and not facts[-1]:
        facts.pop()
    return ",".join(str(fact) for fact in facts)


def _parse_total(text: str) -> Sum:
    return Sum.of_facts([int(fact) for fact in text.split(",") if fact])


def _holdings(account: Account) -> bytes | None:
    """Return what movements and points have made of an account, or None where they have nothing.

    Four balances; then, each with its length, the points by their last day, and the windows of
    what was earned per day and month.
    """
    points, earned = account.points, account.points_earned
    numbers = [account.moved_mg, account.held_mg, points.held, points.debt, len(points.available)]
    for last, amount in sorted(points.available.items()):
        numbers += (last.toordinal() - _FIRST_DAY, amount)
    for window, first in ((earned.days, _FIRST_DAY), (earned.months, _FIRST_MONTH)):
        since = window.first - first if window.counts else 0
        numbers += (since, len(window.counts), *window.counts)
    return pack(numbers) if any(numbers) else None


def _with_holdings(account: Account, packed: bytes) -> Account:
    numbers = unpack(packed)
    moved_mg, held_mg, points_held, points_debt, lots = islice(numbers, 5)
    available: dict[date, int] = {}
    for _ in range(lots):
        last = date.fromordinal(next(numbers) + _FIRST_DAY)
        available[last] = next(numbers)
    return replace(
        account,
        moved_mg=moved_mg,
        held_mg=held_mg,
        points=PointsBalance(available, points_held, points_debt),
        points_earned=PointsEarned(_window(numbers, _FIRST_DAY), _window(numbers, _FIRST_MONTH)),
    )


def _window(numbers: Iterator[int], first: int) -> CapWindow:
    since, length = next(numbers), next(numbers)
    counts = tuple(islice(numbers, length))
    return CapWindow(since + first, counts) if counts else CapWindow()


def _compact(instant: datetime) -> str:
    """Return the milliseconds since 1970 in base 36: eight characters instead of 24."""
    number = round(instant.timestamp() * 1000)
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _parse_compact(text: str) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text, 36))


def _consent_text(key: ConsentKey, consent: ActiveConsent) -> str:
    since = _compact(consent.since)
    return f"{key.scenario}#{key.partner}#{since}#{consent.number}#{consent.notice_version}"


def _parse_consent(text: str) -> tuple[ConsentKey, ActiveConsent]:
    scenario, partner, since, number, notice_version = text.split("#")
    consent = ActiveConsent(_parse_compact(since), int(number), notice_version)
    return ConsentKey(scenario, partner), consent


def _parse_cap(text: str) -> tuple[tuple[str, CapPeriod], CapWindow]:
    scenario, period, window = text.split("#")
    return (scenario, CapPeriod(period)), CapWindow.decode(window)
