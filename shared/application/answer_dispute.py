"""Take a partner's answer to a dispute: once, and before its deadline."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from shared.application.disputing import Court, end_dispute, get_dispute, ground_of, read_claim
from shared.domain.canonical import digest
from shared.domain.dispute import (
    DISPUTE_ID,
    DeclineReason,
    Dispute,
    DisputeCase,
    DisputeKind,
    DisputeState,
)
from shared.domain.errors import DisputeEndedError, DisputeNotFoundError, InvalidRequestError
from shared.domain.ruling import Ruling


def answer_dispute(
    court: Court,
    *,
    partner: str,
    dispute_id: str,
    declined_for: DeclineReason | None,
    inputs: Mapping[str, object] | None,
    now: datetime,
) -> Dispute:
    """Return the dispute at the end that this answer has given it, now or before.

    Without a reason to decline, the partner accepts; `inputs` are then what it has found to be
    right. Raises DisputeNotFoundError for another partner's too, DisputeEndedError where it has
    ended otherwise or the deadline has passed, InvalidRequestError and BusyError.
    """
    known = DISPUTE_ID.fullmatch(dispute_id) is not None
    case = court.documents.get(DisputeCase, partner, dispute_id) if known else None
    if case is None:
        raise DisputeNotFoundError
    dispute = get_dispute(court.documents, case.account_id, dispute_id)
    answer_digest = _digest(dispute_id, declined_for, inputs)
    if not dispute.is_open:
        return _require_by(dispute, answer_digest)
    if now >= dispute.deadline:
        raise DisputeEndedError
    if declined_for is not None:
        ruling = Ruling(DisputeState.DECLINED, declined_for.value, None, answer_digest)
    else:
        corrected = _read(court, dispute, inputs) if inputs is not None else None
        ruling = Ruling(DisputeState.ACCEPTED, "", corrected, answer_digest)
    ended = end_dispute(court, case.account_id, dispute_id, ruling, now)
    return _require_by(ended, answer_digest)


def _read(court: Court, dispute: Dispute, inputs: Mapping[str, object]) -> dict[str, Decimal]:
    if dispute.kind not in {DisputeKind.WRONG_DISTANCE, DisputeKind.MISSING}:
        raise InvalidRequestError(pointers=(("/inputs", "are not what is disputed"),))
    ground = ground_of(court, dispute)
    if ground.methodology is None:
        raise DisputeEndedError
    known: Mapping[str, Decimal] = {}
    if dispute.kind is DisputeKind.WRONG_DISTANCE and ground.standing is not None:
        known = ground.standing.behaviour.inputs
    return read_claim(ground.methodology, inputs, known)


def _require_by(dispute: Dispute, answer_digest: str) -> Dispute:
    if dispute.answer_digest != answer_digest:
        raise DisputeEndedError
    return dispute


def _digest(
    dispute_id: str, declined_for: DeclineReason | None, inputs: Mapping[str, object] | None
) -> str:
    """Return by what this answer is known again; 8.0 km is 8 km."""
    numbers = {
        name: str(Decimal(value).normalize() if isinstance(value, int | Decimal) else value)
        for name, value in (inputs or {}).items()
    }
    return digest(
        {
            "dispute_id": dispute_id,
            "declined_for": declined_for,
            "inputs": None if inputs is None else numbers,
        }
    )
