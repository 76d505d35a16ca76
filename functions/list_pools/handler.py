"""List the pools that gather reductions for a market, with the lots that came of them.

GET /v1/pools.
"""

from http import HTTPStatus

from shared.adapters.documents import DocumentTable
from shared.application.list_pools import list_pools
from shared.domain.errors import BusyError
from shared.runtime.http import Answer, Api, Operation, Request
from shared.runtime.settings import setting
from shared.runtime.wire_transfers import PoolBody, PoolsBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
CACHE_S = 60

api = Api()
handler = api.handler


@api.route(
    Operation(
        "GET",
        "/v1/pools",
        "List the pools that gather reductions for a market, with the lots that came of them.",
        answers={HTTPStatus.OK: PoolsBody},
        errors=(BusyError,),
    )
)
def get_pools(_: Request) -> Answer:
    pools = [PoolBody.of(pool) for pool in list_pools(DOCUMENTS)]
    return Answer(PoolsBody(pools=pools), cache_s=CACHE_S)
