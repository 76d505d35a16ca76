"""List what became of the caller's reductions and points, newest first.

GET /v1/me/movements. `as_of` leaves out what was booked later.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_movements import MOVEMENTS_PER_PAGE_MAX, list_movements
from shared.domain import errors
from shared.domain.instants import parse_instant
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire_movement import MovementBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
LINES = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class MovementsQuery(QueryModel):
    """Until when, and how many a page."""

    as_of: str | None = Field(default=None, max_length=40)
    limit: int = Field(default=50, ge=1, le=MOVEMENTS_PER_PAGE_MAX)
    cursor: str | None = None


class MovementsBody(WireModel):
    """A page of movements; `next_cursor` is absent on the last one."""

    movements: list[MovementBody]
    next_cursor: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/movements",
        "List what became of the caller's reductions and points, newest first.",
        answers={HTTPStatus.OK: MovementsBody},
        query=MovementsQuery,
        errors=(
            errors.InvalidRequestError,
            errors.InvalidCursorError,
            errors.AccountNotFoundError,
            errors.BusyError,
        ),
    )
)
def get_movements(request: Request) -> Answer:
    query: MovementsQuery = request.read_query(MovementsQuery)
    movements, next_cursor = list_movements(
        ACCOUNTS,
        LINES,
        subject_hash=PSEUDONYMS.subject(request.subject),
        as_of=parse_instant(query.as_of) if query.as_of else None,
        limit=query.limit,
        cursor=query.cursor,
    )
    bodies = [MovementBody.of(movement) for movement in movements]
    return Answer(MovementsBody(movements=bodies, next_cursor=next_cursor))
