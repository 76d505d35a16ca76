"""Decide for the user what no partner has answered in time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from shared.application.disputing import Court, end_dispute
from shared.domain.dispute import Dispute, DisputeState
from shared.domain.errors import BusyError
from shared.domain.ruling import Ruling

# A run that finds more leaves the rest to the next one.
DUE_MAX = 500
_SILENCE = Ruling(DisputeState.DECIDED_FOR_USER)


@dataclass(slots=True)
class Settled:
    """What became of those that were due; `errors` are of those that stay due."""

    decided_for_user: int = 0
    declined: int = 0
    ended_before: int = 0
    left: int = 0
    errors: list[Exception] = field(default_factory=list)


def settle_disputes(court: Court, *, now: datetime, has_time: Callable[[], bool]) -> Settled:
    """End each dispute whose deadline has passed; one that fails does not hold up the others."""
    settled = Settled()
    for due in court.documents.due(Dispute, now, limit=DUE_MAX):
        if not has_time():
            settled.left += 1
            continue
        try:
            ended = end_dispute(court, due.account_id, due.dispute_id, _SILENCE, now)
        except BusyError:
            settled.left += 1
        except Exception as error:  # noqa: BLE001 - reported, and tried again by the next run
            settled.errors.append(error)
        else:
            _count(settled, ended)
    return settled


def _count(settled: Settled, ended: Dispute) -> None:
    if ended.answer_digest or ended.state is DisputeState.WITHDRAWN:
        # The index may show what was ended a moment ago.
        settled.ended_before += 1
    elif ended.state is DisputeState.DECLINED:
        settled.declined += 1
    else:
        settled.decided_for_user += 1
