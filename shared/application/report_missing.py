"""Report a behaviour that a partner should have reported and did not."""

from collections.abc import Mapping
from datetime import datetime

from shared.application.changing import Moved
from shared.application.disputing import open_once, read_claim, same_behaviours
from shared.application.ports import Accounts, Documents, Partners, Pause, Statement
from shared.domain.account import Account
from shared.domain.catalogue import Catalogue
from shared.domain.consent import ConsentKey
from shared.domain.dispute import (
    MISSING_WITHIN,
    Dispute,
    DisputeKind,
    claim_id,
    dispute_id_for,
)
from shared.domain.errors import (
    ConsentUnavailableError,
    EventInFutureError,
    EventTooOldError,
    NotConsentedError,
    NotDisputableError,
)
from shared.domain.partner import PartnerState


def report_missing(
    accounts: Accounts,
    statement: Statement,
    documents: Documents,
    partners: Partners,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    consent: ConsentKey,
    occurred_at: datetime,
    claim: Mapping[str, object],
    idempotency_key: str,
    request_digest: str,
    is_dry_run: bool,
    now: datetime,
    pause: Pause,
) -> Moved[Dispute]:
    """Return the dispute about what is missing, or what the same request has opened before.

    Raises ConsentUnavailableError where the partner does not report the scenario,
    EventInFutureError, EventTooOldError, NoMethodologyError, InvalidRequestError for the claim,
    NotConsentedError, NotDisputableError where something is booked at that time, and what
    `open_once` raises.
    """

    def decide(account: Account) -> Dispute:
        _require_reporter(partners, consent)
        if occurred_at > now:
            raise EventInFutureError
        if occurred_at < now - MISSING_WITHIN:
            raise EventTooOldError
        inputs = read_claim(catalogue.in_force(consent.scenario, occurred_at), claim, {})
        active = account.consents.get(consent)
        if active is None or occurred_at < active.since:
            raise NotConsentedError
        if same_behaviours(statement, account.account_id, consent, occurred_at):
            raise NotDisputableError
        dispute_id = dispute_id_for(account.account_id, idempotency_key, now)
        return Dispute(
            dispute_id=dispute_id,
            account_id=account.account_id,
            kind=DisputeKind.MISSING,
            scenario=consent.scenario,
            partner=consent.partner,
            event_id=claim_id(dispute_id),
            occurred_at=occurred_at,
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


def _require_reporter(partners: Partners, consent: ConsentKey) -> None:
    """Raise ConsentUnavailableError unless the partner reports the scenario, and can answer."""
    partner = partners.get(consent.partner)
    if (
        partner is None
        or partner.state is not PartnerState.ACTIVE
        or consent.scenario not in partner.scenarios
    ):
        raise ConsentUnavailableError
