"""Grant one partner consent for one scenario.

PUT /v1/me/consents/{scenario}/{partner}. The partner's signed token says which of its users the
caller is, so that nobody can link another's card.
"""

from http import HTTPStatus

from pydantic import Field

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.catalogue import notices
from shared.adapters.consents import ConsentTable
from shared.adapters.link_tokens import read_link
from shared.adapters.partners import PartnerTable
from shared.adapters.secrets import SecretPartnerKeys, SecretPseudonyms
from shared.application.grant_consent import grant_consent, notice_for
from shared.domain import errors
from shared.domain.consent import ConsentKey
from shared.runtime.http import Answer, Api, Operation, Request, WireModel
from shared.runtime.settings import setting
from shared.runtime.wire import ConsentBody

ACCOUNTS = AccountTables(setting("ACCOUNTS_TABLE"), consents=setting("CONSENTS_TABLE"))
CONSENTS = ConsentTable(setting("CONSENTS_TABLE"))
PARTNERS = PartnerTable(setting("PARTNERS_TABLE"))
PARTNER_KEYS = SecretPartnerKeys(setting("PARTNER_SECRET_PREFIX"))
PSEUDONYMS = SecretPseudonyms(setting("PSEUDONYM_KEY_SECRET"))

api = Api()
handler = api.handler


class GrantBody(WireModel):
    """What the user agreed to, and the partner's word for who the user is there.

    The platform itself (`platform`) knows its user, and takes no token.
    """

    notice_version: str = Field(min_length=1, max_length=40)
    partner_link_token: str | None = Field(default=None, min_length=1, max_length=2000)


@api.route(
    Operation(
        "PUT",
        "/v1/me/consents/{scenario}/{partner}",
        "Grant one partner consent for one scenario.",
        answers={HTTPStatus.OK: ConsentBody},
        body=GrantBody,
        errors=(
            errors.MalformedBodyError,
            errors.InvalidRequestError,
            errors.BodyTooLargeError,
            errors.UnsupportedMediaTypeError,
            errors.AccountNotFoundError,
            errors.ConsentUnavailableError,
            errors.NoticeChangedError,
            errors.TooManyConsentsError,
            errors.LinkTokenRefusedError,
            errors.ReferenceLinkedError,
            errors.BusyError,
        ),
    )
)
def put_consent(request: Request) -> Answer:
    key = ConsentKey(**request.path_parameters)
    wanted: GrantBody = request.read(GrantBody)
    notice = notice_for(PARTNERS, notices(), key)
    now = clock.now()
    account = grant_consent(
        ACCOUNTS,
        CONSENTS,
        subject_hash=PSEUDONYMS.subject(request.subject),
        key=key,
        notice=notice,
        notice_version=wanted.notice_version,
        link=read_link(wanted.partner_link_token, key.partner, PARTNER_KEYS, PSEUDONYMS, now),
        now=now,
        pause=chance.pause,
    )
    return Answer(ConsentBody.of(account, key))
