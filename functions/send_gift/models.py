"""What a gift is asked for with."""

from typing import Self

from pydantic import Field, model_validator

from shared.domain.gift import MG_PER_DAY_MAX, POINTS_PER_DAY_MAX
from shared.domain.gift_code import TYPED_LENGTH_MAX
from shared.runtime.http import WireModel


class SendGiftBody(WireModel):
    """The receiver's code, and either points or milligrams of CO2e."""

    code: str = Field(min_length=1, max_length=TYPED_LENGTH_MAX)
    points: int | None = Field(default=None, ge=1, le=POINTS_PER_DAY_MAX)
    reduction_mg: int | None = Field(default=None, ge=1, le=MG_PER_DAY_MAX)

    @model_validator(mode="after")
    def is_of_one_kind(self) -> Self:
        if (self.points is None) == (self.reduction_mg is None):
            raise ValueError("Give either points or reduction_mg.")
        return self
