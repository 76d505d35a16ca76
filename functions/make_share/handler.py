"""Make a card of the caller's reductions that anybody with its link can see.

POST /v1/me/shares. It shows the sum as it is now, for 90 days or until it is revoked.
"""

from http import HTTPStatus
from typing import Literal

from pydantic import Field

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.adapters.secrets import SecretPseudonyms
from shared.application.make_share import WantedShare, make_share
from shared.domain import errors
from shared.domain.canonical import canonical_json
from shared.domain.share import ShareStyle
from shared.runtime.http import (
    VALUE_ERRORS,
    Answer,
    Api,
    Operation,
    Request,
    WireModel,
    value_answer,
)
from shared.runtime.links import public_link
from shared.runtime.settings import setting
from shared.runtime.wire_share import ShareBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"))
STATEMENT = EntryTable(setting("ENTRIES_TABLE"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))
PUBLIC_URL = setting("PUBLIC_URL")
TEXT_LENGTH_MAX = 100

api = Api()
handler = api.handler


class MakeShareBody(WireModel):
    """`period` is YYYY-MM, YYYY or `all`; the nickname is checked, and shown to everybody."""

    period: str = Field(max_length=7)
    style: Literal["leaf", "sky", "ink"]
    language: Literal["zh-Hans", "en"]
    nickname: str | None = Field(default=None, max_length=TEXT_LENGTH_MAX)


@api.route(
    Operation(
        "POST",
        "/v1/me/shares",
        "Make a card of the caller's reductions that anybody with its link can see.",
        answers={HTTPStatus.CREATED: ShareBody},
        body=MakeShareBody,
        moves_value=True,
        errors=(*VALUE_ERRORS, errors.ConsentRequiredError, errors.TooManySharesError),
    )
)
def post_share(request: Request) -> Answer:
    key = request.idempotency_key()
    body: MakeShareBody = request.read(MakeShareBody)
    made = make_share(
        ACCOUNTS,
        STATEMENT,
        DOCUMENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        idempotency_key=key,
        wanted=WantedShare(body.period, ShareStyle(body.style), body.language, body.nickname),
        token=chance.new_share_token(),
        request_digest=PSEUDONYMS.payload(canonical_json(body.model_dump())),
        now=clock.now(),
        pause=chance.pause,
    )
    page = public_link(PUBLIC_URL, request.domain, f"/v1/shares/{made.value.token}")
    return value_answer(ShareBody.of(made.value, page), is_repeat=made.is_repeat, is_dry_run=False)
