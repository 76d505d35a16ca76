"""Every refusal by name: one class per cause, each with a stable `code` to rely on."""

from typing import ClassVar


class CarbonAccountError(Exception):
    """A refusal with a stable code and a sentence that never repeats the caller's input."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())

    @property
    def detail(self) -> str:
        return str(self.args[0])


class MalformedBodyError(CarbonAccountError):
    """The body is not the JSON that this route takes."""

    code = "malformed_body"


class InvalidRequestError(CarbonAccountError):
    """A field is missing, unknown or has a value that is not allowed."""

    code = "invalid_request"

    def __init__(self, detail: str = "", *, pointers: tuple[tuple[str, str], ...] = ()) -> None:
        """`pointers` pairs a JSON pointer to each bad field with the reason."""
        super().__init__(detail)
        self.pointers = pointers


class InvalidCursorError(CarbonAccountError):
    """The cursor is not one that this route gave for the same account and filter."""

    code = "invalid_cursor"


class BodyTooLargeError(CarbonAccountError):
    """The body is larger than this route takes."""

    code = "body_too_large"


class UnsupportedMediaTypeError(CarbonAccountError):
    """The content type or encoding is not one that this route takes."""

    code = "unsupported_media_type"


class RouteNotFoundError(CarbonAccountError):
    """There is no such route."""

    code = "route_not_found"


class SignatureRefusedError(CarbonAccountError):
    """The request is not signed by this partner, or too long ago."""

    code = "signature_refused"


class UnknownEventTypeError(CarbonAccountError):
    """The event's type is not one that this partner may send."""

    code = "unknown_event_type"


class EventTooOldError(CarbonAccountError):
    """The event occurred before the partner's acceptance window."""

    code = "event_too_old"


class EventInFutureError(CarbonAccountError):
    """The event claims to have occurred in the future."""

    code = "event_in_future"


class NoMethodologyError(CarbonAccountError):
    """No methodology was in force for this scenario when the event occurred."""

    code = "no_methodology"


class EventConflictError(CarbonAccountError):
    """The event's id was already used with another payload."""

    code = "event_conflict"


class AccountNotFoundError(CarbonAccountError):
    """The caller has no open account."""

    code = "account_not_found"


class EntryNotFoundError(CarbonAccountError):
    """The caller's account has no such entry."""

    code = "entry_not_found"


class LotNotFoundError(CarbonAccountError):
    """The caller's account has no such lot."""

    code = "lot_not_found"


class FootprintNotFoundError(CarbonAccountError):
    """The caller has not put answers for a footprint."""

    code = "footprint_not_found"


class OutcomeNotFoundError(CarbonAccountError):
    """No outcome of this event is known, or not yet."""

    code = "outcome_not_found"


class DayNotSealedError(CarbonAccountError):
    """This ledger day is not sealed."""

    code = "day_not_sealed"


class MethodologyNotFoundError(CarbonAccountError):
    """There is no such methodology version."""

    code = "methodology_not_found"


class InsufficientReductionsError(CarbonAccountError):
    """The account has fewer reductions that can be spent."""

    code = "insufficient_reductions"


class InsufficientPointsError(CarbonAccountError):
    """The account has fewer points that can be spent."""

    code = "insufficient_points"


class MissingIdempotencyKeyError(CarbonAccountError):
    """A request that moves value needs an Idempotency-Key."""

    code = "missing_idempotency_key"


class IdempotencyConflictError(CarbonAccountError):
    """The Idempotency-Key was already used for another request."""

    code = "idempotency_conflict"


class AlreadyReversedError(CarbonAccountError):
    """The credit was taken back before, by somebody else or for another reason."""

    code = "already_reversed"


class DisputeNotFoundError(CarbonAccountError):
    """There is no such dispute."""

    code = "dispute_not_found"


class DisputeEndedError(CarbonAccountError):
    """The dispute has ended, and not by this."""

    code = "dispute_ended"


class DisputeExistsError(CarbonAccountError):
    """The entry, or a behaviour missing in that hour, is or was disputed already."""

    code = "dispute_exists"


class NotDisputableError(CarbonAccountError):
    """It is too late to dispute this, or there is nothing to dispute."""

    code = "not_disputable"


class NotConsentedError(CarbonAccountError):
    """No active consent covers this behaviour."""

    code = "not_consented"


class TooManyAmendmentsError(CarbonAccountError):
    """The credit was amended as often as may be."""

    code = "too_many_amendments"


class TooManyLinesError(CarbonAccountError):
    """The account has more lines than one request can read."""

    code = "too_many_lines"


class BenefitNotFoundError(CarbonAccountError):
    """There is no such benefit."""

    code = "benefit_not_found"


class BenefitUnavailableError(CarbonAccountError):
    """The benefit is not offered today."""

    code = "benefit_unavailable"


class PriceChangedError(CarbonAccountError):
    """The benefit has another price now; show it and ask again."""

    code = "price_changed"


class PersonLimitReachedError(CarbonAccountError):
    """The caller has the benefit as often as one person may."""

    code = "person_limit_reached"


class SoldOutError(CarbonAccountError):
    """Nothing of the benefit is left."""

    code = "sold_out"


class RedemptionNotFoundError(CarbonAccountError):
    """The caller's account has no such redemption."""

    code = "redemption_not_found"


class RedemptionEndedError(CarbonAccountError):
    """The redemption has ended, or its voucher is issued already."""

    code = "redemption_ended"


class StockTakenError(CarbonAccountError):
    """More of the benefit is taken than its new stock would be."""

    code = "stock_taken"


class TooManyLotsError(CarbonAccountError):
    """So much would take more lots than one certificate can name; retire less at a time."""

    code = "too_many_lots"


class CertificateNotFoundError(CarbonAccountError):
    """There is no such certificate."""

    code = "certificate_not_found"


class ConsentUnavailableError(CarbonAccountError):
    """This partner does not report this scenario."""

    code = "consent_unavailable"


class NoticeChangedError(CarbonAccountError):
    """The notice has changed since the user saw it; show the current one and ask again."""

    code = "notice_changed"


class TooManyConsentsError(CarbonAccountError):
    """The account holds as many active consents as it can."""

    code = "too_many_consents"


class HouseholdNotFoundError(CarbonAccountError):
    """The caller's account is in no household."""

    code = "household_not_found"


class HouseholdNotConsentedError(CarbonAccountError):
    """The caller has not consented to sharing with a household."""

    code = "household_not_consented"


class AlreadyInHouseholdError(CarbonAccountError):
    """The caller's account is in a household, and can be in one only."""

    code = "already_in_household"


class HouseholdFullError(CarbonAccountError):
    """The household has as many members as it can."""

    code = "household_full"


class TooManyInvitationsError(CarbonAccountError):
    """The household has as many open invitations as it can."""

    code = "too_many_invitations"


class InvitationRefusedError(CarbonAccountError):
    """There is no invitation that the caller can use with this code."""

    code = "invitation_refused"


class InvalidSharesError(CarbonAccountError):
    """Each member has one share, and the shares add up to 10000."""

    code = "invalid_shares"


class ProposalOpenError(CarbonAccountError):
    """The household has to answer another proposal first."""

    code = "proposal_open"


class ProposalNotOpenError(CarbonAccountError):
    """There is no such proposal that the caller can answer."""

    code = "proposal_not_open"


class LinkTokenRefusedError(CarbonAccountError):
    """The partner did not sign this link token for this purpose, or it has expired."""

    code = "link_token_refused"


class ReferenceLinkedError(CarbonAccountError):
    """The partner's reference or this account is linked to another one."""

    code = "reference_linked"


class AccountInDebtError(CarbonAccountError):
    """The account owes what a reversal could not take back; new credit pays it first."""

    code = "account_in_debt"


class GiftCodeRefusedError(CarbonAccountError):
    """No gift can be sent with this code: it is unknown, used, withdrawn or expired."""

    code = "gift_code_refused"


class TooManyGiftCodesError(CarbonAccountError):
    """The account has made as many gift codes as may be used at once, or made in a day."""

    code = "too_many_gift_codes"


class GiftLimitReachedError(CarbonAccountError):
    """The gift would exceed what an account may give in a day."""

    code = "gift_limit_reached"


class ConsentRequiredError(CarbonAccountError):
    """The caller has not consented to what this needs."""

    code = "consent_required"


class PoolNotFoundError(CarbonAccountError):
    """There is no such pool."""

    code = "pool_not_found"


class PoolNotOpenError(CarbonAccountError):
    """The pool takes no contributions now."""

    code = "pool_not_open"


class ShareNotFoundError(CarbonAccountError):
    """There is no such share card."""

    code = "share_not_found"


class ShareEndedError(CarbonAccountError):
    """The share card is no longer shown."""

    code = "share_ended"


class TooManySharesError(CarbonAccountError):
    """The account has made as many share cards as it can until one of them expires."""

    code = "too_many_shares"


class ContentNotFoundError(CarbonAccountError):
    """There is no such article, or it is not shown now."""

    code = "content_not_found"


class AssetNotFoundError(CarbonAccountError):
    """There is no such picture."""

    code = "asset_not_found"


class QuestionNotFoundError(CarbonAccountError):
    """The question is none of the caller's on this day."""

    code = "question_not_found"


class QuestionAnsweredError(CarbonAccountError):
    """The question was answered before, and each is answered once."""

    code = "question_answered"


class StaleAccountError(CarbonAccountError):
    """The account changed since it was read; load it and decide again."""

    code = "stale_account"


class BusyError(CarbonAccountError):
    """The request could not be made durable now; it changed nothing and may be sent again."""

    code = "busy"


class CatalogueError(CarbonAccountError):
    """A methodology or notice file is broken; the message names the file and the reason."""

    code = "catalogue"


class TotalsMismatchError(CarbonAccountError):
    """A day's counters contradict the entries that were counted; the day is not sealed."""

    code = "totals_mismatch"


class ReceiptMismatchError(CarbonAccountError):
    """An entry is not what its methodology makes of its inputs; no receipt is signed."""

    code = "receipt_mismatch"
