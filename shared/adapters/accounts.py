"""The accounts table, and the one commit that changes an account with all that belongs to it."""

from collections.abc import Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import GetError
from pynamodb.models import Model

from shared.adapters.consents import AccountLinkRow, ConsentRecordRow, LinkRow
from shared.adapters.dynamodb import Transaction, TransactionRefusedError, bind, store_error
from shared.adapters.entries import EntryRow
from shared.application.ports import AccountChange, EntriesExistError, Link
from shared.domain.account import Account, AccountState
from shared.domain.caps import CapCounters, CapPeriod, CapWindow
from shared.domain.consent import ActiveConsent, ConsentHistory, ConsentKey
from shared.domain.errors import ReferenceLinkedError, StaleAccountError
from shared.domain.instants import format_instant, parse_instant


class AccountRow(Model):
    """One account, below 1 KB. Consents and caps are sets of short texts for that reason."""

    class Meta:
        table_name = "unbound"

    account_key = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    version = NumberAttribute()
    seq = NumberAttribute()
    reduction_mg = NumberAttribute()
    chain_head = UnicodeAttribute()
    opened_at = UnicodeAttribute()
    last_booked_at = UnicodeAttribute(null=True)
    consents = UnicodeSetAttribute(null=True)
    caps = UnicodeSetAttribute(null=True)
    consent_count = NumberAttribute()
    consent_head = UnicodeAttribute()

    @classmethod
    def of(cls, account: Account) -> "AccountRow":
        return cls(
            account_key(account.account_id),
            state=account.state,
            version=account.version,
            seq=account.seq,
            reduction_mg=account.reduction_mg,
            chain_head=account.chain_head,
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
            consent_head=account.consent_history.head,
        )

    def account(self) -> Account:
        return Account(
            account_id=self.account_key.removeprefix("account#"),
            opened_at=parse_instant(self.opened_at),
            state=AccountState(self.state),
            version=int(self.version),
            seq=int(self.seq),
            reduction_mg=int(self.reduction_mg),
            chain_head=self.chain_head,
            last_booked_at=parse_instant(self.last_booked_at) if self.last_booked_at else None,
            consents=dict(_parse_consent(text) for text in self.consents or ()),
            consent_history=ConsentHistory(int(self.consent_count), self.consent_head),
            caps=CapCounters(dict(_parse_cap(text) for text in self.caps or ())),
        )


class SubjectRow(Model):
    """Which account a subject's open account is."""

    class Meta:
        table_name = "unbound"

    account_key = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()


class AccountTables:
    """Accounts over DynamoDB. `entries` and `consents` name tables where commits write to them."""

    def __init__(self, accounts: str, *, entries: str = "", consents: str = "") -> None:
        bind(AccountRow, accounts)
        bind(SubjectRow, accounts)
        if entries:
            bind(EntryRow, entries)
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

    def commit(self, change: AccountChange) -> None:
        before, after = change.before, change.after
        transaction = Transaction()
        transaction.put(
            "account",
            AccountRow.of(after),
            AccountRow.version == before.version
            if before
            else AccountRow.account_key.does_not_exist(),
        )
        for entry in change.entries:
            row = EntryRow.of(entry)
            transaction.put(entry.cause.key, row, EntryRow.cause.does_not_exist())
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
            own = SubjectRow.account_id == after.account_id
            transaction.delete("subject", _subject_row(change.subject_hash, after), own)
        try:
            transaction.commit()
        except TransactionRefusedError as refused:
            raise _refusal(refused, change) from refused


def account_key(account_id: str) -> str:
    return f"account#{account_id}"


def subject_key(subject_hash: str) -> str:
    return f"subject#{subject_hash}"


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


def _refusal(refused: TransactionRefusedError, change: AccountChange) -> Exception:
    """Name what was refused: a known cause, someone else's reference, or a lost race."""
    digests = {
        entry.cause.key: refused.items[entry.cause.key]["payload_digest"]["S"]
        for entry in change.entries
        if entry.cause.key in refused.items
    }
    if digests:
        return EntriesExistError(digests)
    if "link" in refused.items:
        return ReferenceLinkedError()
    return StaleAccountError()


def _consent_text(key: ConsentKey, consent: ActiveConsent) -> str:
    since = format_instant(consent.since)
    return f"{key.scenario}#{key.partner}#{since}#{consent.number}#{consent.notice_version}"


def _parse_consent(text: str) -> tuple[ConsentKey, ActiveConsent]:
    scenario, partner, since, number, notice_version = text.split("#")
    consent = ActiveConsent(parse_instant(since), int(number), notice_version)
    return ConsentKey(scenario, partner), consent


def _parse_cap(text: str) -> tuple[tuple[str, CapPeriod], CapWindow]:
    scenario, period, window = text.split("#")
    return (scenario, CapPeriod(period)), CapWindow.decode(window)
