"""Retirements as their account's own list shows them."""

from typing import Self

from shared.domain.instants import format_instant
from shared.domain.retirement import Retirement
from shared.runtime.http import WireModel
from shared.runtime.wire import DisplayBody


class RetirementBody(WireModel):
    """One retirement; `certificate_id` is what its link has."""

    certificate_id: str
    number: str
    retired_at: str
    reduction_mg: int
    display: DisplayBody
    label: str
    beneficiary: str | None
    occasion: str | None
    footprint_year: int | None

    @classmethod
    def of(cls, each: Retirement) -> Self:
        return cls(
            certificate_id=each.certificate_id,
            number=each.number,
            retired_at=format_instant(each.retired_at),
            reduction_mg=each.reduction_mg,
            display=DisplayBody.of(each.reduction_mg, each.low_mg, each.high_mg),
            label=each.label,
            beneficiary=each.beneficiary,
            occasion=each.occasion,
            footprint_year=each.footprint_year,
        )


class RetirementsBody(WireModel):
    retirements: list[RetirementBody]
    next_cursor: str | None
