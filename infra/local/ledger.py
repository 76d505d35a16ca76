"""Every row of the store, read back into what it stands for, so that it can be verified.

Rows that cannot be read are kept by name with the reason; nothing is left out unseen.
"""

import importlib
import json
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import shared.domain
from shared.adapters.account_rows import FOOTPRINT_PREFIX, AccountRow, FootprintRow, SubjectRow
from shared.adapters.consents import (
    LINK_PREFIX,
    RECORD_PREFIX,
    AccountLinkRow,
    ConsentRecordRow,
    LinkRow,
)
from shared.adapters.documents import DocumentRow
from shared.adapters.entries import (
    COMPLETED,
    CONFLICT,
    CONFLICT_PREFIX,
    CREDITED,
    ENTRY_RECORD,
    MOVED,
    REJECTED,
    EntryRow,
    completion_row,
)
from shared.adapters.partners import PartnerRow
from shared.application.ports import Link
from shared.domain.account import Account
from shared.domain.consent import ConsentRecord
from shared.domain.crediting import Completion, RefusalReason
from shared.domain.document import Document
from shared.domain.entry import Cause, Entry
from shared.domain.errors import CarbonAccountError
from shared.domain.flows import add_flows
from shared.domain.instants import format_instant, parse_instant
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import Line
from shared.domain.totals import SEQUENCE_DIGITS, Leaf, SealedDay, TotalsKey, TotalsPart

PAGES_PER_TABLE_MAX: Final = 10_000
ROWS_MAX: Final = 2_000_000

HASH_BYTES: Final = 32
LEAF_BYTES: Final = HASH_BYTES + 8

Row = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB has it: typed values by attribute."""


class LedgerTooLargeError(Exception):
    """The store has more rows than can be verified in one look."""


@dataclass(frozen=True, slots=True)
class Unsound:
    """A row that does not read back as it would be written, or (attribute `-`) not at all."""

    row: str
    attribute: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A credited entry with the hash that stands next to it."""

    entry: Entry
    stored_hash: str


@dataclass(frozen=True, slots=True)
class StoredLine:
    """An entry or a movement with the hash that stands next to it."""

    line: Line
    stored_hash: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another payload under a known cause."""

    cause: str
    payload_digest: str
    at: str


@dataclass(frozen=True, slots=True)
class LeafRun:
    """The leaves of one batch of one day and shard, from its first to its last record."""

    day: date
    shard: str
    first: str
    last: str
    leaves: tuple[Leaf, ...]


@dataclass(slots=True)
class Ledger:
    """The store, sorted by what its rows are. `rows` counts all of them."""

    rows: int = 0
    unsound: list[Unsound] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    subjects: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    footprints: list[str] = field(default_factory=list)
    """The accounts that keep one."""
    entries: dict[str, StoredEntry] = field(default_factory=dict)
    lines: dict[str, StoredLine] = field(default_factory=dict)
    """Entries and movements by their keys."""
    by_account: defaultdict[str, list[StoredLine]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The same by account, in order."""
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Payload digest and instant of decision by cause, credited or not."""
    completions: dict[str, str] = field(default_factory=dict)
    """The amendment that each completing event became, by causes."""
    conflicts: list[Conflict] = field(default_factory=list)
    records: defaultdict[str, list[ConsentRecord]] = field(
        default_factory=lambda: defaultdict(list)
    )
    documents: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    """Documents by kind, owner and name."""
    links: dict[Link, str] = field(default_factory=dict)
    account_links: dict[tuple[str, str], Link] = field(default_factory=dict)
    parts: dict[tuple[date, str], TotalsPart] = field(default_factory=dict)
    runs: list[LeafRun] = field(default_factory=list)
    gates: defaultdict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    sealed: dict[date, SealedDay] = field(default_factory=dict)
    sealed_through: date | None = None

    @property
    def entries_sum(self) -> Sum:
        return sum((stored.entry.contribution for stored in self.entries.values()), NOTHING)

    @property
    def balances_sum(self) -> Sum:
        return sum((each.total for each in self.accounts.values()), NOTHING)

    @property
    def sealed_sum(self) -> Sum:
        return sum((each.total for each in self.sealed.values()), NOTHING)

    @property
    def live_sum(self) -> Sum:
        """What the parts of days that are not sealed have counted."""
        live = (part for (day, _), part in self.parts.items() if day not in self.sealed)
        sums = (item for part in live for item in part.sums.items())
        return sum((each for key, each in sums if not key.is_movement), NOTHING)

    @property
    def days_flows(self) -> dict[str, int]:
        """What all days have counted, sealed or not."""
        return add_flows(part.flows for part in self.parts.values())

    def counted_runs(self) -> Iterator[LeafRun]:
        """Yield the runs that a part's checkpoint has reached; others are not counted yet."""
        for run in self.runs:
            part = self.parts.get((run.day, run.shard))
            if part is not None and run.last <= part.sequence:
                yield run


def read_ledger(dynamodb: Any, tables: Mapping[str, str]) -> Ledger:
    """Read all tables with a boto client. Raises LedgerTooLargeError."""
    ledger = Ledger()
    for table, read in _READERS.items():
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=tables[table], ConsistentRead=True
        )
        for number, page in enumerate(pages):
            ledger.rows += len(page["Items"])
            if number >= PAGES_PER_TABLE_MAX or ledger.rows > ROWS_MAX:
                raise LedgerTooLargeError(f"The store has more than {ROWS_MAX} rows.")
            for row in page["Items"]:
                _read(ledger, row, read)
    for stored in ledger.lines.values():
        ledger.by_account[stored.line.account_id].append(stored)
    for lines in ledger.by_account.values():
        lines.sort(key=lambda each: each.line.seq)
    for records in ledger.records.values():
        records.sort(key=lambda each: each.number)
    return ledger


def _read(ledger: Ledger, row: Row, read: "_Reader") -> None:
    name = _name(row)
    try:
        expected = read(ledger, row)
    except (CarbonAccountError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        ledger.unsound.append(Unsound(name, "-", "a row that can be read", type(error).__name__))
    except AttributeError:
        # PynamoDB reads a missing attribute as None, whose parts are asked for.
        ledger.unsound.append(Unsound(name, "-", "a whole row", "an attribute is missing"))
    else:
        for attribute in sorted({*row, *expected}):
            wanted, found = _plain(expected.get(attribute)), _plain(row.get(attribute))
            if wanted != found:
                ledger.unsound.append(Unsound(name, attribute, wanted, found))


_Reader = Callable[[Ledger, Row], Row]
"""Returns the row as it should be written, and adds what it stands for once that is known."""


def _read_account_row(ledger: Ledger, row: Row) -> Row:
    if row["account_key"]["S"].startswith("subject#"):
        pointer = SubjectRow.from_raw_data(dict(row))
        ledger.subjects[pointer.account_id] += 1
        return _serialized(pointer)
    if row["account_key"]["S"].startswith(FOOTPRINT_PREFIX):
        stored = FootprintRow.from_raw_data(dict(row)).stored_footprint()
        ledger.footprints.append(stored.account_id)
        return _serialized(FootprintRow.of(stored))
    account = AccountRow.from_raw_data(dict(row)).account()
    expected = _serialized(AccountRow.of(account))
    ledger.accounts[account.account_id] = account
    return expected


def _read_entry_row(ledger: Ledger, row: Row) -> Row:
    stored = EntryRow.from_raw_data(dict(row))
    if stored.record.startswith(CONFLICT_PREFIX):
        digest = stored.record.removeprefix(CONFLICT_PREFIX)
        at = format_instant(parse_instant(stored.decided_at))
        ledger.conflicts.append(Conflict(stored.cause, digest, at))
        return _serialized(
            EntryRow(
                stored.cause,
                stored.record,
                outcome=CONFLICT,
                payload_digest=digest,
                decided_at=at,
            )
        )
    at = format_instant(parse_instant(stored.decided_at))
    ledger.outcomes[stored.cause] = (stored.payload_digest, at)
    if stored.outcome == CREDITED:
        entry = stored.entry()
        # The stored hash is an invariant of its own.
        expected = {**_serialized(EntryRow.of(entry)), "hash": row["hash"]}
        ledger.entries[stored.cause] = StoredEntry(entry, stored.hash)
        ledger.lines[stored.cause] = StoredLine(entry, stored.hash)
        return expected
    if stored.outcome == MOVED:
        movement = stored.movement()
        expected = {**_serialized(EntryRow.of_movement(movement)), "hash": row["hash"]}
        ledger.lines[stored.cause] = StoredLine(movement, stored.hash)
        return expected
    if stored.outcome == COMPLETED:
        completion = Completion(
            cause=Cause.parse(stored.cause),
            payload_digest=bytes.fromhex(stored.payload_digest).hex(),
            amendment=Cause.parse(stored.amendment),
            decided_at=parse_instant(at),
        )
        ledger.completions[stored.cause] = stored.amendment
        return _serialized(completion_row(completion))
    return _serialized(
        EntryRow(
            Cause.parse(stored.cause).key,
            ENTRY_RECORD,
            outcome=REJECTED,
            payload_digest=bytes.fromhex(stored.payload_digest).hex(),
            decided_at=at,
            reason=RefusalReason(stored.reason),
        )
    )


def _read_consent_row(ledger: Ledger, row: Row) -> Row:
    owner, record = row["owner"]["S"], row["record"]["S"]
    if owner.startswith(LINK_PREFIX):
        linked = LinkRow.from_raw_data(dict(row))
        partner, reference_hash = owner.removeprefix(LINK_PREFIX).split("#")
        link = Link(partner, reference_hash)
        ledger.links[link] = linked.account_id
        return _serialized(LinkRow.of(link, linked.account_id))
    if record.startswith(LINK_PREFIX):
        link = AccountLinkRow.from_raw_data(dict(row)).link()
        account_id = owner.removeprefix("account#")
        ledger.account_links[account_id, link.partner] = link
        return _serialized(AccountLinkRow.of(link, account_id))
    if not record.startswith(RECORD_PREFIX):
        raise ValueError("neither a record nor a link")
    consent = ConsentRecordRow.from_raw_data(dict(row)).consent_record()
    expected = _serialized(ConsentRecordRow.of(consent))
    ledger.records[consent.account_id].append(consent)
    return expected


def _read_partner_row(_ledger: Ledger, row: Row) -> Row:
    return _serialized(PartnerRow.of(PartnerRow.from_raw_data(dict(row)).to_partner()))


def _read_document_row(ledger: Ledger, row: Row) -> Row:
    kind, _, owner = row["place"]["S"].partition("#")
    document = DocumentRow.from_raw_data(dict(row)).document(document_kinds()[kind])
    if document.owner != owner:
        raise ValueError("a document of another owner")
    ledger.documents[kind, owner, document.name] = document
    return _serialized(DocumentRow.of(document))


@cache
def document_kinds() -> dict[str, Any]:
    """Return every kind of document of the domain, by its name."""
    kinds: dict[str, Any] = {}
    for module in pkgutil.iter_modules(shared.domain.__path__):
        code = importlib.import_module(f"shared.domain.{module.name}")
        for each in vars(code).values():
            if isinstance(each, type) and is_dataclass(each) and hasattr(each, "KIND"):
                kinds[each.KIND] = each
    return kinds


def _read_totals_row(ledger: Ledger, row: Row) -> Row:
    """Read what the totals' adapter writes, by the format and not by its code."""
    bucket, name = row["bucket"]["S"], row["part"]["S"]
    key = {"bucket": {"S": bucket}, "part": {"S": name}}
    if bucket == "cursor":
        ledger.sealed_through = date.fromisoformat(row["sealed_through"]["S"])
        return {**key, "sealed_through": {"S": ledger.sealed_through.isoformat()}}
    day = date.fromisoformat(bucket.removeprefix("day#"))
    kind, _, rest = name.partition("#")
    match kind:
        case "gate":
            ledger.gates[day].add(rest)
            return key
        case "shard":
            ledger.parts[day, rest] = _part(day, rest, row)
            attributes = ("booked_through", "flows", "sequence", "sums", "version")
            return {**key, **{attribute: row[attribute] for attribute in attributes}}
        case "leaves":
            shard, last, first = rest.rsplit("#", 2)
            if not all(each.isdecimal() and len(each) == SEQUENCE_DIGITS for each in (last, first)):
                raise ValueError("no leaves of a batch")
            leaves = tuple(_leaves(row["leaves"]["M"]))
            ledger.runs.append(LeafRun(day, shard, first, last, leaves))
            return {**key, "leaves": row["leaves"]}
        case "sealed":
            ledger.sealed[day] = _sealed(row["seal"]["S"])
            return {**key, "seal": row["seal"]}
        case _:
            raise ValueError("no part of totals")


def _part(day: date, shard: str, row: Row) -> TotalsPart:
    sums = _canonical(row["sums"]["S"])
    if len(row["sequence"]["S"]) != SEQUENCE_DIGITS:
        raise ValueError("no sequence number")
    return TotalsPart(
        day=day,
        shard=shard,
        sums={_totals_key(key): Sum.of_facts(facts) for key, facts in sums.items()},
        flows=_canonical(row["flows"]["S"]),
        sequence=row["sequence"]["S"],
        booked_through=parse_instant(row["booked_through"]["S"]),
        version=int(row["version"]["N"]),
    )


def _leaves(runs: Mapping[str, Mapping[str, Any]]) -> Iterator[Leaf]:
    """Yield leaves of 32 bytes of entry hash and 8 of milligrams, by scenario and partner."""
    for key, value in runs.items():
        scenario, partner = _totals_key(key)
        run = bytes(value["B"])
        if not run or len(run) % LEAF_BYTES:
            raise ValueError("no whole leaves")
        for start in range(0, len(run), LEAF_BYTES):
            leaf = run[start : start + LEAF_BYTES]
            amount = int.from_bytes(leaf[HASH_BYTES:], "big", signed=True)
            yield Leaf(leaf[:HASH_BYTES].hex(), amount, scenario, partner)


def _sealed(text: str) -> SealedDay:
    data = _canonical(text)
    return SealedDay(
        day=date.fromisoformat(data["day"]),
        total=Sum.of_facts(data["total"]),
        by_scenario={key: Sum.of_facts(facts) for key, facts in data["by_scenario"].items()},
        by_partner={key: Sum.of_facts(facts) for key, facts in data["by_partner"].items()},
        root=data["root"],
        previous_seal=data["previous_seal"],
        sealed_at=parse_instant(data["sealed_at"]),
        by_movement={key: Sum.of_facts(facts) for key, facts in data["by_movement"].items()},
        flows=data["flows"],
        standing=data["standing"],
    )


def _canonical(text: str) -> Any:
    """Return the JSON of a text that could not have been written in another way."""
    data = json.loads(text)
    if json.dumps(data, sort_keys=True) != text:
        raise ValueError("another way of writing it")
    return data


def _totals_key(text: str) -> TotalsKey:
    scenario, partner = text.split("#")
    return TotalsKey(scenario, partner)


_READERS: Final[Mapping[str, _Reader]] = {
    "TotalsTable": _read_totals_row,
    "AccountsTable": _read_account_row,
    "EntriesTable": _read_entry_row,
    "ConsentsTable": _read_consent_row,
    "PartnersTable": _read_partner_row,
    "DocumentsTable": _read_document_row,
}


def _serialized(row: Any) -> Row:
    serialized: Row = row.serialize()
    return serialized


def _plain(value: Mapping[str, Any] | None) -> str:
    """Return a typed value as text; sets in order, because they have none."""
    if value is None:
        return "nothing"
    [(kind, content)] = value.items()
    return f"{kind} {sorted(content) if kind == 'SS' else content}"


def _name(row: Row) -> str:
    """Return the row's key, as it can be asked for."""
    keys = next((names for names in _KEYS if names[0] in row), ())
    return " ".join(str(row[name].get("S", "?")) for name in keys if name in row)


# An entry has a partner too, which is not its key: the order matters.
_KEYS: Final = (
    ("account_key",),
    ("cause", "record"),
    ("owner", "record"),
    ("bucket", "part"),
    ("place", "name"),
    ("partner",),
)
