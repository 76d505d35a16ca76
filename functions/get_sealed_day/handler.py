"""Read the sealed totals of one ledger day.

GET /v1/totals/days/{day}. Public, and the same for ever once it is there.
"""

from http import HTTPStatus

from shared.adapters.totals import TotalsTable
from shared.application.get_sealed_day import get_sealed_day
from shared.domain.errors import BusyError, DayNotSealedError, InvalidRequestError
from shared.domain.instants import format_instant, parse_day
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire import SumBody

SEALS = TotalsTable(setting("TOTALS_TABLE"))
CACHE_S = 86400

api = Api()
handler = api.handler


class SealedDayBody(WireModel):
    """A sealed ledger day (UTC+8).

    `root` is the Merkle root over its entries' hashes, sorted; `seal` covers everything but
    `sealed_at` and is the next day's `previous_seal`.
    """

    day: str
    total: SumBody
    by_scenario: dict[str, SumBody]
    by_partner: dict[str, SumBody]
    root: str
    previous_seal: str
    seal: str
    sealed_at: str


@api.route(
    Operation(
        "GET",
        "/v1/totals/days/{day}",
        "Read the sealed totals of one ledger day.",
        answers={HTTPStatus.OK: SealedDayBody},
        errors=(InvalidRequestError, DayNotSealedError, BusyError),
    )
)
def get_day(request: Request) -> Answer:
    sealed = get_sealed_day(SEALS, day=parse_day(request.path_parameters["day"]))
    body = SealedDayBody(
        day=sealed.day.isoformat(),
        total=SumBody.of(sealed.total),
        by_scenario={name: SumBody.of(each) for name, each in sealed.by_scenario.items()},
        by_partner={name: SumBody.of(each) for name, each in sealed.by_partner.items()},
        root=sealed.root,
        previous_seal=sealed.previous_seal,
        seal=sealed.seal,
        sealed_at=format_instant(sealed.sealed_at),
    )
    return Answer(body, cache_s=CACHE_S)
