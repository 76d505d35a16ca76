"""List the caller's share cards, newest first.

GET /v1/me/shares. Those that ended are listed until the next one is made after their 90 days.
"""

from http import HTTPStatus

from shared.adapters import clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.list_shares import list_shares
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.links import public_link
from shared.runtime.settings import setting
from shared.runtime.wire_share import ListedShareBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
PUBLIC_URL = setting("PUBLIC_URL")

api = Api()
handler = api.handler


class SharesBody(WireModel):
    """The cards, newest first."""

    shares: list[ListedShareBody]


@api.route(
    Operation(
        "GET",
        "/v1/me/shares",
        "List the caller's share cards, newest first.",
        answers={HTTPStatus.OK: SharesBody},
        errors=(errors.AccountNotFoundError, errors.BusyError),
    )
)
def get_shares(request: Request) -> Answer:
    found = list_shares(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        now=clock.now(),
    )
    shares = [
        ListedShareBody.listed(
            each, public_link(PUBLIC_URL, request.domain, f"/v1/shares/{each.share.token}")
        )
        for each in found
    ]
    return Answer(SharesBody(shares=shares))
