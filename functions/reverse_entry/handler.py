"""Take a credit back at an operator's word.

Called by an operator (`python -m infra.reverse`). A dry run changes nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, ValidationError

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.application.reverse_entry import reverse_entry
from shared.domain.entry import Cause
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import format_instant
from shared.domain.reversing import ReversalReason
from shared.runtime.http import WireModel
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), entries=setting("ENTRIES_TABLE"))
OUTCOMES = EntryTable(setting("ENTRIES_TABLE"))


class ReversalOrder(WireModel):
    """Which event's credit, why, and who says so; without `apply` nothing is booked."""

    partner: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    event_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    reason: str
    operator: str = Field(pattern=r"^[A-Za-z0-9._@-]{1,80}$")
    apply: bool = False


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return what is taken back, or would be."""
    try:
        wanted = ReversalOrder.model_validate(event)
        reason = ReversalReason(wanted.reason)
    except (ValidationError, ValueError) as error:
        raise InvalidRequestError("This is no order to take a credit back.") from error
    entry = reverse_entry(
        ACCOUNTS,
        OUTCOMES,
        event=Cause(wanted.partner, wanted.event_id),
        reason=reason,
        operator=wanted.operator,
        is_dry_run=not wanted.apply,
        new_salt=chance.new_salt,
        now=clock.now(),
        pause=chance.pause,
    )
    if wanted.apply:
        count({"CreditsReversed": 1})
    # The record of who took what back; the entry's digest covers the same.
    logger.info(
        "reversed",
        extra={
            "cause": entry.cause.key,
            "reason": entry.reason,
            "operator": wanted.operator,
            "apply": wanted.apply,
        },
    )
    return {
        "cause": entry.cause.key,
        "account_id": entry.account_id,
        "reduction_mg": entry.reduction_mg,
        "points": entry.points,
        "reason": entry.reason,
        "booked_at": format_instant(entry.booked_at),
    }
