"""Retirement 中和: reductions are set aside for an occasion or one's own footprint, for ever.

It takes the oldest lots that are left, and a certificate names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.catalogue import Catalogue
from shared.domain.certificate import (
    RECEIVED,
    RECEIVED_TITLE,
    Certificate,
    OwnFootprint,
    RetiredLot,
    RetiredShare,
)
from shared.domain.content_check import checked_text
from shared.domain.errors import InvalidRequestError, TooManyLotsError
from shared.domain.instants import YEARS
from shared.domain.lots import LotPart, Lots, total_of
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving

# Keeps a certificate below a third of what one item may hold, and its transaction cheap.
LOTS_MAX = 1000
BENEFICIARY_CHARACTERS_MAX = 40
OCCASION_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class Order:
    """What a user wants retired; one of `occasion` and `footprint_year` is set.

    `language` is the one in which the certificate is shown unless another is asked for.
    """

    reduction_mg: int
    language: str
    occasion: str | None = None
    footprint_year: int | None = None
    beneficiary: str | None = None


@dataclass(frozen=True, slots=True)
class Retirement:
    """A retirement in its account's own list."""

    KIND: ClassVar[str] = "retirement"

    account_id: str
    seq: int
    certificate_id: str
    number: str
    retired_at: datetime
    reduction_mg: int
    low_mg: int
    high_mg: int
    label: str
    beneficiary: str | None
    occasion: str | None
    footprint_year: int | None
    version: int = 1

    @property
    def owner(self) -> str:
        return self.account_id

    @property
    def name(self) -> str:
        """Its line's number, so that the list is in the order of booking."""
        return f"{self.seq:010d}"

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class RetirementDecision:
    """The account and everything that one commit puts beside it."""

    account: Account
    movements: tuple[Movement, ...]
    certificate: Certificate
    retirement: Retirement


def checked_order(order: Order, today: date) -> Order:
    """Return the order with its texts normalised; raise InvalidRequestError for what cannot be.

    Only a year that has begun has a footprint.
    """
    if (order.occasion is None) == (order.footprint_year is None):
        raise InvalidRequestError(
            "A retirement is for an occasion or for a year of one's own footprint.",
            pointers=(("/occasion", "either this or footprint_year is needed, and not both"),),
        )
    year = order.footprint_year
    if year is not None and not YEARS.start <= year <= today.year:
        raise InvalidRequestError(
            pointers=(("/footprint_year", f"is from {YEARS.start} to the present year"),)
        )
    return Order(
        reduction_mg=order.reduction_mg,
        language=order.language,
        occasion=_text(order.occasion, "/occasion", OCCASION_CHARACTERS_MAX),
        footprint_year=year,
        beneficiary=_text(order.beneficiary, "/beneficiary", BENEFICIARY_CHARACTERS_MAX),
    )


def decide_retirement(
    account: Account,
    lots: Lots,
    catalogue: Catalogue,
    order: Order,
    *,
    certificate_id: str,
    request_digest: str,
    issuer: str,
    footprint: OwnFootprint | None,
    now: datetime,
) -> RetirementDecision:
    """Take the oldest lots for the order, and certify it.

    `footprint` is set if, and only if, the order is for one's own. Raises
    InsufficientReductionsError, or TooManyLotsError at LOTS_MAX.
    """
    moving = Moving.begin(account, now)
    moving.spend(order.reduction_mg)
    parts = lots.preview(order.reduction_mg)
    if len(parts) > LOTS_MAX:
        raise TooManyLotsError
    backing = total_of(parts)
    assert backing.reduction_mg == order.reduction_mg, "The lots are those of this account."
    line = moving.move(
        MovementKind.RETIREMENT,
        key=retirement_key(certificate_id),
        about=certificate_id,
        payload_digest=request_digest,
        reduction_mg=-order.reduction_mg,
        backing=backing,
    )
    certificate = Certificate(
        certificate_id=certificate_id,
        issuer=issuer,
        issued_at=line.booked_at,
        language=order.language,
        beneficiary=order.beneficiary,
        occasion=order.occasion,
        footprint=footprint,
        lots=tuple(RetiredLot(part.lot, part.reduction_mg) for part in parts),
        shares=_shares(parts, lots, catalogue),
        line=line.hash,
        request_digest=request_digest,
    )
    retirement = Retirement(
        account_id=account.account_id,
        seq=line.seq,
        certificate_id=certificate_id,
        number=certificate.number,
        retired_at=line.booked_at,
        reduction_mg=order.reduction_mg,
        low_mg=backing.low_mg,
        high_mg=backing.high_mg,
        label=backing.label.value,
        beneficiary=order.beneficiary,
        occasion=order.occasion,
        footprint_year=order.footprint_year,
    )
    return RetirementDecision(moving.after, tuple(moving.movements), certificate, retirement)


def retirement_key(certificate_id: str) -> str:
    """Return the key of the line that retires: its lock."""
    return f"retirement#{certificate_id}"


def _shares(parts: Sequence[LotPart], lots: Lots, catalogue: Catalogue) -> tuple[RetiredShare, ...]:
    """Return what each methodology measured of the parts, the largest share first."""
    methodologies = {lot.lot: lot.methodology for lot in lots.lots}
    by_methodology: dict[str, list[LotPart]] = {}
    for part in parts:
        by_methodology.setdefault(methodologies[part.lot], []).append(part)
    shares = [_share(each, own, catalogue) for each, own in by_methodology.items()]
    return tuple(sorted(shares, key=lambda each: (-each.backing.reduction_mg, each.methodology)))


def _share(methodology: str, parts: Sequence[LotPart], catalogue: Catalogue) -> RetiredShare:
    if not methodology:
        return RetiredShare(RECEIVED, "", RECEIVED_TITLE, len(parts), total_of(parts))
    version = catalogue.versions[methodology]
    return RetiredShare(methodology, version.digest, version.title, len(parts), total_of(parts))


def _text(text: str | None, pointer: str, characters_max: int) -> str | None:
    if text is None:
        return None
    return checked_text(text, pointer=pointer, characters_max=characters_max)
