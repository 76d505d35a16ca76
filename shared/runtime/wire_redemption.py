"""What is said of benefits and redemptions, and how a benefit is published."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from shared.domain.benefit import (
    BENEFITS_MAX,
    POINTS_MAX,
    REDUCTION_MG_MAX,
    UNITS_MAX,
    Benefit,
    Price,
)
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import format_instant, parse_day
from shared.domain.redemption import Redemption
from shared.runtime.http import WireModel

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
_Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_Line = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=600)]


class PriceBody(WireModel):
    """A price in points, in milligrams of CO2e of reductions, or in both."""

    points: int = Field(default=0, ge=0, le=POINTS_MAX)
    reduction_mg: int = Field(default=0, ge=0, le=REDUCTION_MG_MAX)

    @classmethod
    def of(cls, price: Price) -> Self:
        return cls(points=price.points, reduction_mg=price.reduction_mg)

    def price(self) -> Price:
        """Return the price; raise InvalidRequestError where it is nothing."""
        try:
            return Price(self.points, self.reduction_mg)
        except ValueError as error:
            raise InvalidRequestError(
                pointers=(("/price", "has points, reductions or both"),)
            ) from error


class BenefitTextBody(WireModel):
    title: _Line
    terms: _Paragraph


class TextsBody(WireModel):
    """What people read, in every language."""

    en: BenefitTextBody
    zh_hans: BenefitTextBody = Field(alias="zh-Hans")

    @classmethod
    def of(cls, texts: Mapping[str, Mapping[str, str]]) -> Self:
        return cls.model_validate(texts)

    def texts(self) -> dict[str, dict[str, str]]:
        return {
            name: {"title": each.title, "terms": each.terms}
            for name, each in (("en", self.en), ("zh-Hans", self.zh_hans))
        }


class OfferedBenefitBody(WireModel):
    """A benefit as it is offered; `available` says that something is left, a moment ago.

    The days are in UTC+8, and inclusive.
    """

    benefit_id: str
    texts: TextsBody
    price: PriceBody
    supplier: str
    valid_from: str
    valid_until: str
    limit_per_person: int | None = None
    available: bool

    @classmethod
    def of(cls, benefit: Benefit, *, available: bool) -> Self:
        return cls(
            benefit_id=benefit.benefit_id,
            texts=TextsBody.of(benefit.texts),
            price=PriceBody.of(benefit.price),
            supplier=benefit.supplier,
            valid_from=benefit.valid_from.isoformat(),
            valid_until=benefit.valid_until.isoformat(),
            limit_per_person=benefit.per_person,
            available=available,
        )


class OfferedBenefitsBody(WireModel):
    benefits: list[OfferedBenefitBody]


class PublishedBenefitBody(WireModel):
    """One benefit to publish; `stock` is all that there ever was of it, taken or not."""

    benefit_id: _Id
    texts: TextsBody
    price: PriceBody
    supplier: _Id
    valid_from: _Day
    valid_until: _Day
    stock: int = Field(ge=0, le=UNITS_MAX)
    block_size: int = Field(ge=1, le=UNITS_MAX)
    limit_per_person: int | None = Field(default=None, ge=1, le=UNITS_MAX)

    def benefit(self) -> Benefit:
        """Return the benefit; raise InvalidRequestError."""
        try:
            return Benefit(
                benefit_id=self.benefit_id,
                texts=self.texts.texts(),
                price=self.price.price(),
                supplier=self.supplier,
                valid_from=parse_day(self.valid_from),
                valid_until=parse_day(self.valid_until),
                stock=self.stock,
                block_size=self.block_size,
                per_person=self.limit_per_person,
            )
        except ValueError as error:
            raise InvalidRequestError(str(error)) from error


class PublicationBody(WireModel):
    benefits: list[PublishedBenefitBody] = Field(min_length=1, max_length=BENEFITS_MAX)


class RedeemBody(WireModel):
    """What to redeem, at the price that the user saw."""

    benefit_id: _Id
    price: PriceBody


class HeldRedemptionBody(WireModel):
    """What was held for a redemption, which never changes; how it went on is read by its id.

    `points_by_last_day` is where the points came from.
    """

    redemption_id: str
    benefit_id: str
    texts: TextsBody
    price: PriceBody
    points_by_last_day: dict[str, int]
    held_at: str
    expires_at: str

    @classmethod
    def of(cls, redemption: Redemption) -> Self:
        return cls(
            redemption_id=redemption.redemption_id,
            benefit_id=redemption.benefit_id,
            texts=TextsBody.of(redemption.texts),
            price=PriceBody.of(redemption.price),
            points_by_last_day={
                last.isoformat(): -amount
                for last, amount in sorted(redemption.points.available.items())
            },
            held_at=format_instant(redemption.held_at),
            expires_at=format_instant(redemption.expires_at),
        )


class RedemptionBody(HeldRedemptionBody):
    """A redemption as it stands: held, settled, cancelled, expired, or refused by its supplier.

    `voucher_code` is there only once it is settled, and only for its owner.
    """

    state: str
    ended_at: str | None = None
    voucher_code: str | None = None

    @classmethod
    def standing(cls, redemption: Redemption, code: str | None = None) -> Self:
        ended_at = redemption.ended_at
        return cls(
            **dict(HeldRedemptionBody.of(redemption)),
            state=redemption.state.value,
            ended_at=format_instant(ended_at) if ended_at else None,
            voucher_code=code,
        )


class RedemptionPageBody(WireModel):
    """A page of redemptions, which may be empty before the last; that has no `next_cursor`."""

    redemptions: list[RedemptionBody]
    next_cursor: str | None = None

    @classmethod
    def of(cls, redemptions: Iterable[Redemption], next_cursor: str | None) -> Self:
        found = [RedemptionBody.standing(each) for each in redemptions]
        return cls(redemptions=found, next_cursor=next_cursor)
