"""List the disputes about a partner's events, newest first, a page at a time."""

from collections.abc import Sequence

from shared.application import cursors
from shared.application.disputing import get_dispute
from shared.application.ports import Documents
from shared.domain.canonical import digest
from shared.domain.dispute import Dispute, DisputeCase

# Each of them is read on its own.
PARTNER_DISPUTES_PER_PAGE_MAX = 50


def list_partner_disputes(
    documents: Documents, *, partner: str, limit: int, cursor: str | None
) -> tuple[Sequence[Dispute], str | None]:
    """Return up to `limit` disputes as they stand, and the cursor of the next page, if any.

    Raises InvalidCursorError and BusyError.
    """
    binding = digest(["partner-disputes", partner])
    after = cursors.decode(cursor, binding) if cursor is not None else None
    cases, next_name = documents.of_owner(DisputeCase, partner, limit=limit, after=after)
    found = [get_dispute(documents, each.account_id, each.dispute_id) for each in cases]
    return found, cursors.encode(next_name, binding) if next_name else None
