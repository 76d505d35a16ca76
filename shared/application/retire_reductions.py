"""Retire the subject's reductions once, and certify it."""

from datetime import datetime

from shared.application.changing import Moved, move_once, require_same_request
from shared.application.ports import (
    AccountChange,
    Accounts,
    Documents,
    Footprints,
    Lines,
    Pause,
    Write,
)
from shared.application.tracing import lots_of
from shared.domain.account import Account
from shared.domain.catalogue import Catalogue
from shared.domain.certificate import Certificate, OwnFootprint
from shared.domain.footprint import FootprintModel
from shared.domain.identifiers import derived_id
from shared.domain.instants import ledger_day
from shared.domain.retirement import Order, checked_order, decide_retirement


def retire_reductions(
    accounts: Accounts,
    lines: Lines,
    documents: Documents,
    footprints: Footprints,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    order: Order,
    request_secret: str,
    request_digest: str,
    issuer: str,
    is_dry_run: bool,
    now: datetime,
    pause: Pause,
) -> Moved[Certificate]:
    """Return the certificate of what was retired, or of what a dry run would retire.

    `request_secret` is a keyed hash of the Idempotency-Key: whoever knows the account and the key,
    but not our secret, cannot work out the certificate's id. Raises AccountNotFoundError,
    InvalidRequestError, InsufficientReductionsError, TooManyLotsError, IdempotencyConflictError,
    TooManyLinesError and BusyError.
    """
    wanted = checked_order(order, ledger_day(now))

    def id_for(account: Account) -> str:
        return derived_id("c", account.account_id, request_secret)

    def known(account: Account) -> Certificate | None:
        certificate_id = id_for(account)
        found = documents.get(Certificate, certificate_id, certificate_id)
        if found is not None:
            require_same_request(found.request_digest, request_digest)
        return found

    def decide(account: Account) -> tuple[Certificate, list[AccountChange]]:
        decision = decide_retirement(
            account,
            lots_of(lines, account),
            catalogue,
            wanted,
            certificate_id=id_for(account),
            request_digest=request_digest,
            issuer=issuer,
            footprint=_footprint(account, footprints, catalogue, wanted.footprint_year),
            now=now,
        )
        change = AccountChange(
            account,
            decision.account,
            movements=decision.movements,
            documents=(Write(decision.certificate), Write(decision.retirement)),
        )
        return decision.certificate, [change]

    return move_once(
        accounts,
        subject_hash=subject_hash,
        known=known,
        decide=decide,
        is_dry_run=is_dry_run,
        pause=pause,
    )


def _footprint(
    account: Account, footprints: Footprints, catalogue: Catalogue, year: int | None
) -> OwnFootprint | None:
    """Return the footprint that the account keeps, as it was worked out when it was put."""
    if year is None:
        return None
    stored = footprints.find(account.account_id)
    if stored is None:
        return OwnFootprint(year)
    model = FootprintModel.of(catalogue.named(stored.methodology))
    footprint = model.calculate(model.read_texts(stored.answers))
    return OwnFootprint(year, footprint.total.central_mg, stored.methodology)
