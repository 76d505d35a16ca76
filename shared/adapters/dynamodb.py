"""What every table adapter shares: one connection, and transactions whose refusals have names."""

from collections.abc import Mapping
from typing import Any

from pynamodb.connection import Connection
from pynamodb.constants import ALL_OLD
from pynamodb.exceptions import CancellationReason, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from shared.adapters.aws import ATTEMPTS_MAX, CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from shared.domain.errors import BusyError

CONDITION_FAILED = "ConditionalCheckFailed"
_CONDITION_FAILED_ALONE = "ConditionalCheckFailedException"
# What is worth another try: contention and the store's own troubles. Anything else is our bug.
_CONTENTION = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TROUBLE = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

# PynamoDB would make a client for every model; a client costs more than the rest of a cold start.
_CONNECTION = Connection(
    connect_timeout_seconds=CONNECT_TIMEOUT_S,
    read_timeout_seconds=READ_TIMEOUT_S,
    max_retry_attempts=ATTEMPTS_MAX - 1,
)


def bind(row: type[Model], table_name: str) -> None:
    """Point a row at its physical table, over the connection that all rows share."""
    row.Meta.table_name = table_name
    table = row._get_connection()  # noqa: SLF001 - PynamoDB offers no way to share a connection
    if table.connection is _CONNECTION:
        return
    known = table.get_meta_table()
    _CONNECTION._tables.setdefault(table_name, known)  # noqa: SLF001 - as above
    table.connection = _CONNECTION


class TransactionRefusedError(Exception):
    """Conditions failed; `items` has what stood there, by the label of the operation."""

    def __init__(self, items: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(", ".join(items))
        self.items = items


class Transaction:
    """One TransactWriteItems call whose operations have labels, so that refusals can be read."""

    def __init__(self) -> None:
        self._transaction = TransactWrite(connection=_CONNECTION)
        self._checks: list[str] = []
        self._deletes: list[str] = []
        self._puts: list[str] = []

    def check(
        self, label: str, row: type[Model], key: tuple[str, ...], condition: Condition
    ) -> None:
        """Require a condition of an item that the transaction does not write."""
        hash_key, range_key = (*key, None)[:2]
        self._transaction.condition_check(row, hash_key, range_key, condition=condition)
        self._checks.append(label)

    def delete(self, label: str, row: Model, condition: Condition | None = None) -> None:
        self._transaction.delete(row, condition=condition)
        self._deletes.append(label)

    def put(self, label: str, row: Model, condition: Condition | None = None) -> None:
        self._transaction.save(row, condition=condition, return_values=ALL_OLD)
        self._puts.append(label)

    def commit(self) -> None:
        """Commit all or nothing.

        Raises TransactionRefusedError when a condition failed, BusyError when nobody can tell:
        contention, throttling or a lost reply. After a BusyError the commit may still stand.
        """
        try:
            self._transaction._commit()  # noqa: SLF001 - the context manager would only hide this
        except TransactWriteError as error:
            # The order in which PynamoDB sends them, which the reasons follow.
            labels = self._checks + self._deletes + self._puts
            reasons = dict(zip(labels, error.cancellation_reasons, strict=False))
            refused = {
                label: reason.raw_item or {}
                for label, reason in reasons.items()
                if reason is not None and reason.code == CONDITION_FAILED
            }
            if refused:
                raise TransactionRefusedError(refused) from error
            if _is_contention(reasons) or _is_trouble(error):
                raise BusyError from error
            raise


def _is_contention(reasons: Mapping[str, CancellationReason | None]) -> bool:
    return any(reason is not None and reason.code in _CONTENTION for reason in reasons.values())


def _is_trouble(error: PynamoDBException) -> bool:
    code = error.cause_response_code
    return code is None or code in _TROUBLE


def store_error(error: PynamoDBException) -> Exception:
    """Return BusyError where the store was busy or out of reach; our own bug stays what it is."""
    return BusyError() if _is_trouble(error) else error


def is_refusal(error: PynamoDBException) -> bool:
    """Tell whether a single write failed on its condition."""
    return error.cause_response_code == _CONDITION_FAILED_ALONE
