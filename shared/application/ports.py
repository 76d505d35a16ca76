"""What the use cases need from outside. Each port is named for its role and kept small."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from shared.domain.account import Account
from shared.domain.asset import Picture
from shared.domain.consent import ConsentRecord
from shared.domain.crediting import Completion, Posting, Refusal, RefusalReason
from shared.domain.document import Document
from shared.domain.entry import Behaviour, Cause, Entry
from shared.domain.errors import CarbonAccountError
from shared.domain.movement import Line, Movement
from shared.domain.partner import Partner
from shared.domain.redemption import Redemption
from shared.domain.totals import CountedEntry, Leaf, SealedDay, TotalsPart

_D = TypeVar("_D", bound=Document)


@dataclass(frozen=True, slots=True)
class Link:
    """That a partner's reference, as a keyed hash, stands for an account."""

    partner: str
    reference_hash: str


@dataclass(frozen=True, slots=True)
class Write:
    """A document to put: a new one, or the next version of the one that `replaces` is."""

    document: Document
    replaces: Document | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a text in Markdown came to: its HTML, and its words without any mark-up.

    `cited` are the keys of sources, `articles` the ids and `files` the pictures that it names;
    `flaws` is what forbids that it be shown.
    """

    html: str
    plain: str
    cited: frozenset[str]
    articles: frozenset[str]
    files: frozenset[str]
    flaws: tuple[str, ...]


class Renderer(Protocol):
    """Renders a text in Markdown that may cite the sources with these keys.

    `pictures` are by the file names under which the text may show them.
    """

    def __call__(
        self, markdown: str, keys: Sequence[str], pictures: Mapping[str, Picture]
    ) -> Rendering: ...


class Assets(Protocol):
    """Pictures of articles."""

    def read(self, asset: str) -> bytes | None:
        """Return the bytes, or None where there are none or too many; raise BusyError."""
        ...


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Everything that one commit changes of one account and beside it, all or nothing.

    `before` is None for a new account. `checks` are documents that must still stand as they are,
    and are not changed. `subject_hash` points the subject at the account, or, with
    a closed account after, is forgotten.
    """

    before: Account | None
    after: Account
    entries: tuple[Entry, ...] = ()
    completions: tuple[Completion, ...] = ()
    movements: tuple[Movement, ...] = ()
    documents: tuple[Write, ...] = ()
    checks: tuple[Document, ...] = ()
    records: tuple[ConsentRecord, ...] = ()
    link: Link | None = None
    unlinks: tuple[Link, ...] = ()
    subject_hash: str | None = None


class EntriesExistError(CarbonAccountError):
    """Some lines' keys are taken; nothing was committed. `digests` is by key."""

    code = "entries_exist"

    def __init__(self, digests: Mapping[str, str]) -> None:
        super().__init__()
        self.digests = digests


class DayClosedError(CarbonAccountError):
    """The ledger day's gates are closed; what is not counted yet belongs to a later day."""

    code = "day_closed"


class StalePartError(CarbonAccountError):
    """The part of the totals changed since it was read."""

    code = "stale_part"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event; `entry` only if it was credited, `reason` only if it was not.

    The entry of a completing event is the amendment that it became.
    """

    cause: Cause
    decided_at: datetime
    payload_digest: str
    entry: Entry | None
    reason: RefusalReason | None
    conflicts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """Which entries to list; instants are inclusive from, exclusive until, by occurrence.

    `as_of` leaves out what was booked after it.
    """

    occurred_from: datetime | None = None
    occurred_until: datetime | None = None
    scenario: str | None = None
    partner: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Entries, newest occurrence first; `next_key` continues after them, None at the end."""

    entries: tuple[Entry, ...]
    next_key: str | None


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Movements, newest first; `next_key` continues after them, None at the end."""

    movements: tuple[Movement, ...]
    next_key: str | None


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """A partner's event as it was accepted, without anything that was not asked for.

    `reference_hash` is the keyed hash of the partner's reference for its user; `completes` is the
    event whose missing inputs this one brings.
    """

    cause: Cause
    reference_hash: str
    behaviour: Behaviour
    payload_digest: str
    received_at: datetime
    completes: Cause | None = None


@dataclass(frozen=True, slots=True)
class AccountPostings:
    """Measured events of one account, or of nobody that is known (`account_id` is None)."""

    account_id: str | None
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class StoredFootprint:
    """An account's answers as text, and the methodology's `<id>@<version>` that read them."""

    account_id: str
    methodology: str
    answers: Mapping[str, str]
    calculated_at: datetime

    def repeats(self, other: "StoredFootprint") -> bool:
        """Tell whether both are the same but for their time."""
        return replace(self, calculated_at=other.calculated_at) == other


class Accounts(Protocol):
    """Accounts by id or subject, and the one commit that changes them."""

    def find(self, subject_hash: str) -> Account | None:
        """Return the subject's open account, read consistently."""
        ...

    def load(self, account_id: str, *, consistent: bool) -> Account | None: ...

    def commit(self, change: AccountChange, *others: AccountChange) -> None:
        """Commit the changes of one or several accounts, all or nothing.

        Raises EntriesExistError, StaleAccountError (a document that has changed counts as such),
        ReferenceLinkedError, or BusyError when the store could not decide now.
        """
        ...


class LapsedPoints(Protocol):
    """All accounts, for those whose points have lapsed without being booked."""

    def with_lapsed_points(
        self, today: date, *, limit: int, after: str | None
    ) -> tuple[Sequence[str], str | None]:
        """Return the ids among the next `limit` rows, and where to go on, None at the end.

        Raises BusyError.
        """
        ...


class Outcomes(Protocol):
    """The outcomes that are not entries, and the look-up of any."""

    def record_refusal(self, refusal: Refusal) -> str | None:
        """Store the refusal; return the payload digest of an outcome that stood there before."""
        ...

    def record_conflict(self, cause: Cause, payload_digest: str, now: datetime) -> None: ...

    def find(self, cause: Cause) -> Outcome | None: ...

    def standing(self, event: Cause) -> Entry | None:
        """Return the newest entry of an event's behaviour, read consistently."""
        ...

    def movement(self, key: str) -> Movement | None:
        """Return the movement of a key, read consistently."""
        ...


class Statement(Protocol):
    """An account's entries."""

    def page(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> StatementPage: ...

    def entry(self, cause: Cause) -> Entry | None: ...


class Lines(Protocol):
    """All lines of an account: what was measured, and what became of it."""

    def lines(self, account_id: str, *, limit: int) -> Sequence[Line]:
        """Return up to `limit` lines in their order; the newest may be missing yet."""
        ...

    def movement(self, key: str) -> Movement | None:
        """Return the movement with this key, whose ever it is, read consistently."""
        ...

    def movements(
        self, account_id: str, wanted: StatementFilter, *, limit: int, after: str | None
    ) -> "MovementPage": ...


class Documents(Protocol):
    """Documents by their address. Those that belong to an account's change go with its commit."""

    def get(self, kind: type[_D], owner: str, name: str) -> _D | None:
        """Return the document as it stands, read consistently."""
        ...

    def of_owner(
        self, kind: type[_D], owner: str, *, limit: int, after: str | None = None
    ) -> tuple[Sequence[_D], str | None]:
        """Return documents by name, last names first, and where to go on, None at the end."""
        ...

    def due(self, kind: type[_D], now: datetime, *, limit: int) -> Sequence[_D]:
        """Return documents that are due, the longest first; the newest may be missing yet."""
        ...

    def put(self, *writes: Write) -> None:
        """Put documents that no account changes with, all or nothing.

        Raises StaleAccountError where one has changed, and BusyError.
        """
        ...


class MeasuredEntries(Protocol):
    """All entries, whoever's they are, by the methodology that measured them."""

    def measured_by(
        self, methodology: str, *, limit: int, after: str | None
    ) -> tuple[tuple[Entry, ...], str | None]:
        """Return the matches among the next `limit` rows, and where to go on, None at the end."""
        ...

    def entry(self, cause: Cause) -> Entry | None: ...


class Footprints(Protocol):
    """The one footprint that an account keeps."""

    def find(self, account_id: str) -> StoredFootprint | None:
        """Return what stands, read consistently. Raises BusyError."""
        ...

    def put(self, stored: StoredFootprint) -> None:
        """Replace what stands. Raises BusyError, and AccountNotFoundError if it was closed."""
        ...


class Consents(Protocol):
    """Consent records and links, as they are read. They are written by `Accounts.commit`."""

    def records(self, account_id: str) -> Sequence[ConsentRecord]:
        """Return the newest records, oldest of them first."""
        ...

    def linked_account(self, link: Link, *, consistent: bool) -> str | None: ...

    def link_of(self, account_id: str, partner: str) -> Link | None: ...

    def links_of(self, account_id: str) -> Sequence[Link]: ...


class Partners(Protocol):
    """The registry."""

    def get(self, partner: str) -> Partner | None: ...

    def all(self) -> Sequence[Partner]: ...


class PartnerKeys(Protocol):
    """A partner's signing keys, newest first; none for a stranger."""

    def keys(self, partner: str) -> Sequence[bytes]: ...

    def refresh(self, partner: str) -> bool:
        """Forget cached keys, at most once a minute; tell whether they were forgotten."""
        ...


class Pseudonyms(Protocol):
    """Keyed hashes: what they stand for cannot be found by trying every phone number."""

    def subject(self, subject: str) -> str: ...

    def reference(self, partner: str, reference: str) -> str: ...

    def payload(self, payload: bytes) -> str: ...

    def gift_code(self, code: str) -> str: ...


class Signer(Protocol):
    """Signs what anybody can check with the public key."""

    def public_key(self) -> Mapping[str, str]:
        """Return the public key as a member of a JWK set. Raises BusyError."""
        ...

    def sign(self, payload: bytes, typ: str) -> str:
        """Return the compact JWS of the payload; `typ` says what it is. Raises BusyError."""
        ...


class EventQueue(Protocol):
    """Accepted events on their way to be measured."""

    def send(self, events: Sequence[ReportedEvent]) -> frozenset[int]:
        """Send each; return the positions of those that are not durable."""
        ...


class PostingQueue(Protocol):
    """Measured events on their way to their accounts."""

    def send(self, batches: Sequence[AccountPostings]) -> frozenset[int]:
        """Send each; return the positions of those that are not durable."""
        ...


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """That a redemption waits for its supplier."""

    account_id: str
    redemption_id: str


class FulfilmentQueue(Protocol):
    """Redemptions on their way to their suppliers."""

    def send(self, orders: Sequence[FulfilmentOrder]) -> frozenset[int]:
        """Send each; return the positions of those that are not durable."""
        ...


class OrderState(StrEnum):
    """What a supplier says of an order; `unknown` is one that it never heard of."""

    ISSUED = "issued"
    PENDING = "pending"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SupplierAnswer:
    """A supplier's clear word on an order; `code` is the voucher's, and only of an issued one."""

    state: OrderState
    code: str | None = field(default=None, repr=False)


class Suppliers(Protocol):
    """Who fulfils redemptions. An order has the redemption's id, by which it is placed once.

    Each raises BusyError where there is no clear answer: the supplier may have done it or not.
    """

    def order(self, redemption: Redemption) -> SupplierAnswer: ...

    def find(self, redemption: Redemption) -> SupplierAnswer: ...

    def cancel(self, redemption: Redemption) -> SupplierAnswer:
        """Return `issued` where it is too late. A cancelled order is never issued any more."""
        ...


class Vouchers(Protocol):
    """Voucher codes under a key that never leaves its place, each bound to its redemption."""

    def encrypt(self, redemption_id: str, code: str) -> str:
        """Return the encrypted code. Raises BusyError."""
        ...

    def decrypt(self, redemption_id: str, encrypted: str) -> str:
        """Return the code; what belongs to another redemption is an error. Raises BusyError."""
        ...


class LiveTotals(Protocol):
    """The live totals of open days, with their checkpoints and gates."""

    def begin(self, day: date) -> None:
        """Remember the first day that was ever counted, so that closing starts there."""
        ...

    def part(self, day: date, shard: str) -> TotalsPart: ...

    def add(self, before: TotalsPart, after: TotalsPart, records: Sequence[CountedEntry]) -> None:
        """Commit the part with its records' leaves.

        Raises DayClosedError, StalePartError or BusyError.
        """
        ...


class Seals(Protocol):
    """Closing days and what is sealed."""

    def sealed_through(self) -> date | None:
        """Return the last sealed day; the day before the first counted one; None before that."""
        ...

    def close_gates(self, day: date) -> None: ...

    def parts(self, day: date) -> Sequence[TotalsPart]: ...

    def leaves(self, parts: Sequence[TotalsPart]) -> Iterator[Leaf]: ...

    def sealed(self, day: date) -> SealedDay | None: ...

    def seal(self, sealed: SealedDay) -> None:
        """Store the seal and move the cursor; the same seal twice is one, another is refused."""
        ...


class Standing(Protocol):
    """How far the totals stand, for whoever asks. Each is one small read; BusyError may come."""

    def sealed_through(self) -> date | None:
        """Return the cursor as Seals does: the day that it names may never have been sealed."""
        ...

    def sealed(self, day: date) -> SealedDay | None: ...

    def newest_booking(self, day: date) -> datetime | None:
        """Return the newest booking counted into a day; only its newest parts are looked at."""
        ...


class Pause(Protocol):
    """Waits a little, longer with each attempt, and never for the same time twice."""

    def __call__(self, attempt: int) -> None: ...
