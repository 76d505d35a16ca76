"""Dispute an entry: it is not the user's, counted twice, or measured from wrong inputs."""

from collections.abc import Mapping
from datetime import datetime

from shared.application.changing import Moved
from shared.application.disputing import open_once, read_claim
from shared.application.get_entry import cause_of
from shared.application.ports import Accounts, Documents, Outcomes, Pause, Statement
from shared.domain.account import Account
from shared.domain.catalogue import Catalogue
from shared.domain.dispute import OPEN_WITHIN, Dispute, DisputeKind, dispute_id_for
from shared.domain.entry import AMENDMENTS_MAX
from shared.domain.errors import EntryNotFoundError, InvalidRequestError, NotDisputableError


def dispute_entry(
    accounts: Accounts,
    statement: Statement,
    outcomes: Outcomes,
    documents: Documents,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    public_id: str,
    kind: DisputeKind,
    claim: Mapping[str, object],
    idempotency_key: str,
    request_digest: str,
    is_dry_run: bool,
    now: datetime,
    pause: Pause,
) -> Moved[Dispute]:
    """Return the dispute of what stands of the entry's event, or what was opened before.

    Only for wrong inputs `claim` says what is right. Raises EntryNotFoundError for another's entry
    too, NotDisputableError, DisputeExistsError, InvalidRequestError, IdempotencyConflictError,
    AccountNotFoundError and BusyError.
    """
    if bool(claim) is not (kind is DisputeKind.WRONG_DISTANCE):
        problem = "say what is right, for wrong_distance and nothing else"
        raise InvalidRequestError(pointers=(("/inputs", problem),))

    def decide(account: Account) -> Dispute:
        entry = statement.entry(cause_of(public_id))
        if entry is None or entry.account_id != account.account_id:
            raise EntryNotFoundError
        standing = outcomes.standing(entry.cause.event)
        if (
            standing is None
            or standing.is_reversal
            or standing.cause.amendment >= AMENDMENTS_MAX
            or now > entry.booked_at + OPEN_WITHIN
        ):
            raise NotDisputableError
        behaviour = standing.behaviour
        methodology = catalogue.named(standing.methodology)
        inputs = read_claim(methodology, claim, behaviour.inputs) if claim else {}
        if claim and inputs.items() <= behaviour.inputs.items():
            raise InvalidRequestError(pointers=(("/inputs", "are those that stand"),))
        return Dispute(
            dispute_id=dispute_id_for(account.account_id, idempotency_key, now),
            account_id=account.account_id,
            kind=kind,
            scenario=behaviour.scenario,
            partner=entry.cause.partner,
            event_id=entry.cause.event_id,
            occurred_at=behaviour.occurred_at,
            opened_at=now,
            inputs=inputs,
        )

    return open_once(
        accounts,
        documents,
        subject_hash=subject_hash,
        idempotency_key=idempotency_key,
        request_digest=request_digest,
        decide=decide,
        is_dry_run=is_dry_run,
        pause=pause,
    )
