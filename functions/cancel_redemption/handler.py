"""Cancel a redemption of the caller whose voucher is not issued.

POST /v1/me/redemptions/{redemption_id}/cancellation. The redemption is cancelled once, whatever the
Idempotency-Key; each repeat has the same answer.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.adapters.suppliers import HttpSuppliers
from shared.application.cancel_redemption import cancel_redemption
from shared.domain import errors
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request, value_answer
from shared.runtime.settings import setting
from shared.runtime.telemetry import count
from shared.runtime.wire_redemption import RedemptionBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
SUPPLIERS = HttpSuppliers(setting("SUPPLIER_SECRET_PREFIX"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/redemptions/{redemption_id}/cancellation",
        "Cancel a redemption of the caller whose voucher is not issued.",
        answers={HTTPStatus.CREATED: RedemptionBody, HTTPStatus.OK: RedemptionBody},
        query=DryRunQuery,
        errors=(
            errors.InvalidRequestError,
            errors.MissingIdempotencyKeyError,
            errors.AccountNotFoundError,
            errors.RedemptionNotFoundError,
            errors.RedemptionEndedError,
            errors.BusyError,
        ),
        moves_value=True,
    )
)
def post_cancellation(request: Request) -> Answer:
    query: DryRunQuery = request.read_query(DryRunQuery)
    request.idempotency_key()
    moved = cancel_redemption(
        ACCOUNTS,
        DOCUMENTS,
        SUPPLIERS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        redemption_id=request.path_parameters["redemption_id"],
        is_dry_run=query.dry_run,
        now=clock.now(),
        pause=chance.pause,
    )
    if not moved.is_repeat and not query.dry_run:
        count({"RedemptionsCancelled": 1})
    body = RedemptionBody.standing(moved.value)
    return value_answer(body, is_repeat=moved.is_repeat, is_dry_run=query.dry_run)
