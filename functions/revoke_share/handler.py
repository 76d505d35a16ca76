"""Revoke one of the caller's share cards.

DELETE /v1/me/shares/{share_id}. Nobody sees it from then on; one that has ended stays as it is.
"""

from http import HTTPStatus

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.revoke_share import revoke_share
from shared.domain import errors
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class RevokedShareBody(WireModel):
    """No link shows the card from now on."""

    ended: bool = True


@api.route(
    Operation(
        "DELETE",
        "/v1/me/shares/{share_id}",
        "Revoke one of the caller's share cards.",
        answers={HTTPStatus.OK: RevokedShareBody},
        errors=(errors.AccountNotFoundError, errors.ShareNotFoundError, errors.BusyError),
    )
)
def delete_share(request: Request) -> Answer:
    revoke_share(
        ACCOUNTS,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        share_id=request.path_parameters["share_id"],
        now=clock.now(),
        pause=chance.pause,
    )
    return Answer(RevokedShareBody())
