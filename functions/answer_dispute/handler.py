"""Take a partner's answer to a dispute.

POST /v1/partners/{partner}/disputes/{dispute_id}/answer. Signed like the events themselves. The
same answer again is answered the same; another one is a conflict.
"""

from http import HTTPStatus

from functions.answer_dispute.models import AnswerBody, read_answer
from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.partners import PartnerTable
from shared.adapters.points import points_policies
from shared.adapters.secrets import SecretPartnerKeys
from shared.application.answer_dispute import answer_dispute
from shared.application.authenticate_partner import authenticate_partner
from shared.application.disputing import Court
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_dispute import PartnerDisputeBody

ENTRIES = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "POST",
        "/v1/partners/{partner}/disputes/{dispute_id}/answer",
        "Take a partner's answer to a dispute.",
        answers={HTTPStatus.OK: PartnerDisputeBody},
        body=AnswerBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.SignatureRefusedError,
            errors.DisputeNotFoundError,
            errors.DisputeEndedError,
            errors.BusyError,
        ),
    )
)
def post_answer(request: Request) -> Answer:
    now = clock.now()
    partner = authenticate_partner(
        PARTNERS,
        PARTNER_KEYS,
        partner=request.path_parameters["partner"],
        headers=request.headers,
        payload=request.body,
        now=now,
    )
    court = Court(
        accounts=ACCOUNTS,
        outcomes=ENTRIES,
        statement=ENTRIES,
        documents=DOCUMENTS,
        catalogue=catalogue(),
        policies=points_policies(),
        new_salt=chance.new_salt,
        pause=chance.pause,
    )
    dispute_id, declined_for, inputs = read_answer(request)
    dispute = answer_dispute(
        court,
        partner=partner.partner,
        dispute_id=dispute_id,
        declined_for=declined_for,
        inputs=inputs,
        now=now,
    )
    return Answer(PartnerDisputeBody.of(dispute))
