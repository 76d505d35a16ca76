"""Trace one lot of the caller: what made it, and what became of each milligram.

GET /v1/me/lots/{lot}. A lot is named by the hash of the line that made it.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.trace_lot import trace_lot
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_movement import LotBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
LINES = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/lots/{lot}",
        "Trace one lot of the caller: what made it, and what became of each milligram.",
        answers={HTTPStatus.OK: LotBody},
        errors=(
            errors.AccountNotFoundError,
            errors.LotNotFoundError,
            errors.TooManyLinesError,
            errors.BusyError,
        ),
    )
)
def get_lot(request: Request) -> Answer:
    traced = trace_lot(
        ACCOUNTS,
        LINES,
        subject_hash=PSEUDONYMS.subject(request.subject),
        lot=request.path_parameters["lot"],
    )
    return Answer(LotBody.of(traced))
