"""The consents table: the history of every consent, and the links to partners' references."""

from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import GetError, QueryError
from pynamodb.models import Model

from shared.adapters.dynamodb import bind, store_error
from shared.application.ports import Link
from shared.domain.account import CONSENTS_MAX
from shared.domain.consent import ConsentAction, ConsentKey, ConsentRecord
from shared.domain.instants import format_instant, parse_instant

RECORD_PREFIX = "consent#"
LINK_PREFIX = "link#"
RECORDS_SHOWN_MAX = 500


class ConsentRecordRow(Model):
    """One record of an account's consent history."""

    class Meta:
        table_name = "unbound"

    owner = UnicodeAttribute(hash_key=True)
    record = UnicodeAttribute(range_key=True)
    number = NumberAttribute()
    action = UnicodeAttribute()
    scenario = UnicodeAttribute()
    partner = UnicodeAttribute()
    notice_version = UnicodeAttribute()
    notice_digest = UnicodeAttribute()
    at = UnicodeAttribute()
    previous_digest = UnicodeAttribute()

    @classmethod
    def of(cls, record: ConsentRecord) -> "ConsentRecordRow":
        return cls(
            owner_key(record.account_id),
            f"{RECORD_PREFIX}{record.number:06d}",
            number=record.number,
            action=record.action,
            scenario=record.key.scenario,
            partner=record.key.partner,
            notice_version=record.notice_version,
            notice_digest=record.notice_digest,
            at=format_instant(record.at),
            previous_digest=record.previous_digest,
        )

    def consent_record(self) -> ConsentRecord:
        return ConsentRecord(
            account_id=self.owner.removeprefix("account#"),
            number=int(self.number),
            action=ConsentAction(self.action),
            key=ConsentKey(self.scenario, self.partner),
            notice_version=self.notice_version,
            notice_digest=self.notice_digest,
            at=parse_instant(self.at),
            previous_digest=self.previous_digest,
        )


class LinkRow(Model):
    """From a partner's reference to the account, for measuring events."""

    class Meta:
        table_name = "unbound"

    owner = UnicodeAttribute(hash_key=True)
    record = UnicodeAttribute(range_key=True)
    account_id = UnicodeAttribute()

    @classmethod
    def of(cls, link: Link, account_id: str) -> "LinkRow":
        return cls(link_key(link), "link", account_id=account_id)


class AccountLinkRow(Model):
    """From an account to the partner's reference, for removing the link."""

    class Meta:
        table_name = "unbound"

    owner = UnicodeAttribute(hash_key=True)
    record = UnicodeAttribute(range_key=True)
    reference_hash = UnicodeAttribute()

    @classmethod
    def of(cls, link: Link, account_id: str) -> "AccountLinkRow":
        owner = owner_key(account_id)
        return cls(owner, LINK_PREFIX + link.partner, reference_hash=link.reference_hash)

    def link(self) -> Link:
        return Link(self.record.removeprefix(LINK_PREFIX), self.reference_hash)


class ConsentTable:
    """Consent records and links over DynamoDB, as they are read."""

    def __init__(self, consents: str) -> None:
        for row in (ConsentRecordRow, LinkRow, AccountLinkRow):
            bind(row, consents)

    def records(self, account_id: str) -> Sequence[ConsentRecord]:
        condition = ConsentRecordRow.record.startswith(RECORD_PREFIX)
        try:
            rows = list(
                ConsentRecordRow.query(
                    owner_key(account_id),
                    condition,
                    consistent_read=True,
                    scan_index_forward=False,
                    limit=RECORDS_SHOWN_MAX,
                )
            )
        except QueryError as error:
            raise store_error(error) from error
        return [row.consent_record() for row in reversed(rows)]

    def linked_account(self, link: Link, *, consistent: bool) -> str | None:
        try:
            row = LinkRow.get(link_key(link), "link", consistent_read=consistent)
        except LinkRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return str(row.account_id)

    def link_of(self, account_id: str, partner: str) -> Link | None:
        try:
            row = AccountLinkRow.get(
                owner_key(account_id), LINK_PREFIX + partner, consistent_read=True
            )
        except AccountLinkRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        return row.link()

    def links_of(self, account_id: str) -> Sequence[Link]:
        condition = AccountLinkRow.record.startswith(LINK_PREFIX)
        try:
            rows = list(
                AccountLinkRow.query(
                    owner_key(account_id), condition, consistent_read=True, limit=CONSENTS_MAX
                )
            )
        except QueryError as error:
            raise store_error(error) from error
        return [row.link() for row in rows]


def owner_key(account_id: str) -> str:
    return f"account#{account_id}"


def link_key(link: Link) -> str:
    return f"{LINK_PREFIX}{link.partner}#{link.reference_hash}"
