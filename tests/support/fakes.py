"""The ports in memory, written by hand and held to the adapters' behaviour by tests/contract.

`calls` lists what was asked of a store, in order. Trouble is scripted: what stands in `trouble` is
called, one each, before a commit (it raises, or changes what the commit will find); `lost_replies`
commits succeed without telling.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from infra.local.supplier import OK, Behaviour, Order, Supplier
from shared.application.ports import (
    AccountChange,
    AccountPostings,
    DayClosedError,
    EntriesExistError,
    FulfilmentOrder,
    Link,
    MovementPage,
    OrderState,
    Outcome,
    ReportedEvent,
    StalePartError,
    StatementFilter,
    StatementPage,
    StoredFootprint,
    SupplierAnswer,
    Write,
)
from shared.domain.account import Account
from shared.domain.consent import ConsentRecord
from shared.domain.crediting import Completion, Refusal
from shared.domain.document import Document
from shared.domain.entry import Cause, Entry
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    ReferenceLinkedError,
    StaleAccountError,
    TotalsMismatchError,
)
from shared.domain.instants import format_instant
from shared.domain.movement import Line, Movement
from shared.domain.partner import Partner
from shared.domain.redemption import Redemption
from shared.domain.totals import CountedEntry, Leaf, SealedDay, TotalsPart

Trouble = deque[Callable[[], object]]


def no_pause(attempt: int) -> None:
    """Pause for no time at all."""


def busy() -> None:
    raise BusyError


@dataclass
class Store:
    """What the accounts, entries and consents tables hold together."""

    accounts: dict[str, Account] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    completions: dict[str, Completion] = field(default_factory=dict)
    movements: dict[str, Movement] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    footprints: dict[str, StoredFootprint] = field(default_factory=dict)
    conflicts: dict[str, dict[str, datetime]] = field(default_factory=dict)
    records: dict[str, list[ConsentRecord]] = field(default_factory=dict)
    links: dict[Link, str] = field(default_factory=dict)
    # What a read that is not consistent still sees.
    lagging: dict[str, Account] = field(default_factory=dict)
    lagging_links: set[Link] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    trouble: Trouble = field(default_factory=deque)
    lost_replies: int = 0

    def add(self, account: Account, subject_hash: str | None = None) -> Account:
        self.accounts[account.account_id] = account
        if subject_hash:
            self.subjects[subject_hash] = account.account_id
        return account

    def digest_of(self, cause: Cause) -> str | None:
        return self.digest_of_key(cause.key)

    def digest_of_key(self, key: str) -> str | None:
        known = (
            self.entries.get(key)
            or self.completions.get(key)
            or self.refusals.get(key)
            or self.movements.get(key)
        )
        return known.payload_digest if known else None

    def lines_of(self, account_id: str) -> list[Line]:
        """Return an account's lines in the order of their booking."""
        lines: list[Line] = [*self.entries.values(), *self.movements.values()]
        own = (line for line in lines if line.account_id == account_id)
        return sorted(own, key=lambda line: line.seq)

    def check_document(self, write: Write) -> None:
        standing = self.documents.get(_address(write.document))
        if (standing and standing.version) != (write.replaces and write.replaces.version):
            raise StaleAccountError

    def put_document(self, write: Write) -> None:
        self.documents[_address(write.document)] = write.document

    def entries_of(self, account_id: str) -> list[Entry]:
        """Return an account's entries in the order of their booking."""
        own = (entry for entry in self.entries.values() if entry.account_id == account_id)
        return sorted(own, key=lambda entry: entry.seq)


class FakeAccounts:
    """Accounts in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, subject_hash: str) -> Account | None:
        self.store.calls.append("find")
        account_id = self.store.subjects.get(subject_hash)
        return self.store.accounts[account_id] if account_id else None

    def load(self, account_id: str, *, consistent: bool) -> Account | None:
        self.store.calls.append("load consistently" if consistent else "load")
        current = self.store.accounts.get(account_id)
        return current if consistent else self.store.lagging.get(account_id, current)

    def commit(self, change: AccountChange, *others: AccountChange) -> None:
        store = self.store
        store.calls.append("commit")
        if store.trouble:
            store.trouble.popleft()()
        self._require_free_keys((change, *others))
        for each in (change, *others):
            self._check(each)
        for each in (change, *others):
            self._apply(each)
        if store.lost_replies:
            store.lost_replies -= 1
            raise BusyError

    def with_lapsed_points(
        self, today: date, *, limit: int, after: str | None
    ) -> tuple[Sequence[str], str | None]:
        # A page holds two rows, so that a walk has several.
        self.store.calls.append("scan")
        ids = sorted(each for each in self.store.accounts if after is None or each > after)
        page = ids[: min(limit, 2)]
        found = [e for e in page if self.store.accounts[e].points.lapsing(today).available]
        return found, page[-1] if len(ids) > len(page) else None

    def _apply(self, change: AccountChange) -> None:
        store, after = self.store, change.after
        store.accounts[after.account_id] = after
        store.movements |= {each.key: each for each in change.movements}
        for write in change.documents:
            store.put_document(write)
        store.entries |= {entry.cause.key: entry for entry in change.entries}
        store.completions |= {each.cause.key: each for each in change.completions}
        store.records.setdefault(after.account_id, []).extend(change.records)
        if change.link:
            store.links[change.link] = after.account_id
        for link in change.unlinks:
            store.links.pop(link, None)
        if change.subject_hash and after.is_open:
            store.subjects[change.subject_hash] = after.account_id
        elif change.subject_hash:
            del store.subjects[change.subject_hash]
            store.footprints.pop(after.account_id, None)

    def _require_free_keys(self, changes: Sequence[AccountChange]) -> None:
        """A key that is taken is told before anything else that is wrong."""
        keys = [each.cause.key for change in changes for each in change.entries]
        keys += [each.cause.key for change in changes for each in change.completions]
        keys += [each.key for change in changes for each in change.movements]
        known = {key: self.store.digest_of_key(key) for key in keys}
        digests = {key: digest for key, digest in known.items() if digest is not None}
        if digests:
            raise EntriesExistError(digests)

    def _check(self, change: AccountChange) -> None:
        store, after = self.store, change.after
        for write in change.documents:
            store.check_document(write)
        for document in change.checks:
            store.check_document(Write(document, document))
        if change.link and store.links.get(change.link, after.account_id) != after.account_id:
            raise ReferenceLinkedError
        standing = store.accounts.get(after.account_id)
        if (standing.version if standing else None) != (
            change.before.version if change.before else None
        ):
            raise StaleAccountError
        if change.subject_hash:
            pointed = store.subjects.get(change.subject_hash)
            if pointed != (None if after.is_open else after.account_id):
                raise StaleAccountError


class FakeEntries:
    """Outcomes and statement in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def record_refusal(self, refusal: Refusal) -> str | None:
        self.store.calls.append("record refusal")
        known = self.store.digest_of(refusal.cause)
        if known is None:
            self.store.refusals[refusal.cause.key] = refusal
        return known

    def record_conflict(self, cause: Cause, payload_digest: str, now: datetime) -> None:
        self.store.calls.append("record conflict")
        self.store.conflicts.setdefault(cause.key, {}).setdefault(payload_digest, now)

    def find(self, cause: Cause) -> Outcome | None:
        completion = self.store.completions.get(cause.key)
        entry = self.store.entries.get((completion.amendment if completion else cause).key)
        refusal = self.store.refusals.get(cause.key)
        conflicts = tuple(sorted(self.store.conflicts.get(cause.key, {}).values()))
        if entry:
            digest = completion.payload_digest if completion else entry.payload_digest
            return Outcome(cause, entry.booked_at, digest, entry, None, conflicts)
        if refusal:
            return Outcome(
                cause,
                refusal.decided_at,
                refusal.payload_digest,
                None,
                refusal.reason,
                conflicts,
            )
        return None

    def entry(self, cause: Cause) -> Entry | None:
        return self.store.entries.get(cause.key)

    def standing(self, event: Cause) -> Entry | None:
        self.store.calls.append("standing")
        own = [entry for entry in self.store.entries.values() if entry.cause.event == event]
        return max(own, key=lambda entry: entry.cause.amendment, default=None)

    def measured_by(
        self, methodology: str, *, limit: int, after: str | None
    ) -> tuple[tuple[Entry, ...], str | None]:
        keys = sorted(key for key in self.store.entries if after is None or key > after)
        looked_at = [self.store.entries[key] for key in keys[:limit]]
        found = tuple(entry for entry in looked_at if entry.methodology == methodology)
        return found, keys[limit - 1] if len(keys) > limit else None

    def lines(self, account_id: str, *, limit: int) -> Sequence[Line]:
        self.store.calls.append("lines")
        return self.store.lines_of(account_id)[:limit]

    def movement(self, key: str) -> Movement | None:
        return self.store.movements.get(key)

    def movements(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> MovementPage:
        found = [
            movement
            for movement in self.store.movements.values()
            if movement.account_id == account_id
            and (wanted.as_of is None or movement.booked_at <= wanted.as_of)
            and (after is None or _movement_place(movement) < after)
        ]
        found.sort(key=_movement_place, reverse=True)
        more = len(found) > limit
        next_key = _movement_place(found[limit - 1]) if more else None
        return MovementPage(tuple(found[:limit]), next_key)

    def page(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> StatementPage:
        found = [
            entry
            for entry in self.store.entries_of(account_id)
            if _is_wanted(entry, wanted) and (after is None or _place(entry) < after)
        ]
        found.sort(key=_place, reverse=True)
        more = len(found) > limit
        return StatementPage(tuple(found[:limit]), _place(found[limit - 1]) if more else None)


def _place(entry: Entry) -> str:
    return f"{format_instant(entry.behaviour.occurred_at)}#{entry.seq:010d}|{entry.cause.key}"


def _movement_place(movement: Movement) -> str:
    return f"{format_instant(movement.booked_at)}#{movement.seq:010d}|{movement.key}"


def _address(document: Document) -> tuple[str, str, str]:
    return document.KIND, document.owner, document.name


def _is_wanted(entry: Entry, wanted: StatementFilter) -> bool:
    occurred_at = entry.behaviour.occurred_at
    return (
        (wanted.occurred_from is None or wanted.occurred_from <= occurred_at)
        and (wanted.occurred_until is None or occurred_at < wanted.occurred_until)
        and wanted.scenario in {None, entry.behaviour.scenario}
        and wanted.partner in {None, entry.cause.partner}
        and (wanted.as_of is None or entry.booked_at <= wanted.as_of)
    )


_D = TypeVar("_D", bound=Document)


class FakeAssets:
    """Pictures by name; `reads` are the names that were asked for."""

    def __init__(self, **pictures: bytes) -> None:
        self.pictures = dict(pictures)
        self.reads: list[str] = []

    def read(self, asset: str) -> bytes | None:
        self.reads.append(asset)
        return self.pictures.get(asset)


class FakeDocuments:
    """Documents in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def get(self, kind: type[_D], owner: str, name: str) -> _D | None:
        found = self.store.documents.get((kind.KIND, owner, name))
        assert found is None or isinstance(found, kind)
        return found

    def of_owner(
        self, kind: type[_D], owner: str, *, limit: int, after: str | None = None
    ) -> tuple[Sequence[_D], str | None]:
        found = [
            each
            for each in self._of_kind(kind)
            if each.owner == owner and (after is None or each.name < after)
        ]
        found.sort(key=lambda each: each.name, reverse=True)
        return found[:limit], found[limit - 1].name if len(found) > limit else None

    def due(self, kind: type[_D], now: datetime, *, limit: int) -> Sequence[_D]:
        due = [(each.due_at, each) for each in self._of_kind(kind) if each.due_at is not None]
        ready = [(at, each) for at, each in due if at <= now]
        return [each for _, each in sorted(ready, key=lambda pair: pair[0])[:limit]]

    def put(self, *writes: Write) -> None:
        store = self.store
        if store.trouble:
            store.trouble.popleft()()
        for write in writes:
            store.check_document(write)
        for write in writes:
            store.put_document(write)
        if store.lost_replies:
            store.lost_replies -= 1
            raise BusyError

    def _of_kind(self, kind: type[_D]) -> list[_D]:
        return [each for each in self.store.documents.values() if isinstance(each, kind)]


@dataclass
class FakeFootprints:
    """Footprints in memory."""

    store: Store
    puts: int = 0

    def find(self, account_id: str) -> StoredFootprint | None:
        return self.store.footprints.get(account_id)

    def put(self, stored: StoredFootprint) -> None:
        account = self.store.accounts.get(stored.account_id)
        if account is None or not account.is_open:
            raise AccountNotFoundError
        self.puts += 1
        self.store.footprints[stored.account_id] = stored


class FakeConsents:
    """Consent records and links in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def records(self, account_id: str) -> Sequence[ConsentRecord]:
        return list(self.store.records.get(account_id, []))

    def linked_account(self, link: Link, *, consistent: bool) -> str | None:
        self.store.calls.append("look up consistently" if consistent else "look up")
        if link in self.store.lagging_links and not consistent:
            return None
        return self.store.links.get(link)

    def link_of(self, account_id: str, partner: str) -> Link | None:
        own = (link for link in self.links_of(account_id) if link.partner == partner)
        return next(own, None)

    def links_of(self, account_id: str) -> Sequence[Link]:
        return [link for link, owner in self.store.links.items() if owner == account_id]


class FakeTotals:
    """Live totals and seals in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[date, str], TotalsPart] = {}
        self.leaf_rows: dict[tuple[date, str], dict[tuple[str, str], Sequence[CountedEntry]]] = {}
        self.closed: set[date] = set()
        self.seals: dict[date, SealedDay] = {}
        self.through: date | None = None
        self.calls: list[str] = []
        self.trouble: Trouble = deque()
        self.lost_replies = 0

    def begin(self, day: date) -> None:
        self.calls.append("begin")
        if self.through is None:
            self.through = day - timedelta(days=2)

    def part(self, day: date, shard: str) -> TotalsPart:
        return self.rows.get((day, shard), TotalsPart(day, shard))

    def add(self, before: TotalsPart, after: TotalsPart, records: Sequence[CountedEntry]) -> None:
        self.calls.append(f"add {after.day}")
        key = (after.day, after.shard)
        self.leaf_rows.setdefault(key, {})[records[-1].sequence, records[0].sequence] = records
        if self.trouble:
            self.trouble.popleft()()
        if after.day in self.closed:
            raise DayClosedError
        if self.part(*key).version != before.version:
            raise StalePartError
        self.rows[key] = after
        if self.lost_replies:
            self.lost_replies -= 1
            raise BusyError

    def sealed_through(self) -> date | None:
        return self.through

    def close_gates(self, day: date) -> None:
        self.calls.append(f"close {day}")
        self.closed.add(day)

    def parts(self, day: date) -> Sequence[TotalsPart]:
        self.calls.append(f"parts {day}")
        return [part for (of, _), part in sorted(self.rows.items()) if of == day]

    def leaves(self, parts: Sequence[TotalsPart]) -> Iterator[Leaf]:
        for part in parts:
            for (last, _), records in self.leaf_rows.get((part.day, part.shard), {}).items():
                if last <= part.sequence:
                    yield from (record.leaf for record in records)

    def sealed(self, day: date) -> SealedDay | None:
        return self.seals.get(day)

    def newest_booking(self, day: date) -> datetime | None:
        self.calls.append(f"newest booking {day}")
        parts = [part for (of, _), part in self.rows.items() if of == day]
        return max((part.booked_through for part in parts if part.booked_through), default=None)

    def seal(self, sealed: SealedDay) -> None:
        self.calls.append(f"seal {sealed.day}")
        standing = self.seals.setdefault(sealed.day, sealed)
        if standing.seal != sealed.seal:
            raise TotalsMismatchError
        if self.through == sealed.day - timedelta(days=1):
            self.through = sealed.day


@dataclass
class FakeEventQueue:
    """Events that were sent; the positions in `refused` are not taken."""

    refused: frozenset[int] = frozenset()
    sent: list[ReportedEvent] = field(default_factory=list)

    def send(self, events: Sequence[ReportedEvent]) -> frozenset[int]:
        self.sent += [event for place, event in enumerate(events) if place not in self.refused]
        return self.refused & frozenset(range(len(events)))


@dataclass
class FakePostingQueue:
    """Batches that were sent; the positions in `refused` are not taken."""

    refused: frozenset[int] = frozenset()
    sent: list[AccountPostings] = field(default_factory=list)

    def send(self, batches: Sequence[AccountPostings]) -> frozenset[int]:
        self.sent += [batch for place, batch in enumerate(batches) if place not in self.refused]
        return self.refused & frozenset(range(len(batches)))


@dataclass
class FakeFulfilmentQueue:
    """Orders that were sent; the positions in `refused` are not taken."""

    refused: frozenset[int] = frozenset()
    sent: list[FulfilmentOrder] = field(default_factory=list)

    def send(self, orders: Sequence[FulfilmentOrder]) -> frozenset[int]:
        self.sent += [each for place, each in enumerate(orders) if place not in self.refused]
        return self.refused & frozenset(range(len(orders)))


@dataclass
class FakeSuppliers:
    """The demo supplier without signatures. `meanwhile` is what happens just before it answers."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    asked: list[str] = field(default_factory=list)
    meanwhile: Trouble = field(default_factory=deque)
    _supplier: Supplier = field(default_factory=lambda: Supplier(b"", lambda: datetime.now(UTC)))

    @property
    def orders(self) -> Mapping[str, Order]:
        return self._supplier.orders

    def order(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.create", redemption)

    def find(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.find", redemption)

    def cancel(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.cancel", redemption)

    def _ask(self, question: str, redemption: Redemption) -> SupplierAnswer:
        self.asked.append(question)
        if self.meanwhile:
            self.meanwhile.popleft()()
        status, said = self._supplier._answer(question, redemption.redemption_id, self.behaviour)
        if status != OK:
            raise BusyError
        return SupplierAnswer(OrderState(said["state"]), said.get("code"))


@dataclass
class FakeVouchers:
    """Codes that anybody could read; `busy` is a key that is out of reach."""

    busy: bool = False

    def encrypt(self, redemption_id: str, code: str) -> str:
        if self.busy:
            raise BusyError
        return f"{redemption_id}|{code}"

    def decrypt(self, redemption_id: str, encrypted: str) -> str:
        if self.busy:
            raise BusyError
        bound_to, _, code = encrypted.partition("|")
        if bound_to != redemption_id:
            raise ValueError("The voucher belongs to another redemption.")
        return code


class FakePartners:
    """The registry in memory."""

    def __init__(self, *partners: Partner) -> None:
        self.registered = {each.partner: each for each in partners}

    def get(self, partner: str) -> Partner | None:
        return self.registered.get(partner)

    def all(self) -> Sequence[Partner]:
        return list(self.registered.values())


@dataclass
class FakeKeys:
    """Keys as a cache holds them; `rotated` are those that a refresh would find."""

    cached: dict[str, Sequence[bytes]]
    rotated: dict[str, Sequence[bytes]] = field(default_factory=dict)
    refreshes: int = 0

    def keys(self, partner: str) -> Sequence[bytes]:
        return self.cached.get(partner, ())

    def refresh(self, partner: str) -> bool:
        self.refreshes += 1
        if partner not in self.rotated:
            return False
        self.cached[partner] = self.rotated.pop(partner)
        return True


class FakePseudonyms:
    """Hashes that anybody could compute, which is all that a test needs."""

    def subject(self, subject: str) -> str:
        return hashlib.sha256(b"subject" + subject.encode()).hexdigest()

    def reference(self, partner: str, reference: str) -> str:
        return hashlib.sha256(f"{partner}#{reference}".encode()).hexdigest()

    def payload(self, payload: bytes) -> str:
        return hashlib.sha256(payload).hexdigest()

    def gift_code(self, code: str) -> str:
        return hashlib.sha256(b"gift code" + code.encode()).hexdigest()


@dataclass
class FakeSigner:
    """Signatures that anybody could forge; `busy` is a signer that is out of reach."""

    kid: str = "key-1"
    busy: bool = False
    signed: list[tuple[bytes, str]] = field(default_factory=list)

    def public_key(self) -> Mapping[str, str]:
        return {"kty": "EC", "kid": self.kid}

    def sign(self, payload: bytes, typ: str) -> str:
        if self.busy:
            raise BusyError
        self.signed.append((payload, typ))
        return f"{self.kid}.{typ}.{hashlib.sha256(payload).hexdigest()}"
