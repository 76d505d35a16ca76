"""A certificate as it is answered and signed; shared/domain/certificate.py builds it.

Amounts are milligrams of CO2e. Nothing in it names an account, an event or a partner.
"""

from shared.runtime.http import WireModel


class EvidenceBody(WireModel):
    """How much of it has this evidence grade; 1 is best."""

    grade: int
    reduction_mg: int


class CertificatePurposeBody(WireModel):
    """What it was retired for: `kind` is `occasion` or `own_footprint`.

    The latter names its year and, if the account kept a footprint then, what share of it this is,
    in millionths and rounded down.
    """

    kind: str
    occasion: str | None = None
    year: int | None = None
    footprint_mg: int | None = None
    methodology: str | None = None
    share_ppm: int | None = None


class CertificateMethodologyBody(WireModel):
    """What one methodology version measured of it; `digest` is that of its document.

    `received` stands for what came from other accounts.
    """

    methodology: str
    digest: str
    title: dict[str, str]
    lots: int
    reduction_mg: int
    down_mg: int
    up_mg: int
    activity_mg2: int
    grades_mg: list[int]
    provisional_mg: int
    label: str


class CertificateLotBody(WireModel):
    """What was taken of one lot; `lot` is the hash of the line that added it."""

    lot: str
    reduction_mg: int


class CertificateBody(WireModel):
    """`line` is the hash of the line that retired the lots; all hashes are leaves of sealed days.

    `number` follows from `certificate_id`; its last two characters are check characters.
    """

    version: int
    certificate_id: str
    number: str
    issuer: str
    issued_at: str
    ledger_day: str
    language: str
    beneficiary: str | None
    purpose: CertificatePurposeBody
    reduction_mg: int
    low_mg: int
    high_mg: int
    evidence: list[EvidenceBody]
    provisional_mg: int
    label: str
    methodologies: list[CertificateMethodologyBody]
    lots: list[CertificateLotBody]
    line: str
    statement: dict[str, list[str]]


class SignedCertificateBody(WireModel):
    """The certificate, and its compact JWS (ES256): the payload is its canonical JSON."""

    certificate: CertificateBody
    jws: str
