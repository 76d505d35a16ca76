"""Read the caller's yearly footprint.

GET /v1/me/footprint. It stays what it was when its answers were put, also under newer factors.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.footprints import FootprintTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_footprint import get_footprint
from shared.domain.errors import AccountNotFoundError, BusyError, FootprintNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_footprint import StandingFootprintBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
FOOTPRINTS = FootprintTable(setting("ACCOUNTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/footprint",
        "Read the caller's yearly footprint.",
        answers={HTTPStatus.OK: StandingFootprintBody},
        errors=(AccountNotFoundError, FootprintNotFoundError, BusyError),
    )
)
def read_footprint(request: Request) -> Answer:
    standing = get_footprint(
        ACCOUNTS,
        FOOTPRINTS,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=clock.now(),
    )
    return Answer(
        StandingFootprintBody.standing(standing.footprint, standing.calculated_at, standing.newer)
    )
