"""Disputes: how one is opened once, and how one is ended once with what its end books."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.application.changing import Moved, require_same_request, until_committed
from shared.application.get_account import get_account
from shared.application.ports import (
    AccountChange,
    Accounts,
    Documents,
    Outcomes,
    Pause,
    Statement,
    StatementFilter,
    Write,
)
from shared.application.splitting import changes_of, split_credits, split_return
from shared.domain.account import Account
from shared.domain.catalogue import Catalogue
from shared.domain.consent import ConsentKey
from shared.domain.dispute import (
    SAME_WITHIN,
    Dispute,
    DisputeCase,
    DisputeKind,
    DisputeLock,
    DisputeRequest,
    DisputeState,
    matter_of,
    request_name,
)
from shared.domain.entry import Entry
from shared.domain.errors import (
    BusyError,
    DisputeExistsError,
    DisputeNotFoundError,
    InvalidRequestError,
    NoMethodologyError,
)
from shared.domain.methodology import Methodology
from shared.domain.points_policy import PointsPolicies
from shared.domain.ruling import Ground, Ruling, decide_dispute
from shared.domain.splitting import Split

# What lies around a behaviour is looked at as far as this; one is enough.
SAME_BEHAVIOURS_MAX = 5


@dataclass(frozen=True, slots=True)
class Court:
    """Everything that a ruling is carried out with."""

    accounts: Accounts
    outcomes: Outcomes
    statement: Statement
    documents: Documents
    catalogue: Catalogue
    policies: PointsPolicies
    new_salt: Callable[[], str]
    pause: Pause


def open_once(
    accounts: Accounts,
    documents: Documents,
    *,
    subject_hash: str,
    idempotency_key: str,
    request_digest: str,
    decide: Callable[[Account], Dispute],
    is_dry_run: bool,
    pause: Pause,
) -> Moved[Dispute]:
    """Return the dispute that `decide` opens, or what the same request has opened before.

    Nothing of the account changes: what became of it meanwhile is looked at when the dispute ends.
    Raises DisputeExistsError, IdempotencyConflictError, AccountNotFoundError, BusyError, and what
    `decide` raises.
    """

    def step() -> Moved[Dispute]:
        account_id = (account := get_account(accounts, subject_hash=subject_hash)).account_id
        name = request_name(account_id, idempotency_key)
        request = documents.get(DisputeRequest, account_id, name)
        if request is not None:
            require_same_request(request.request_digest, request_digest)
            return Moved(get_dispute(documents, account_id, request.dispute_id), is_repeat=True)
        dispute = decide(account)
        request = DisputeRequest(account_id, name, dispute.dispute_id, request_digest)
        writes = (
            Write(dispute),
            Write(request),
            Write(DisputeCase(dispute.partner, dispute.dispute_id, account_id)),
            _lock(documents, dispute),
        )
        if not is_dry_run:
            documents.put(*writes)
        return Moved(dispute, is_repeat=False)

    return until_committed(step, pause)


def _lock(documents: Documents, dispute: Dispute) -> Write:
    """Return the write that makes this the matter's dispute; raise DisputeExistsError."""
    account_id, name = dispute.account_id, matter_of(dispute)
    standing = documents.get(DisputeLock, account_id, name)
    if standing is None:
        return Write(DisputeLock(account_id, name, dispute.dispute_id))
    before = get_dispute(documents, account_id, standing.dispute_id)
    if before.state is not DisputeState.WITHDRAWN:
        raise DisputeExistsError
    lock = DisputeLock(account_id, name, dispute.dispute_id, standing.version + 1)
    return Write(lock, replaces=standing)


def get_dispute(documents: Documents, account_id: str, dispute_id: str) -> Dispute:
    """Return the dispute as it stands; raise DisputeNotFoundError."""
    dispute = documents.get(Dispute, account_id, dispute_id)
    if dispute is None:
        raise DisputeNotFoundError
    return dispute


def read_claim(
    methodology: Methodology, claim: Mapping[str, object], known: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Return what is claimed to have been measured, where the rest is `known`.

    Raises InvalidRequestError for what the methodology does not ask for, or finds implausible.
    """
    names = {each.name for each in methodology.inputs}
    if claim.keys() - names:
        problem = f"takes {', '.join(sorted(names)) or 'nothing'}"
        raise InvalidRequestError(pointers=(("/inputs", problem),))
    try:
        read = methodology.read_inputs({**known, **claim})
    except InvalidRequestError as error:
        pointers = tuple(
            (pointer.replace("/data/", "/inputs/", 1), reason) for pointer, reason in error.pointers
        )
        raise InvalidRequestError(error.detail, pointers=pointers) from error
    return {name: value for name, value in read.items() if name in claim}


def same_behaviours(
    statement: Statement, account_id: str, consent: ConsentKey, occurred_at: datetime
) -> Sequence[Entry]:
    """Return what the account was credited for behaviour at nearly the same time."""
    around = StatementFilter(
        occurred_from=occurred_at - SAME_WITHIN,
        occurred_until=occurred_at + SAME_WITHIN,
        scenario=consent.scenario,
        partner=consent.partner,
    )
    return statement.page(account_id, around, limit=SAME_BEHAVIOURS_MAX, after=None).entries


def ground_of(court: Court, dispute: Dispute) -> Ground:
    """Return what a ruling on this dispute would be carried out on now."""
    if dispute.kind is DisputeKind.MISSING:
        found = same_behaviours(
            court.statement, dispute.account_id, dispute.consent, dispute.occurred_at
        )
        return Ground(
            standing=found[0] if found else None,
            methodology=_in_force(court.catalogue, dispute),
            points=court.policies.terms(dispute.scenario, dispute.occurred_at),
        )
    standing = court.outcomes.standing(dispute.event)
    methodology = court.catalogue.named(standing.methodology) if standing else None
    return Ground(standing, methodology)


def _in_force(catalogue: Catalogue, dispute: Dispute) -> Methodology | None:
    try:
        return catalogue.in_force(dispute.scenario, dispute.occurred_at)
    except NoMethodologyError:
        return None


def end_dispute(
    court: Court, account_id: str, dispute_id: str, ruling: Ruling, now: datetime
) -> Dispute:
    """Carry the ruling out, in one commit with the dispute's end; return the dispute at its end.

    One that has ended, by this ruling or another, is returned as it is. Raises
    DisputeNotFoundError and BusyError.
    """

    def step() -> Dispute:
        dispute = get_dispute(court.documents, account_id, dispute_id)
        if not dispute.is_open:
            return dispute
        ground = ground_of(court, dispute)
        account = court.accounts.load(account_id, consistent=True)
        if account is None:
            raise BusyError
        salt = court.new_salt()
        ruled = decide_dispute(account, dispute, ruling, ground, salt=salt, now=now)
        if ruled.account is None:
            court.documents.put(Write(ruled.dispute, replaces=dispute))
            return ruled.dispute
        amount_mg = -sum(entry.reduction_mg for entry in ruled.entries)
        split = Split(account)
        if ground.standing is not None and amount_mg > 0:
            # What comes back from a household is booked first, so that it is what is taken back.
            split = split_return(
                court.accounts, court.outcomes, account, ground.standing, amount_mg, now
            )
            ruled = decide_dispute(split.account, dispute, ruling, ground, salt=salt, now=now)
        change = AccountChange(
            account,
            ruled.account or account,
            entries=ruled.entries,
            documents=(Write(ruled.dispute, replaces=dispute),),
        )
        if split.movements:
            court.accounts.commit(*changes_of(change, split))
        else:
            court.accounts.commit(*split_credits(court.accounts, court.documents, change, now))
        return ruled.dispute

    return until_committed(step, court.pause)
