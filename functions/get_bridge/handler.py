"""Explain how the caller's balance came from an older one.

GET /v1/me/bridge. `from` and `to` are inclusive ledger days in UTC+8, by when entries were booked.
"""

from http import HTTPStatus

from pydantic import Field

from functions.get_bridge.models import BridgeBody
from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_bridge import get_bridge
from shared.domain.errors import AccountNotFoundError, BusyError, InvalidRequestError
from shared.domain.instants import parse_day
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class BridgeQuery(QueryModel):
    """From which ledger day to which."""

    from_: str = Field(alias="from", max_length=10)
    to: str = Field(max_length=10)


@api.route(
    Operation(
        "GET",
        "/v1/me/bridge",
        "Explain how the caller's balance came from an older one.",
        answers={HTTPStatus.OK: BridgeBody},
        query=BridgeQuery,
        errors=(InvalidRequestError, AccountNotFoundError, BusyError),
    )
)
def read_bridge(request: Request) -> Answer:
    query: BridgeQuery = request.read_query(BridgeQuery)
    bridge = get_bridge(
        ACCOUNTS,
        STATEMENT,
        subject_hash=PSEUDONYMS.subject(request.subject),
        first=parse_day(query.from_),
        last=parse_day(query.to),
    )
    return Answer(BridgeBody.of(bridge))
