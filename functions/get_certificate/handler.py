"""Show one certificate to anybody who has its link.

GET /v1/certificates/{certificate_id} is signed, over the very bytes of `certificate` as they stand
in the answer, and GET /v1/certificates/{certificate_id}/picture is a page of SVG.
"""

from http import HTTPStatus
from typing import Literal

from functions.get_certificate.models import SignedCertificateBody
from shared.adapters.documents import DocumentTable
from shared.adapters.qr import qr_modules
from shared.adapters.signer import RememberingSigner
from shared.application.get_certificate import get_certificate, sign_certificate
from shared.domain.certificate_picture import certificate_picture
from shared.domain.drawing import MEDIA_TYPE, PICTURE_HEADERS
from shared.domain.errors import BusyError, CertificateNotFoundError, InvalidRequestError
from shared.runtime.http import Answer, Api, Operation, QueryModel, Request
from shared.runtime.links import public_link
from shared.runtime.settings import setting

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
SIGNER = RememberingSigner(setting("RECEIPT_KEY"))
PUBLIC_URL = setting("PUBLIC_URL")
# A certificate never changes, but one day its holder may want it gone.
CACHE_S = 3600

api = Api()
handler = api.handler


class PictureQuery(QueryModel):
    """In which language; without it, in the one that the holder chose."""

    lang: Literal["zh-Hans", "en"] | None = None


@api.route(
    Operation(
        "GET",
        "/v1/certificates/{certificate_id}",
        "Show one certificate, signed, to anybody who has its link.",
        answers={HTTPStatus.OK: SignedCertificateBody},
        errors=(CertificateNotFoundError, BusyError),
    )
)
def read_certificate(request: Request) -> Answer:
    certificate = get_certificate(
        DOCUMENTS, certificate_id=request.path_parameters["certificate_id"]
    )
    signed = sign_certificate(certificate, SIGNER)
    # Not through the model, which would leave out what is null and is signed as such.
    body = b'{"certificate":%b,"jws":"%b"}' % (signed.certificate, signed.jws.encode())
    return Answer(body, cache_s=CACHE_S)


@api.route(
    Operation(
        "GET",
        "/v1/certificates/{certificate_id}/picture",
        "Show one certificate as a picture to anybody who has its link.",
        answers={HTTPStatus.OK: MEDIA_TYPE},
        query=PictureQuery,
        errors=(InvalidRequestError, CertificateNotFoundError, BusyError),
    )
)
def read_picture(request: Request) -> Answer:
    query: PictureQuery = request.read_query(PictureQuery)
    certificate = get_certificate(
        DOCUMENTS, certificate_id=request.path_parameters["certificate_id"]
    )
    path = f"/v1/certificates/{certificate.certificate_id}"
    link = public_link(PUBLIC_URL, request.domain, path)
    picture = certificate_picture(
        certificate,
        language=query.lang or certificate.language,
        link=link,
        modules=qr_modules(link),
    )
    return Answer(picture, media_type=MEDIA_TYPE, cache_s=CACHE_S, headers=PICTURE_HEADERS)
