"""Redeem a benefit: hold its price and order it.

POST /v1/me/redemptions. The voucher's code is read with the redemption, once it is settled.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.queues import OrdersQueue
from shared.adapters.secrets import SecretPseudonyms
from shared.application.redeem_benefit import redeem_benefit
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.runtime.http import Answer, Api, DryRunQuery, Operation, Request, value_answer
from shared.runtime.settings import setting
from shared.runtime.telemetry import count
from shared.runtime.wire_redemption import HeldRedemptionBody, RedeemBody

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
ORDERS = OrdersQueue(setting("FULFILMENT_QUEUE_URL"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/me/redemptions",
        "Redeem a benefit: hold its price and order it.",
        answers={HTTPStatus.CREATED: HeldRedemptionBody, HTTPStatus.OK: HeldRedemptionBody},
        body=RedeemBody,
        query=DryRunQuery,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.MissingIdempotencyKeyError,
            errors.IdempotencyConflictError,
            errors.AccountNotFoundError,
            errors.BenefitNotFoundError,
            errors.BenefitUnavailableError,
            errors.PriceChangedError,
            errors.PersonLimitReachedError,
            errors.InsufficientPointsError,
            errors.AccountInDebtError,
            errors.InsufficientReductionsError,
            errors.SoldOutError,
            errors.BusyError,
        ),
        moves_value=True,
    )
)
def post_redemption(request: Request) -> Answer:
    query: DryRunQuery = request.read_query(DryRunQuery)
    wanted: RedeemBody = request.read(RedeemBody)
    moved = redeem_benefit(
        ACCOUNTS,
        DOCUMENTS,
        ORDERS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        benefit_id=wanted.benefit_id,
        quoted=wanted.price.price(),
        idempotency_key=request.idempotency_key(),
        request_digest=PSEUDONYMS.payload(canonical_json(wanted.model_dump())),
        is_dry_run=query.dry_run,
        now=clock.now(),
        pause=chance.pause,
    )
    if not query.dry_run:
        count({"RedemptionsRepeated" if moved.is_repeat else "RedemptionsHeld": 1})
    body = HeldRedemptionBody.of(moved.value)
    return value_answer(body, is_repeat=moved.is_repeat, is_dry_run=query.dry_run)
