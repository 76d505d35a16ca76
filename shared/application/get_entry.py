"""Read one entry of the subject's own."""

import base64
import binascii
import re

from shared.application.get_account import get_account
from shared.application.ports import Accounts, Statement
from shared.domain.entry import Cause, Entry
from shared.domain.errors import EntryNotFoundError

_ENTRY_ID = re.compile(r"e_[A-Za-z0-9_-]{1,240}", re.ASCII)


def entry_id(cause: Cause) -> str:
    """Return the public id of the entry with this cause."""
    return "e_" + base64.urlsafe_b64encode(cause.key.encode()).decode().rstrip("=")


def cause_of(public_id: str) -> Cause:
    """Return the cause behind a public id; raise EntryNotFoundError for what is not one."""
    if _ENTRY_ID.fullmatch(public_id) is None:
        raise EntryNotFoundError
    encoded = public_id.removeprefix("e_")
    try:
        cause = Cause.parse(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise EntryNotFoundError from error
    if entry_id(cause) != public_id:
        raise EntryNotFoundError
    return cause


def get_entry(
    accounts: Accounts, statement: Statement, *, subject_hash: str, public_id: str
) -> Entry:
    """Return the entry; raise EntryNotFoundError if it is another's as if there were none."""
    account = get_account(accounts, subject_hash=subject_hash)
    entry = statement.entry(cause_of(public_id))
    if entry is None or entry.account_id != account.account_id:
        raise EntryNotFoundError
    return entry
