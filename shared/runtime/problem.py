"""Every refusal as RFC 9457 problem+json: one table from error class to status and title."""

from http import HTTPStatus
from typing import Any

from shared.domain import errors
from shared.domain.errors import CarbonAccountError, InvalidRequestError

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

STATUSES: dict[type[CarbonAccountError], HTTPStatus] = {
    errors.MalformedBodyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidCursorError: HTTPStatus.BAD_REQUEST,
    errors.BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.RouteNotFoundError: HTTPStatus.NOT_FOUND,
    errors.SignatureRefusedError: HTTPStatus.UNAUTHORIZED,
    errors.UnknownEventTypeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.EventTooOldError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.EventInFutureError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoMethodologyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.EventConflictError: HTTPStatus.CONFLICT,
    errors.AccountNotFoundError: HTTPStatus.NOT_FOUND,
    errors.EntryNotFoundError: HTTPStatus.NOT_FOUND,
    errors.LotNotFoundError: HTTPStatus.NOT_FOUND,
    errors.FootprintNotFoundError: HTTPStatus.NOT_FOUND,
    errors.OutcomeNotFoundError: HTTPStatus.NOT_FOUND,
    errors.DayNotSealedError: HTTPStatus.NOT_FOUND,
    errors.MethodologyNotFoundError: HTTPStatus.NOT_FOUND,
    errors.AlreadyReversedError: HTTPStatus.CONFLICT,
    errors.DisputeEndedError: HTTPStatus.CONFLICT,
    errors.DisputeExistsError: HTTPStatus.CONFLICT,
    errors.DisputeNotFoundError: HTTPStatus.NOT_FOUND,
    errors.NotDisputableError: HTTPStatus.CONFLICT,
    errors.NotConsentedError: HTTPStatus.CONFLICT,
    errors.IdempotencyConflictError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InsufficientPointsError: HTTPStatus.CONFLICT,
    errors.InsufficientReductionsError: HTTPStatus.CONFLICT,
    errors.MissingIdempotencyKeyError: HTTPStatus.BAD_REQUEST,
    errors.TooManyAmendmentsError: HTTPStatus.CONFLICT,
    errors.TooManyLinesError: HTTPStatus.CONFLICT,
    errors.BenefitNotFoundError: HTTPStatus.NOT_FOUND,
    errors.BenefitUnavailableError: HTTPStatus.CONFLICT,
    errors.PersonLimitReachedError: HTTPStatus.CONFLICT,
    errors.PriceChangedError: HTTPStatus.CONFLICT,
    errors.RedemptionEndedError: HTTPStatus.CONFLICT,
    errors.RedemptionNotFoundError: HTTPStatus.NOT_FOUND,
    errors.SoldOutError: HTTPStatus.CONFLICT,
    errors.TooManyLotsError: HTTPStatus.CONFLICT,
    errors.CertificateNotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConsentUnavailableError: HTTPStatus.NOT_FOUND,
    errors.NoticeChangedError: HTTPStatus.CONFLICT,
    errors.TooManyConsentsError: HTTPStatus.CONFLICT,
    errors.AlreadyInHouseholdError: HTTPStatus.CONFLICT,
    errors.HouseholdFullError: HTTPStatus.CONFLICT,
    errors.HouseholdNotConsentedError: HTTPStatus.CONFLICT,
    errors.HouseholdNotFoundError: HTTPStatus.NOT_FOUND,
    errors.InvalidSharesError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvitationRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ProposalNotOpenError: HTTPStatus.CONFLICT,
    errors.ProposalOpenError: HTTPStatus.CONFLICT,
    errors.TooManyInvitationsError: HTTPStatus.CONFLICT,
    errors.LinkTokenRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ReferenceLinkedError: HTTPStatus.CONFLICT,
    errors.AccountInDebtError: HTTPStatus.CONFLICT,
    errors.ConsentRequiredError: HTTPStatus.CONFLICT,
    errors.GiftCodeRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.GiftLimitReachedError: HTTPStatus.CONFLICT,
    errors.PoolNotFoundError: HTTPStatus.NOT_FOUND,
    errors.PoolNotOpenError: HTTPStatus.CONFLICT,
    errors.QuestionAnsweredError: HTTPStatus.CONFLICT,
    errors.QuestionNotFoundError: HTTPStatus.NOT_FOUND,
    errors.TooManyGiftCodesError: HTTPStatus.CONFLICT,
    errors.ShareEndedError: HTTPStatus.GONE,
    errors.ShareNotFoundError: HTTPStatus.NOT_FOUND,
    errors.TooManySharesError: HTTPStatus.CONFLICT,
    errors.ContentNotFoundError: HTTPStatus.NOT_FOUND,
    errors.AssetNotFoundError: HTTPStatus.NOT_FOUND,
    errors.BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: CarbonAccountError) -> HTTPStatus:
    """Return the status of a refusal; one that should never reach a caller is our fault: 500."""
    return STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(error: CarbonAccountError, instance: str | None = None) -> dict[str, Any]:
    """Return the problem body; it never repeats what the caller sent."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal_problem(instance)
    body: dict[str, Any] = {
        "type": f"urn:carbon-account:problem:{error.code}",
        "title": (type(error).__doc__ or "").strip(),
        "status": status.value,
        "code": error.code,
        "detail": error.detail,
    }
    if isinstance(error, InvalidRequestError) and error.pointers:
        body["errors"] = [
            {"pointer": pointer, "detail": reason} for pointer, reason in error.pointers
        ]
    if instance:
        body["instance"] = f"urn:request:{instance}"
    return body


def internal_problem(instance: str | None = None) -> dict[str, Any]:
    """Return the body of a 500: nothing about the inside, only the request's id."""
    body: dict[str, Any] = {
        "type": "urn:carbon-account:problem:internal",
        "title": "Something went wrong on our side.",
        "status": HTTPStatus.INTERNAL_SERVER_ERROR.value,
        "code": "internal",
        "detail": "The request may be sent again.",
    }
    if instance:
        body["instance"] = f"urn:request:{instance}"
    return body
