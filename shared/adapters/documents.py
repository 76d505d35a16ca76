"""The documents table: what changes by steps beside the ledger, each kind in lists of its own.

A document is stored as JSON of its fields. `by_due` has only those that a schedule must look at.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import GetError, QueryError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from shared.adapters.dynamodb import Transaction, TransactionRefusedError, bind, store_error
from shared.application.ports import Write
from shared.domain.document import Document
from shared.domain.errors import StaleAccountError
from shared.domain.instants import format_instant

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pynamodb.expressions.condition import Condition

# What is due is spread over some keys, so that a busy day does not make one of them hot.
DUE_SHARDS = 8

_D = TypeVar("_D", bound=Document)


class ByDueIndex(GlobalSecondaryIndex["DocumentRow"]):
    """Documents of a kind that wait for a time."""

    class Meta:
        index_name = "by_due"
        projection = AllProjection()

    due_list = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class DocumentRow(Model):
    """One document: `place` is its kind and owner."""

    class Meta:
        table_name = "unbound"

    place = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    body = UnicodeAttribute()
    due_list = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDueIndex()

    @classmethod
    def of(cls, document: Document) -> "DocumentRow":
        kind, due_at = document.KIND, document.due_at
        body = _codec(type(document)).dump_json(document).decode()
        row = cls(_place(kind, document.owner), document.name, version=document.version, body=body)
        if due_at is not None:
            row.due_list = _due_list(kind, _shard_of(document.owner))
            row.due_at = format_instant(due_at)
        return row

    def document(self, kind: type[_D]) -> _D:
        """Return the document; a row of another kind raises ValueError."""
        document: _D = _codec(kind).validate_json(self.body)
        return document


class DocumentTable:
    """Documents over DynamoDB."""

    def __init__(self, documents: str) -> None:
        bind(DocumentRow, documents)

    def get(self, kind: type[_D], owner: str, name: str) -> _D | None:
        try:
            row = DocumentRow.get(_place(kind.KIND, owner), name, consistent_read=True)
        except DocumentRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.document(kind)

    def of_owner(
        self, kind: type[_D], owner: str, *, limit: int, after: str | None = None
    ) -> tuple[Sequence[_D], str | None]:
        place = _place(kind.KIND, owner)
        found = DocumentRow.query(
            place,
            scan_index_forward=False,
            last_evaluated_key={"place": {"S": place}, "name": {"S": after}} if after else None,
            # One more than is wanted tells whether there is more.
            page_size=limit + 1,
            limit=limit + 1,
            consistent_read=True,
        )
        try:
            documents = [row.document(kind) for row in found]
        except QueryError as error:
            raise store_error(error) from error
        more = len(documents) > limit
        return documents[:limit], documents[limit - 1].name if more else None

    def due(self, kind: type[_D], now: datetime, *, limit: int) -> Sequence[_D]:
        rows: list[DocumentRow] = []
        try:
            for shard in range(DUE_SHARDS):
                rows += DocumentRow.by_due.query(
                    _due_list(kind.KIND, shard),
                    DocumentRow.due_at <= format_instant(now),
                    page_size=limit,
                    limit=limit,
                )
        except QueryError as error:
            raise store_error(error) from error
        rows.sort(key=lambda row: str(row.due_at))
        return [row.document(kind) for row in rows[:limit]]

    def put(self, *writes: Write) -> None:
        transaction = Transaction()
        for write in writes:
            put_document(transaction, write)
        try:
            transaction.commit()
        except TransactionRefusedError as refused:
            raise StaleAccountError from refused


def put_document(transaction: Transaction, write: Write) -> None:
    """Add a write to a transaction: it is refused unless what it replaces still stands."""
    document, before = write.document, write.replaces
    condition: Condition = (
        DocumentRow.version == before.version
        if before is not None
        else DocumentRow.place.does_not_exist()
    )
    label = f"{document.KIND}#{document.owner}#{document.name}"
    transaction.put(label, DocumentRow.of(document), condition)


def check_document(transaction: Transaction, document: Document) -> None:
    """Add to a transaction that the document must still stand as it is."""
    label = f"{document.KIND}#{document.owner}#{document.name}"
    key = (_place(document.KIND, document.owner), document.name)
    transaction.check(label, DocumentRow, key, DocumentRow.version == document.version)


@cache
def _codec(kind: type[Any]) -> "TypeAdapter[Any]":
    # Imported when first needed: the functions that credit events do without it.
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(kind)


def _place(kind: str, owner: str) -> str:
    return f"{kind}#{owner}"


def _due_list(kind: str, shard: int) -> str:
    return f"{kind}#{shard}"


def _shard_of(owner: str) -> int:
    return hashlib.sha256(owner.encode()).digest()[0] % DUE_SHARDS
