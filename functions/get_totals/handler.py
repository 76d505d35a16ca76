"""Read the caller's totals by day or month.

GET /v1/me/totals. `from` and `to` are inclusive days in UTC+8, by when the behaviour occurred.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters.accounts import AccountTables
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.get_totals import Granularity, get_totals
from shared.domain.errors import AccountNotFoundError, BusyError, InvalidRequestError
from shared.domain.instants import format_instant, parse_day
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire import SumBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class TotalsQuery(QueryModel):
    """Which days, and how they are grouped."""

    granularity: Granularity = Granularity.DAY
    from_: str = Field(alias="from", max_length=10)
    to: str = Field(max_length=10)


class PeriodBody(WireModel):
    """One day or month with entries."""

    period: str
    total: SumBody
    by_scenario: dict[str, SumBody]


class TotalsBody(WireModel):
    """The periods, oldest first; `booked_through` is the account's newest booking."""

    granularity: str
    periods: list[PeriodBody]
    booked_through: str | None = None


@api.route(
    Operation(
        "GET",
        "/v1/me/totals",
        "Read the caller's totals by day or month.",
        answers={HTTPStatus.OK: TotalsBody},
        query=TotalsQuery,
        errors=(InvalidRequestError, AccountNotFoundError, BusyError),
    )
)
def read_totals(request: Request) -> Answer:
    query: TotalsQuery = request.read_query(TotalsQuery)
    account, periods = get_totals(
        ACCOUNTS,
        STATEMENT,
        subject_hash=PSEUDONYMS.subject(request.subject),
        granularity=query.granularity,
        first=parse_day(query.from_),
        last=parse_day(query.to),
    )
    return Answer(
        TotalsBody(
            granularity=query.granularity.value,
            periods=[
                PeriodBody(
                    period=each.period,
                    total=SumBody.of(each.total),
                    by_scenario={name: SumBody.of(s) for name, s in each.by_scenario.items()},
                )
                for each in periods
            ],
            booked_through=format_instant(account.last_booked_at)
            if account.last_booked_at
            else None,
        )
    )
