"""Compare one entry of the caller with what other rules would make of it.

GET /v1/me/entries/{entry_id}/comparisons. The rule that governs is the one it was booked under.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import catalogue
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.compare_entry import compare_entry
from shared.domain.errors import AccountNotFoundError, BusyError, EntryNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_comparison import ComparisonBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/entries/{entry_id}/comparisons",
        "Compare one entry of the caller with what other rules would make of it.",
        answers={HTTPStatus.OK: ComparisonBody},
        errors=(AccountNotFoundError, EntryNotFoundError, BusyError),
    )
)
def read_comparison(request: Request) -> Answer:
    public_id = request.path_parameters["entry_id"]
    entry, results = compare_entry(
        ACCOUNTS,
        STATEMENT,
        catalogue(),
        subject_hash=PSEUDONYMS.subject(request.subject),
        public_id=public_id,
    )
    behaviour = entry.behaviour
    body = ComparisonBody.of(
        results,
        scenario=behaviour.scenario,
        occurred_at=behaviour.occurred_at,
        public_id=public_id,
    )
    return Answer(body)
