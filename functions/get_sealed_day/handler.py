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

    `root` is the Merkle root over its lines' hashes, sorted; `seal` covers everything but
    `sealed_at` and is the next day's `previous_seal`. `movements` counts what is no entry. `flows`
    say what became of reductions and points on the day, `standing` through the day: what was issued
    is what is held, given, retired, pooled, redeemed or reversed (and, of points, lapsed).
    """

    day: str
    total: SumBody
    by_scenario: dict[str, SumBody]
    by_partner: dict[str, SumBody]
    movements: dict[str, int]
    flows: dict[str, int]
    standing: dict[str, int]
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
        movements={kind: each.count for kind, each in sealed.by_movement.items()},
        flows=dict(sealed.flows),
        standing=dict(sealed.standing),
        root=sealed.root,
        previous_seal=sealed.previous_seal,
        seal=sealed.seal,
        sealed_at=format_instant(sealed.sealed_at),
    )
    return Answer(body, cache_s=CACHE_S)
