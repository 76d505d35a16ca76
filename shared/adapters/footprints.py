"""Footprints, one item each in the accounts table: the answers, and how they were worked out."""

from pynamodb.exceptions import GetError

from shared.adapters.account_rows import AccountRow, FootprintRow, account_key, footprint_key
from shared.adapters.dynamodb import Transaction, TransactionRefusedError, bind, store_error
from shared.application.ports import StoredFootprint
from shared.domain.account import AccountState
from shared.domain.errors import AccountNotFoundError


class FootprintTable:
    """Footprints over DynamoDB."""

    def __init__(self, accounts: str) -> None:
        bind(FootprintRow, accounts)
        bind(AccountRow, accounts)

    def find(self, account_id: str) -> StoredFootprint | None:
        try:
            row = FootprintRow.get(footprint_key(account_id), consistent_read=True)
        except FootprintRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.stored_footprint()

    def put(self, stored: StoredFootprint) -> None:
        """Replace what stands while the account is open: closing it has taken the footprint away.

        Raises AccountNotFoundError, BusyError.
        """
        transaction = Transaction()
        is_open = AccountRow.state == AccountState.OPEN
        transaction.check("account", AccountRow, (account_key(stored.account_id),), is_open)
        transaction.put("footprint", FootprintRow.of(stored))
        try:
            transaction.commit()
        except TransactionRefusedError as refused:
            raise AccountNotFoundError from refused
