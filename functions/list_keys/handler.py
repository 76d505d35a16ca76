"""List the public keys that receipts are signed with.

GET /v1/keys: a JWK set. A receipt names its key by `kid`; one that is not here is not ours.
"""

from http import HTTPStatus

from shared.adapters.signer import KmsSigner
from shared.application.list_keys import list_keys
from shared.domain.errors import BusyError
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting

# The key that signs, then those that no longer do: what they signed can still be checked.
SIGNERS = [KmsSigner(key_id) for key_id in setting("RECEIPT_KEYS").split(",")]
CACHE_S = 3600

api = Api()
handler = api.handler


class KeyBody(WireModel):
    """A public key as a JWK (RFC 7517); `kid` is its RFC 7638 thumbprint."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeysBody(WireModel):
    keys: list[KeyBody]


@api.route(
    Operation(
        "GET",
        "/v1/keys",
        "List the public keys that receipts are signed with.",
        answers={HTTPStatus.OK: KeysBody},
        errors=(BusyError,),
    )
)
def get_keys(_: Request) -> Answer:
    keys = [KeyBody.model_validate(key) for key in list_keys(SIGNERS)]
    return Answer(KeysBody(keys=keys), cache_s=CACHE_S)
