"""Take a partner's signed events into the queue.

POST /v1/partners/{partner}/events. Standard Webhooks signature, CloudEvents 1.0, one or a batch.
202 means that every event is queued; 207 tells them apart.
"""

from http import HTTPStatus

from functions.receive_events.models import ReceiptsBody, read_events, result_of
from shared.adapters import clock
from shared.adapters.catalogue import catalogue
from shared.adapters.partners import PartnerTable
from shared.adapters.queues import EventsQueue
from shared.adapters.secrets import SecretPartnerKeys, SecretPseudonyms
from shared.application.authenticate_partner import authenticate_partner
from shared.application.receive_events import receive_events
from shared.domain import errors
from shared.domain.errors import BodyTooLargeError
from shared.runtime.http import Answer, Api, Operation, Request, require_media_type
from shared.runtime.settings import setting
from shared.runtime.strict_json import read_json
from shared.runtime.telemetry import count

EVENTS = EventsQueue(setting("EVENTS_QUEUE_URL"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
BODY_BYTES_MAX = 64 * 1024
MEDIA_TYPES = {
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
}

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/partners/{partner}/events",
        "Take a partner's signed events into the queue.",
        answers={HTTPStatus.ACCEPTED: ReceiptsBody, HTTPStatus.MULTI_STATUS: ReceiptsBody},
        body_note="One CloudEvents 1.0 event, or an array of up to 100.",
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.SignatureRefusedError,
            errors.UnknownEventTypeError,
            errors.EventTooOldError,
            errors.EventInFutureError,
            errors.NoMethodologyError,
            errors.BusyError,
        ),
    )
)
def post_events(request: Request) -> Answer:
    if len(request.body) > BODY_BYTES_MAX:
        raise BodyTooLargeError(f"The body may have {BODY_BYTES_MAX} bytes.")
    now = clock.now()
    partner = authenticate_partner(
        PARTNERS,
        PARTNER_KEYS,
        partner=request.path_parameters["partner"],
        headers=request.headers,
        payload=request.body,
        now=now,
    )
    require_media_type(request.headers, MEDIA_TYPES)
    events = read_events(read_json(request.body, size_max=BODY_BYTES_MAX))
    receipts = receive_events(
        catalogue(), PSEUDONYMS, EVENTS, partner=partner, events=events, now=now
    )
    problems = [receipt.problem for receipt in receipts if receipt.problem is not None]
    count({"EventsAccepted": len(receipts) - len(problems), "EventsRefused": len(problems)})
    if len(receipts) == 1 and problems:
        raise problems[0]
    body = ReceiptsBody(results=[result_of(receipt) for receipt in receipts])
    return Answer(body, HTTPStatus.MULTI_STATUS if problems else HTTPStatus.ACCEPTED)
