"""Read what of the service stands, and up to when.

GET /v1/status. Public. It answers with what it has measured, and judges nothing but the sealing.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.catalogue import catalogue
from shared.adapters.totals import TotalsTable
from shared.application.get_status import get_status
from shared.domain.errors import BusyError
from shared.domain.instants import format_instant
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

TOTALS = TotalsTable(setting("TOTALS_TABLE"))
CACHE_S = 30

api = Api()
handler = api.handler


class CatalogueBody(WireModel):
    """How many methodology versions this answer's code was shipped with, and a digest over them.

    `digest` is the SHA-256 of canonical JSON: of each `id@version`, its `digest` and
    `effective_until` (or null) as GET /v1/methodologies lists them.
    """

    versions: int
    digest: str


class StatusBody(WireModel):
    """What was measured at `now`.

    `last_sealed_day` was sealed at `sealed_at`; both are left out before the first seal. `due_day`
    is the last ledger day (UTC+8) that should be sealed by now, an hour after its end; it is left
    out while none is due. `is_behind` says that a due day is not sealed: `days_behind` counts them,
    and `delay_s` is the time since the first of them was due. `booked_through` is the newest
    booking that the live totals have counted; one before it may still be on its way. It is left out
    where none was counted for the present ledger day or the one before.
    """

    now: str
    catalogue: CatalogueBody
    last_sealed_day: str | None = None
    sealed_at: str | None = None
    due_day: str | None = None
    is_behind: bool
    days_behind: int
    delay_s: int
    booked_through: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/status",
        "Read what of the service stands, and up to when.",
        answers={HTTPStatus.OK: StatusBody},
        errors=(BusyError,),
    )
)
def read_status(_: Request) -> Answer:
    status = get_status(TOTALS, now=clock.now())
    sealed, backlog, booked = status.last_sealed, status.backlog, status.booked_through
    body = StatusBody(
        now=format_instant(status.now),
        catalogue=CatalogueBody(versions=len(catalogue().versions), digest=catalogue().digest),
        last_sealed_day=sealed.day.isoformat() if sealed else None,
        sealed_at=format_instant(sealed.sealed_at) if sealed else None,
        due_day=backlog.due_day.isoformat() if backlog.due_day else None,
        is_behind=backlog.is_behind,
        days_behind=backlog.days,
        delay_s=backlog.delay_s,
        booked_through=format_instant(booked) if booked else None,
    )
    return Answer(body, cache_s=CACHE_S)
