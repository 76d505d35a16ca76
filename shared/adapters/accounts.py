"""The accounts table, and the one commit that changes an account with all that belongs to it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pynamodb.exceptions import GetError, ScanError

from shared.adapters.account_rows import (
    AccountRow,
    FootprintRow,
    SubjectRow,
    account_key,
    footprint_key,
    subject_key,
)
from shared.adapters.consents import AccountLinkRow, ConsentRecordRow, LinkRow
from shared.adapters.documents import DocumentRow, check_document, put_document
from shared.adapters.dynamodb import Transaction, TransactionRefusedError, bind, store_error
from shared.adapters.entries import EntryRow, completion_row
from shared.application.ports import AccountChange, EntriesExistError, Link
from shared.domain.account import Account
from shared.domain.errors import ReferenceLinkedError, StaleAccountError


class AccountTables:
    """Accounts over DynamoDB; the other tables are named where commits write to them."""

    def __init__(
        self, accounts: str, *, entries: str = "", consents: str = "", documents: str = ""
    ) -> None:
        bind(AccountRow, accounts)
        bind(SubjectRow, accounts)
        bind(FootprintRow, accounts)
        if entries:
            bind(EntryRow, entries)
        if documents:
            bind(DocumentRow, documents)
        if consents:
            for row in (ConsentRecordRow, LinkRow, AccountLinkRow):
                bind(row, consents)

    def find(self, subject_hash: str) -> Account | None:
        try:
            pointer = SubjectRow.get(subject_key(subject_hash), consistent_read=True)
        except SubjectRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return self.load(pointer.account_id, consistent=True)

    def load(self, account_id: str, *, consistent: bool) -> Account | None:
        try:
            row = AccountRow.get(account_key(account_id), consistent_read=consistent)
        except AccountRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.account()

    def with_lapsed_points(
        self, today: date, *, limit: int, after: str | None
    ) -> tuple[Sequence[str], str | None]:
        """Scan; only accounts that hold points, or have set some aside, are read whole."""
        found = AccountRow.scan(
            filter_condition=AccountRow.holdings.exists(),
            last_evaluated_key={"account_key": {"S": after}} if after else None,
            page_size=limit,
        )
        try:
            page = next(found.page_iter)
        except ScanError as error:
            raise store_error(error) from error
        accounts = (AccountRow.from_raw_data(item).account() for item in page["Items"])
        key = page.get("LastEvaluatedKey")
        return (
            [each.account_id for each in accounts if each.points.lapsing(today).available],
            key["account_key"]["S"] if key else None,
        )

    def commit(self, change: AccountChange, *others: AccountChange) -> None:
        transaction = Transaction()
        for each in (change, *others):
            _add(transaction, each)
        try:
            transaction.commit()
        except TransactionRefusedError as refused:
            raise _refusal(refused, (change, *others)) from refused


def _add(transaction: Transaction, change: AccountChange) -> None:
    before, after = change.before, change.after
    transaction.put(
        account_key(after.account_id),
        AccountRow.of(after),
        AccountRow.version == before.version if before else AccountRow.account_key.does_not_exist(),
    )
    free = EntryRow.cause.does_not_exist()
    for entry in change.entries:
        transaction.put(entry.cause.key, EntryRow.of(entry), free)
    for movement in change.movements:
        transaction.put(movement.key, EntryRow.of_movement(movement), free)
    for completion in change.completions:
        transaction.put(completion.cause.key, completion_row(completion), free)
    for write in change.documents:
        put_document(transaction, write)
    for document in change.checks:
        check_document(transaction, document)
    for record in change.records:
        new = ConsentRecordRow.owner.does_not_exist()
        transaction.put("record", ConsentRecordRow.of(record), new)
    if change.link:
        _put_link(transaction, change.link, after.account_id)
    _delete_links(transaction, change.unlinks, after.account_id)
    if change.subject_hash and after.is_open:
        free = SubjectRow.account_key.does_not_exist()
        transaction.put("subject", _subject_row(change.subject_hash, after), free)
    elif change.subject_hash:
        # Answers about a life are not the ledger's; they go with the account.
        transaction.delete("footprint", FootprintRow(footprint_key(after.account_id)))
        own = SubjectRow.account_id == after.account_id
        transaction.delete("subject", _subject_row(change.subject_hash, after), own)


def _subject_row(subject_hash: str, account: Account) -> SubjectRow:
    return SubjectRow(subject_key(subject_hash), account_id=account.account_id)


def _put_link(transaction: Transaction, link: Link, account_id: str) -> None:
    free = LinkRow.owner.does_not_exist() | (LinkRow.account_id == account_id)
    transaction.put("link", LinkRow.of(link, account_id), free)
    transaction.put("account_link", AccountLinkRow.of(link, account_id))


def _delete_links(transaction: Transaction, links: Iterable[Link], account_id: str) -> None:
    for link in links:
        transaction.delete("unlink", LinkRow.of(link, account_id))
        transaction.delete("account_unlink", AccountLinkRow.of(link, account_id))


def _refusal(refused: TransactionRefusedError, changes: Iterable[AccountChange]) -> Exception:
    """Name what was refused: a known cause, someone else's reference, or a lost race."""
    keys = [key for change in changes for key in _keys(change)]
    digests = {
        key: refused.items[key]["payload_digest"]["S"] for key in keys if key in refused.items
    }
    if digests:
        return EntriesExistError(digests)
    if "link" in refused.items:
        return ReferenceLinkedError()
    return StaleAccountError()


def _keys(change: AccountChange) -> Iterator[str]:
    yield from (each.cause.key for each in change.entries)
    yield from (each.cause.key for each in change.completions)
    yield from (each.key for each in change.movements)
