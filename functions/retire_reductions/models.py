"""A request to retire, and what it comes to; shared/domain/retirement.py decides it."""

from typing import Literal, Self

from pydantic import Field

from shared.domain.certificate import Certificate
from shared.runtime.http import WireModel
from shared.runtime.wire import SumBody

# What a body may bring at all; the content check has limits of its own.
TEXT_LENGTH_MAX = 400


class RetirementOrderBody(WireModel):
    """Milligrams of CO2e to retire, for an `occasion` or for one's own footprint of a year.

    `beneficiary` and `occasion` stand on the certificate, which anybody with its link can read. So
    does the share of the footprint that the account keeps, if it is for one's own.
    """

    reduction_mg: int = Field(gt=0, le=10**15)
    occasion: str | None = Field(default=None, min_length=1, max_length=TEXT_LENGTH_MAX)
    footprint_year: int | None = None
    beneficiary: str | None = Field(default=None, min_length=1, max_length=TEXT_LENGTH_MAX)
    language: Literal["zh-Hans", "en"] = "zh-Hans"


class RetiredMethodologyBody(WireModel):
    """What of it one methodology measured; `received` is what came from other accounts."""

    methodology: str
    reduction_mg: int
    lots: int


class RetiredLotBody(WireModel):
    """What was taken of one lot; `lot` is the hash of the line that added it."""

    lot: str
    reduction_mg: int


class RetiredBody(WireModel):
    """What was retired, for ever. A dry run has no certificate.

    `certificate` and `picture` are paths for anybody who is given them. `footprint_share_ppm` is
    in millionths of the yearly footprint that the account keeps.
    """

    certificate_id: str | None
    number: str | None
    retired_at: str | None
    certificate: str | None
    picture: str | None
    total: SumBody
    methodologies: list[RetiredMethodologyBody]
    lots: list[RetiredLotBody]
    occasion: str | None
    footprint_year: int | None
    footprint_share_ppm: int | None
    beneficiary: str | None
    language: str

    @classmethod
    def of(cls, certificate: Certificate, *, is_certified: bool, retired_at: str) -> Self:
        path = f"/v1/certificates/{certificate.certificate_id}"
        footprint = certificate.footprint
        return cls(
            certificate_id=certificate.certificate_id if is_certified else None,
            number=certificate.number if is_certified else None,
            retired_at=retired_at if is_certified else None,
            certificate=path if is_certified else None,
            picture=f"{path}/picture" if is_certified else None,
            total=SumBody.of(certificate.backing),
            methodologies=[
                RetiredMethodologyBody(
                    methodology=share.methodology,
                    reduction_mg=share.backing.reduction_mg,
                    lots=share.lots,
                )
                for share in certificate.shares
            ],
            lots=[
                RetiredLotBody(lot=lot.lot, reduction_mg=lot.reduction_mg)
                for lot in certificate.lots
            ],
            occasion=certificate.occasion,
            footprint_year=footprint.year if footprint else None,
            footprint_share_ppm=(
                footprint.share_ppm(certificate.reduction_mg) if footprint else None
            ),
            beneficiary=certificate.beneficiary,
            language=certificate.language,
        )
