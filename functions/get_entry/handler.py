"""Read one entry of the caller.

GET /v1/me/entries/{entry_id}. Another's entry is as unknown as one that never was.
"""

from http import HTTPStatus

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_entry import get_entry
from shared.domain.errors import AccountNotFoundError, BusyError, EntryNotFoundError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire import EntryBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/me/entries/{entry_id}",
        "Read one entry of the caller.",
        answers={HTTPStatus.OK: EntryBody},
        errors=(AccountNotFoundError, EntryNotFoundError, BusyError),
    )
)
def read_entry(request: Request) -> Answer:
    entry = get_entry(
        ACCOUNTS,
        STATEMENT,
        subject_hash=PSEUDONYMS.subject(request.subject),
        public_id=request.path_parameters["entry_id"],
    )
    return Answer(EntryBody.of(entry))
