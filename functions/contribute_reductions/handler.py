"""Contribute some of the caller's reductions to a pool, for good.

POST /v1/me/contributions. It needs the caller's consent to carbon pools.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.contribute_reductions import contribute_reductions
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.domain.contribution import MG_MAX, MG_MIN
from shared.runtime.http import (
    VALUE_ERRORS,
    Answer,
    Api,
    DryRunQuery,
    Operation,
    Request,
    WireModel,
    value_answer,
)
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import ContributionBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
LINES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class ContributeBody(WireModel):
    """Which pool, and how many milligrams of CO2e."""

    pool_id: str = Field(pattern=r"^[a-z0-9-]{3,40}$")
    reduction_mg: int = Field(ge=MG_MIN, le=MG_MAX)


@api.route(
    Operation(
        "POST",
        "/v1/me/contributions",
        "Contribute some of the caller's reductions to a pool, for good.",
        answers={HTTPStatus.CREATED: ContributionBody, HTTPStatus.OK: ContributionBody},
        body=ContributeBody,
        query=DryRunQuery,
        moves_value=True,
        errors=(
            *VALUE_ERRORS,
            errors.AccountInDebtError,
            errors.ConsentRequiredError,
            errors.InsufficientReductionsError,
            errors.PoolNotFoundError,
            errors.PoolNotOpenError,
            errors.TooManyLinesError,
        ),
    )
)
def post_contribution(request: Request) -> Answer:
    is_dry_run = request.read_query(DryRunQuery).dry_run
    key = request.idempotency_key()
    wanted: ContributeBody = request.read(ContributeBody)
    moved = contribute_reductions(
        ACCOUNTS,
        LINES,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        idempotency_key=key,
        pool_id=wanted.pool_id,
        reduction_mg=wanted.reduction_mg,
        request_digest=PSEUDONYMS.payload(canonical_json(wanted.model_dump())),
        now=clock.now(),
        is_dry_run=is_dry_run,
        pause=chance.pause,
    )
    body = ContributionBody.of(moved.value)
    return value_answer(body, is_repeat=moved.is_repeat, is_dry_run=is_dry_run)
