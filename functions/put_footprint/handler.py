"""Keep the caller's answers and work out their yearly footprint.

PUT /v1/me/footprint. Earlier answers are replaced; the same answers again change nothing.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.footprints import FootprintTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.put_footprint import put_footprint
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_footprint import AnswersBody, KeptFootprintBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
FOOTPRINTS = FootprintTable(setting("ACCOUNTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "PUT",
        "/v1/me/footprint",
        "Keep the caller's answers and work out their yearly footprint.",
        answers={HTTPStatus.OK: KeptFootprintBody},
        body=AnswersBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def put_answers(request: Request) -> Answer:
    wanted: AnswersBody = request.read(AnswersBody)
    footprint, calculated_at = put_footprint(
        ACCOUNTS,
        FOOTPRINTS,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        answers=wanted.answers,
        now=clock.now(),
    )
    return Answer(KeptFootprintBody.kept(footprint, calculated_at))
