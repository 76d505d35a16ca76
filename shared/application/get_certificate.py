"""Show one certificate to anybody who has its link, signed if wanted."""

import re
from dataclasses import dataclass

from shared.application.ports import Documents, Signer
from shared.domain.canonical import canonical_json
from shared.domain.certificate import CERTIFICATE_TYPE, Certificate, certificate_facts
from shared.domain.errors import CertificateNotFoundError

_ID = re.compile(r"c[a-z2-7]{26}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A certificate as canonical JSON, and the compact JWS whose payload is these very bytes."""

    certificate: bytes
    jws: str


def get_certificate(documents: Documents, *, certificate_id: str) -> Certificate:
    """Return the certificate; raise CertificateNotFoundError, whatever is wrong with the id."""
    found = None
    if _ID.fullmatch(certificate_id):
        found = documents.get(Certificate, certificate_id, certificate_id)
    if found is None:
        raise CertificateNotFoundError
    return found


def sign_certificate(certificate: Certificate, signer: Signer) -> SignedCertificate:
    """Return the certificate with its signature. Raises BusyError."""
    payload = canonical_json(certificate_facts(certificate))
    return SignedCertificate(payload, signer.sign(payload, CERTIFICATE_TYPE))
