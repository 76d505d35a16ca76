"""The entries table: ledger lines, the outcomes that are not, and conflicts."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import GetError, PutError, QueryError, ScanError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from shared.adapters.dynamodb import bind, is_refusal, store_error
from shared.application.ports import MovementPage, Outcome, StatementFilter, StatementPage
from shared.domain.crediting import Completion, Refusal, RefusalReason
from shared.domain.entry import (
    AMENDMENTS_MAX,
    AmendmentKind,
    Behaviour,
    Cause,
    Entry,
    Original,
)
from shared.domain.errors import InvalidCursorError
from shared.domain.instants import format_instant, parse_instant
from shared.domain.measurement import NOTHING, EvidenceGrade, Label, Spread, Sum
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.points import PointsChange

ENTRY_RECORD = "entry"
CREDITED, REJECTED, COMPLETED, CONFLICT = "credited", "rejected", "completed", "conflict"
MOVED = "moved"
CONFLICT_PREFIX = "conflict#"
CONFLICTS_SHOWN_MAX = 20
LINES_PER_PAGE = 1000
# How many pages of a filtered index one request may read before it hands out a cursor.
PAGES_PER_REQUEST_MAX = 10
# The service refuses a longer partition key, so nothing can stand under it.
KEY_BYTES_MAX = 2048
_KEY_SEPARATOR = "|"
_PLACE = re.compile(r"[0-9TZ:.-]{24}#[0-9]{10}\|[a-z]{1,16}#[^|]{1,134}", re.ASCII)


class ByAccountIndex(GlobalSecondaryIndex["EntryRow"]):
    """An account's entries by occurrence; refusals have no account and are not in it."""

    class Meta:
        index_name = "by_account"
        projection = AllProjection()

    account_id = UnicodeAttribute(hash_key=True)
    occurred_key = UnicodeAttribute(range_key=True)


class EntryRow(Model):
    """One line of the ledger, or the outcome of an event that is none, below 1 KB.

    It is a credited entry; a movement; a refusal with its reason and no more; or, of an event that
    completed another, the amendment that it became.
    """

    class Meta:
        table_name = "unbound"

    cause = UnicodeAttribute(hash_key=True)
    record = UnicodeAttribute(range_key=True)
    outcome = UnicodeAttribute()
    payload_digest = UnicodeAttribute()
    decided_at = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    amendment = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    occurred_key = UnicodeAttribute(null=True)
    seq = NumberAttribute(null=True)
    scenario = UnicodeAttribute(null=True)
    partner = UnicodeAttribute(null=True)
    inputs = UnicodeAttribute(null=True)
    reduction_mg = NumberAttribute(null=True)
    spread = UnicodeAttribute(null=True)
    grade = NumberAttribute(null=True)
    missing = UnicodeAttribute(null=True)
    points = NumberAttribute(null=True)
    spend_by = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    about = UnicodeAttribute(null=True)
    amounts = UnicodeAttribute(null=True)
    original = UnicodeAttribute(null=True)
    methodology = UnicodeAttribute(null=True)
    label = UnicodeAttribute(null=True)
    consent_number = NumberAttribute(null=True)
    salt = UnicodeAttribute(null=True)
    previous_hash = UnicodeAttribute(null=True)
    hash = UnicodeAttribute(null=True)
    by_account = ByAccountIndex()

    @classmethod
    def of(cls, entry: Entry) -> "EntryRow":
        behaviour = entry.behaviour
        return cls(
            entry.cause.key,
            ENTRY_RECORD,
            outcome=CREDITED,
            payload_digest=entry.payload_digest,
            decided_at=format_instant(entry.booked_at),
            account_id=entry.account_id,
            occurred_key=f"{format_instant(behaviour.occurred_at)}#{entry.seq:010d}",
            seq=entry.seq,
            scenario=behaviour.scenario,
            partner=entry.cause.partner,
            inputs=json.dumps({name: str(value) for name, value in behaviour.inputs.items()}),
            reduction_mg=entry.reduction_mg,
            spread=_numbers(entry.spread),
            grade=entry.grade,
            missing=",".join(entry.missing) or None,
            points=entry.points or None,
            spend_by=entry.spend_by.isoformat() if entry.spend_by else None,
            reason=entry.reason or None,
            original=_original_text(entry.original) if entry.original else None,
            methodology=entry.methodology,
            label=entry.label,
            consent_number=entry.consent_number,
            salt=entry.salt,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )

    def entry(self) -> Entry:
        """Return the entry of a credited row."""
        inputs = json.loads(self.inputs)
        return Entry(
            cause=Cause.parse(self.cause),
            account_id=self.account_id,
            seq=int(self.seq),
            behaviour=Behaviour(
                scenario=self.scenario,
                occurred_at=parse_instant(self.occurred_key.partition("#")[0]),
                inputs={name: Decimal(value) for name, value in inputs.items()},
            ),
            booked_at=parse_instant(self.decided_at),
            reduction_mg=int(self.reduction_mg),
            spread=_spread(self.spread.split(",")),
            grade=EvidenceGrade(int(self.grade)),
            methodology=self.methodology,
            label=Label(self.label),
            consent_number=int(self.consent_number),
            payload_digest=self.payload_digest,
            salt=self.salt,
            previous_hash=self.previous_hash,
            missing=tuple(self.missing.split(",")) if self.missing else (),
            original=_parse_original(self.original) if self.original else None,
            points=int(self.points or 0),
            spend_by=date.fromisoformat(self.spend_by) if self.spend_by else None,
            reason=self.reason or "",
        )

    @classmethod
    def of_movement(cls, movement: Movement) -> "EntryRow":
        booked_at = format_instant(movement.booked_at)
        return cls(
            movement.key,
            ENTRY_RECORD,
            outcome=MOVED,
            payload_digest=movement.payload_digest,
            decided_at=booked_at,
            account_id=movement.account_id,
            occurred_key=f"{booked_at}#{movement.seq:010d}",
            seq=movement.seq,
            kind=movement.kind,
            about=movement.about,
            amounts=_amounts_text(movement),
            previous_hash=movement.previous_hash,
            hash=movement.hash,
        )

    def movement(self) -> Movement:
        """Return the movement of such a row."""
        return Movement(
            key=self.cause,
            kind=MovementKind(self.kind),
            account_id=self.account_id,
            seq=int(self.seq),
            booked_at=parse_instant(self.decided_at),
            about=self.about,
            payload_digest=self.payload_digest,
            previous_hash=self.previous_hash,
            **_parse_amounts(self.amounts),
        )

    def line(self) -> Line:
        """Return the entry or movement of a row that is one."""
        return self.movement() if self.outcome == MOVED else self.entry()


class EntryTable:
    """Outcomes and statement over DynamoDB."""

    def __init__(self, entries: str) -> None:
        bind(EntryRow, entries)

    def record_refusal(self, refusal: Refusal) -> str | None:
        row = EntryRow(
            refusal.cause.key,
            ENTRY_RECORD,
            outcome=REJECTED,
            payload_digest=refusal.payload_digest,
            decided_at=format_instant(refusal.decided_at),
            reason=refusal.reason,
        )
        return self._put_new(row)

    def record_conflict(self, cause: Cause, payload_digest: str, now: datetime) -> None:
        row = EntryRow(
            cause.key,
            f"{CONFLICT_PREFIX}{payload_digest}",
            outcome=CONFLICT,
            payload_digest=payload_digest,
            decided_at=format_instant(now),
        )
        self._put_new(row)

    def _put_new(self, row: EntryRow) -> str | None:
        """Put the row where none has its key; return the digest of the one that has."""
        try:
            row.save(condition=EntryRow.cause.does_not_exist())
        except PutError as error:
            if not is_refusal(error):
                raise store_error(error) from error
        else:
            return None
        try:
            standing = EntryRow.get(row.cause, row.record, consistent_read=True)
        except GetError as error:
            raise store_error(error) from error
        return str(standing.payload_digest)

    def find(self, cause: Cause) -> Outcome | None:
        if len(cause.key.encode()) > KEY_BYTES_MAX:
            return None
        try:
            rows = list(
                EntryRow.query(cause.key, consistent_read=True, limit=CONFLICTS_SHOWN_MAX + 1)
            )
            # `conflict#...` sorts before `entry`, so many conflicts could hide it.
            known = EntryRow.get(cause.key, ENTRY_RECORD, consistent_read=True)
        except EntryRow.DoesNotExist:
            return None
        except (QueryError, GetError) as error:
            raise store_error(error) from error
        conflicts = [row for row in rows if row.record.startswith(CONFLICT_PREFIX)]
        return Outcome(
            cause=cause,
            decided_at=parse_instant(known.decided_at),
            payload_digest=known.payload_digest,
            entry=self._entry_of(known),
            reason=RefusalReason(known.reason) if known.outcome == REJECTED else None,
            conflicts=tuple(sorted(parse_instant(row.decided_at) for row in conflicts)),
        )

    def _entry_of(self, row: EntryRow) -> Entry | None:
        if row.outcome == COMPLETED:
            return self.entry(Cause.parse(row.amendment))
        return row.entry() if row.outcome == CREDITED else None

    def entry(self, cause: Cause) -> Entry | None:
        try:
            row = EntryRow.get(cause.key, ENTRY_RECORD, consistent_read=True)
        except EntryRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.entry() if row.outcome == CREDITED else None

    def standing(self, event: Cause) -> Entry | None:
        standing = self.entry(event)
        for _ in range(AMENDMENTS_MAX):
            amendment = self.entry(standing.cause.next_amendment) if standing else None
            if amendment is None:
                break
            standing = amendment
        return standing

    def measured_by(
        self, methodology: str, *, limit: int, after: str | None
    ) -> tuple[tuple[Entry, ...], str | None]:
        """Look at `limit` rows of the whole table; a restatement is rare, and needs no index."""
        found = EntryRow.scan(
            filter_condition=(EntryRow.outcome == CREDITED) & (EntryRow.methodology == methodology),
            last_evaluated_key=_scan_key(after) if after else None,
            page_size=limit,
            consistent_read=True,
        )
        try:
            page = next(found.page_iter)
        except ScanError as error:
            raise store_error(error) from error
        key = page.get("LastEvaluatedKey")
        entries = tuple(EntryRow.from_raw_data(item).entry() for item in page["Items"])
        return entries, _KEY_SEPARATOR.join(
            (key["cause"]["S"], key["record"]["S"])
        ) if key else None

    def page(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> StatementPage:
        rows, next_key = _rows(account_id, wanted, CREDITED, limit=limit, after=after)
        return StatementPage(tuple(row.entry() for row in rows), next_key)

    def movements(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> MovementPage:
        rows, next_key = _rows(account_id, wanted, MOVED, limit=limit, after=after)
        return MovementPage(tuple(row.movement() for row in rows), next_key)

    def movement(self, key: str) -> Movement | None:
        try:
            row = EntryRow.get(key, ENTRY_RECORD, consistent_read=True)
        except EntryRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.movement() if row.outcome == MOVED else None

    def lines(self, account_id: str, *, limit: int) -> Sequence[Line]:
        found = EntryRow.by_account.query(account_id, page_size=LINES_PER_PAGE, limit=limit)
        try:
            return sorted((row.line() for row in found), key=lambda line: line.seq)
        except QueryError as error:
            raise store_error(error) from error


def _rows(
    account_id: str, wanted: StatementFilter, outcome: str, *, limit: int, after: str | None
) -> tuple[list[EntryRow], str | None]:
    """Return up to `limit` rows of one outcome, newest occurrence first, and where to go on."""
    results = EntryRow.by_account.query(
        account_id,
        range_key_condition=_range(wanted),
        filter_condition=_filter(wanted, outcome),
        scan_index_forward=False,
        last_evaluated_key=_start_key(account_id, after) if after else None,
        page_size=limit,
    )
    rows: list[EntryRow] = []
    try:
        for page in islice(results.page_iter, PAGES_PER_REQUEST_MAX):
            rows += (EntryRow.from_raw_data(item) for item in page["Items"])
            key = page.get("LastEvaluatedKey")
            if len(rows) > limit:
                return rows[:limit], _place(rows[limit - 1].occurred_key, rows[limit - 1].cause)
            if key is None or len(rows) == limit:
                break
    except QueryError as error:
        raise store_error(error) from error
    return rows, _place(key["occurred_key"]["S"], key["cause"]["S"]) if key else None


def completion_row(completion: Completion) -> EntryRow:
    """Return the outcome of a completing event; the entry itself is the amendment's row."""
    return EntryRow(
        completion.cause.key,
        ENTRY_RECORD,
        outcome=COMPLETED,
        payload_digest=completion.payload_digest,
        decided_at=format_instant(completion.decided_at),
        amendment=completion.amendment.key,
    )


def _numbers(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in numbers)


def _spread(numbers: Iterable[str]) -> Spread:
    down_mg, up_mg, activity_mg2 = (int(number) for number in numbers)
    return Spread(down_mg, up_mg, activity_mg2)


def _original_text(original: Original) -> str:
    facts = [original.reduction_mg, *original.spread, original.grade, original.is_provisional]
    if original.points:
        facts.append(original.points)
    return f"{original.kind},{original.methodology},{_numbers(int(fact) for fact in facts)}"


def _parse_original(text: str) -> Original:
    kind, methodology, reduction_mg, *rest = text.split(",")
    spread, (grade, is_provisional, *points) = rest[:3], rest[3:]
    return Original(
        kind=AmendmentKind(kind),
        methodology=methodology,
        reduction_mg=int(reduction_mg),
        spread=_spread(spread),
        grade=EvidenceGrade(int(grade)),
        is_provisional=bool(int(is_provisional)),
        points=int(points[0]) if points else 0,
    )


def _amounts_text(movement: Movement) -> str:
    """Return what a movement changes, without what it leaves alone."""
    points = movement.points
    amounts = {
        "reduction_mg": movement.reduction_mg,
        "held_mg": movement.held_mg,
        "points": {last.isoformat(): each for last, each in sorted(points.available.items())},
        "points_held": points.held,
        "points_debt": points.debt,
        "backing": movement.backing.facts if movement.backing != NOTHING else [],
    }
    return json.dumps({name: amount for name, amount in amounts.items() if amount})


def _parse_amounts(text: str) -> dict[str, Any]:
    amounts = json.loads(text)
    available = {
        date.fromisoformat(last): int(each) for last, each in amounts.get("points", {}).items()
    }
    held, debt = amounts.get("points_held", 0), amounts.get("points_debt", 0)
    return {
        "reduction_mg": int(amounts.get("reduction_mg", 0)),
        "held_mg": int(amounts.get("held_mg", 0)),
        "points": PointsChange(available, int(held), int(debt)),
        "backing": Sum.of_facts(amounts["backing"]) if "backing" in amounts else NOTHING,
    }


def _place(occurred_key: str, cause: str) -> str:
    return f"{occurred_key}{_KEY_SEPARATOR}{cause}"


def _start_key(account_id: str, after: str) -> dict[str, dict[str, Any]]:
    if _PLACE.fullmatch(after) is None:
        raise InvalidCursorError
    occurred_key, _, cause = after.partition(_KEY_SEPARATOR)
    return {
        "account_id": {"S": account_id},
        "cause": {"S": cause},
        "occurred_key": {"S": occurred_key},
        "record": {"S": ENTRY_RECORD},
    }


def _scan_key(after: str) -> dict[str, dict[str, Any]]:
    cause, separator, record = after.partition(_KEY_SEPARATOR)
    if not separator:
        raise InvalidCursorError
    return {"cause": {"S": cause}, "record": {"S": record}}


def _range(wanted: StatementFilter) -> Condition | None:
    """Occurrence keys begin with the instant; the last possible one before an instant is `it#`."""
    first = format_instant(wanted.occurred_from) if wanted.occurred_from else None
    until = format_instant(wanted.occurred_until) if wanted.occurred_until else None
    if first and until:
        # Between is inclusive at both ends; no key is the bare instant, each goes on with `#`.
        return EntryRow.occurred_key.between(first, until)
    if first:
        return EntryRow.occurred_key >= first
    if until:
        return EntryRow.occurred_key < until
    return None


def _filter(wanted: StatementFilter, outcome: str) -> Condition:
    condition: Condition = EntryRow.outcome == outcome
    if wanted.scenario:
        condition &= EntryRow.scenario == wanted.scenario
    if wanted.partner:
        condition &= EntryRow.partner == wanted.partner
    if wanted.as_of:
        condition &= EntryRow.decided_at <= format_instant(wanted.as_of)
    return condition
