"""Grant one partner consent for one scenario, bound to the notice that the user saw."""

from collections.abc import Mapping
from datetime import datetime

from shared.application.changing import change_account
from shared.application.ports import AccountChange, Accounts, Consents, Link, Partners, Pause
from shared.domain.account import Account, grant
from shared.domain.consent import PLATFORM, ConsentKey, Notice
from shared.domain.errors import (
    ConsentUnavailableError,
    NoticeChangedError,
    ReferenceLinkedError,
)
from shared.domain.partner import THE_PLATFORM, PartnerState


def notice_for(partners: Partners, notices: Mapping[str, Notice], key: ConsentKey) -> Notice:
    """Return the current notice; raise ConsentUnavailableError unless the partner reports this."""
    partner = THE_PLATFORM if key.partner == PLATFORM else partners.get(key.partner)
    notice = notices.get(key.scenario)
    if (
        partner is None
        or notice is None
        or partner.state is not PartnerState.ACTIVE
        or key.scenario not in partner.scenarios
    ):
        raise ConsentUnavailableError
    return notice


def grant_consent(
    accounts: Accounts,
    consents: Consents,
    *,
    subject_hash: str,
    key: ConsentKey,
    notice: Notice,
    notice_version: str,
    link: Link | None,
    now: datetime,
    pause: Pause,
) -> Account:
    """Return the account with the consent in force since `now`, or unchanged if it was already.

    `link` comes from a token that the partner signed; the platform needs none. Raises
    NoticeChangedError for another notice than the current one, ReferenceLinkedError where the
    reference belongs to another account or this account is linked to another reference of the
    partner, AccountNotFoundError, TooManyConsentsError, BusyError.
    """
    if notice_version != notice.version:
        raise NoticeChangedError

    def decide(account: Account) -> AccountChange | None:
        standing = consents.link_of(account.account_id, key.partner) if link else None
        if standing is not None and standing != link:
            raise ReferenceLinkedError
        after, record = grant(account, key, notice, now)
        if record is None:
            return None
        return AccountChange(
            before=account,
            after=after,
            records=(record,),
            link=link if standing is None else None,
        )

    return change_account(accounts, subject_hash=subject_hash, decide=decide, pause=pause)
