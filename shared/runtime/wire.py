"""The answers that several functions give: accounts, consents, entries, sums."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import Field

from shared.application.get_entry import entry_id
from shared.domain.account import Account
from shared.domain.consent import ConsentKey, ConsentRecord
from shared.domain.entry import Entry
from shared.domain.figures import honest_figure
from shared.domain.instants import format_instant, ledger_day
from shared.domain.measurement import Sum
from shared.domain.points import PointsBalance
from shared.runtime.http import WireModel


class DisplayBody(WireModel):
    """The same as a person should read it: no more digits than are known, as decimal texts."""

    value: str
    low: str
    high: str
    unit: str

    @classmethod
    def of(cls, central_mg: int, low_mg: int, high_mg: int) -> Self:
        figure = honest_figure(central_mg, low_mg, high_mg)
        return cls(value=figure.value, low=figure.low, high=figure.high, unit=figure.unit)


class SumBody(WireModel):
    """A number of entries and their milligrams of CO2e, with how sure they are.

    The range adds errors of factors fully, and those of activities in quadrature. `evidence_mg`
    splits `reduction_mg` by evidence grade, 1 is best. `provisional_mg` is what completing events
    may still top up. `label` is the weakest label of any value in it.
    """

    count: int
    reduction_mg: int
    low_mg: int
    high_mg: int
    evidence_mg: dict[str, int]
    provisional_mg: int
    label: str
    display: DisplayBody

    @classmethod
    def of(cls, each: Sum) -> Self:
        return cls(
            count=each.count,
            reduction_mg=each.reduction_mg,
            low_mg=each.low_mg,
            high_mg=each.high_mg,
            evidence_mg={
                str(grade): amount_mg
                for grade, amount_mg in enumerate(each.grades_mg, start=1)
                if amount_mg
            },
            provisional_mg=each.provisional_mg,
            label=each.label.value,
            display=DisplayBody.of(each.reduction_mg, each.low_mg, each.high_mg),
        )


class LapsingBody(WireModel):
    """Points that can be spent through the end of `spend_by`, a day in UTC+8."""

    spend_by: str
    points: int


class PointsBody(WireModel):
    """Points: what can be spent, by the day through which, what is on hold, and what is owed."""

    available: int
    on_hold: int
    debt: int
    lapsing: list[LapsingBody]

    @classmethod
    def of(cls, balance: PointsBalance, today: date) -> Self:
        return cls(
            available=balance.spendable(today),
            on_hold=balance.held,
            debt=balance.debt,
            lapsing=[
                LapsingBody(spend_by=last.isoformat(), points=amount)
                for last, amount in balance.available.items()
                if last >= today
            ],
        )


class ReductionsBody(WireModel):
    """Reductions that can be spent, are on hold, or are owed, in milligrams of CO2e.

    Something is owed where a credit was reversed after it was spent; new credit pays it first.
    """

    available_mg: int
    on_hold_mg: int
    debt_mg: int

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            available_mg=max(0, account.available_mg),
            on_hold_mg=account.held_mg,
            debt_mg=account.debt_mg,
        )


class AccountBody(WireModel):
    """An account: `reduction_mg` is the sum of its `entries` in milligrams of CO2e.

    It is what was measured, whatever became of it; `total` says how sure that is. `reductions` and
    `points` are what there is to spend. With `as_of` all sums are those of that instant.
    """

    account_id: str
    state: str
    opened_at: str
    reduction_mg: int
    entries: int
    lines: int
    active_consents: int
    total: SumBody
    reductions: ReductionsBody
    points: PointsBody
    as_of: str

    @classmethod
    def of(cls, account: Account, as_of: datetime) -> Self:
        return cls(
            account_id=account.account_id,
            state=account.state.value,
            opened_at=format_instant(account.opened_at),
            reduction_mg=account.reduction_mg,
            entries=account.total.count,
            lines=account.seq,
            active_consents=len(account.consents),
            total=SumBody.of(account.total),
            reductions=ReductionsBody.of(account),
            points=PointsBody.of(account.points, ledger_day(as_of)),
            as_of=format_instant(as_of),
        )


class ConsentReceiptBody(WireModel):
    """One record of the consent history. `digest` covers it and chains to `previous_digest`."""

    number: int
    action: str
    scenario: str
    partner: str
    notice_version: str
    notice_digest: str
    at: str
    previous_digest: str
    digest: str

    @classmethod
    def of(cls, record: ConsentRecord) -> Self:
        return cls(
            number=record.number,
            action=record.action.value,
            scenario=record.key.scenario,
            partner=record.key.partner,
            notice_version=record.notice_version,
            notice_digest=record.notice_digest,
            at=format_instant(record.at),
            previous_digest=record.previous_digest,
            digest=record.digest,
        )


class ConsentBody(WireModel):
    """Whether one consent is in force, and since when."""

    scenario: str
    partner: str
    active: bool
    since: str | None = None
    notice_version: str | None = None
    receipt_number: int | None = None

    @classmethod
    def of(cls, account: Account, key: ConsentKey) -> Self:
        consent = account.consents.get(key)
        if consent is None:
            return cls(scenario=key.scenario, partner=key.partner, active=False)
        return cls(
            scenario=key.scenario,
            partner=key.partner,
            active=True,
            since=format_instant(consent.since),
            notice_version=consent.notice_version,
            receipt_number=consent.number,
        )


class EntryBody(WireModel):
    """One booking. `inputs` are decimal texts; `reduction_mg` is milligrams of CO2e.

    Of an amendment, `reduction_mg` is the signed difference that it books, `amends` says why, and
    `standing_mg` is what the behaviour is credited in all; the range is around that. `missing`
    names optional inputs that were not reported: the credit is then provisional, a lower bound.
    `points` is what it earned, or takes back; `reason` is why it was reversed, or `claimed` where
    it stands on its user's word alone. Its `hash` is the name of its lot.
    """

    entry_id: str
    seq: int
    scenario: str
    partner: str
    event_id: str
    occurred_at: str
    booked_at: str
    inputs: dict[str, str]
    reduction_mg: int
    standing_mg: int
    low_mg: int
    high_mg: int
    evidence_grade: int
    label: str
    missing: list[str]
    provisional: bool
    amends: str | None = None
    reason: str | None = None
    points: int
    spend_by: str | None = None
    methodology: str
    consent_number: int
    hash: str
    previous_hash: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            entry_id=entry_id(entry.cause),
            seq=entry.seq,
            scenario=entry.behaviour.scenario,
            partner=entry.cause.partner,
            event_id=entry.cause.event_id,
            occurred_at=format_instant(entry.behaviour.occurred_at),
            booked_at=format_instant(entry.booked_at),
            inputs={name: str(value) for name, value in entry.behaviour.inputs.items()},
            reduction_mg=entry.reduction_mg,
            standing_mg=entry.standing_mg,
            low_mg=entry.low_mg,
            high_mg=entry.high_mg,
            evidence_grade=int(entry.grade),
            label=entry.label.value,
            missing=list(entry.missing),
            provisional=entry.is_provisional,
            amends=entry.original.kind.value if entry.original else None,
            reason=entry.reason or None,
            points=entry.points,
            spend_by=entry.spend_by.isoformat() if entry.spend_by else None,
            methodology=entry.methodology,
            consent_number=entry.consent_number,
            hash=entry.hash,
            previous_hash=entry.previous_hash,
        )


class PageBody(WireModel):
    """A page of entries; `next_cursor` is absent on the last one."""

    entries: list[EntryBody]
    next_cursor: str | None = Field(default=None)

    @classmethod
    def of(cls, entries: Iterable[Entry], next_cursor: str | None) -> Self:
        return cls(entries=[EntryBody.of(entry) for entry in entries], next_cursor=next_cursor)
