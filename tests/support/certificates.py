"""Certificates to test with; keywords replace what a test is about."""

from typing import Any

from shared.adapters.catalogue import catalogue
from shared.domain.certificate import (
    RECEIVED,
    RECEIVED_TITLE,
    Certificate,
    OwnFootprint,
    RetiredLot,
    RetiredShare,
)
from shared.domain.measurement import EvidenceGrade, Spread, Sum, at_grade
from tests.support.builders import at

CERTIFICATE_ID = "c" + "retiree2" * 3 + "aa"
METRO = "metro-distance@2025.1"


def a_share(
    methodology: str = METRO,
    reduction_mg: int = 300_000,
    *,
    lots: int = 2,
    grade: EvidenceGrade = EvidenceGrade.METERED,
    provisional_mg: int = 0,
    weakness: int = 1,
) -> RetiredShare:
    """Return what one methodology measured, from a quarter less to a half more."""
    backing = Sum(
        count=lots,
        reduction_mg=reduction_mg,
        spread=Spread(reduction_mg // 4, reduction_mg // 2, 9_000_000),
        grades_mg=at_grade(grade, reduction_mg),
        provisional_mg=provisional_mg,
        weakness=weakness,
    )
    if methodology == RECEIVED:
        return RetiredShare(RECEIVED, "", RECEIVED_TITLE, lots, backing)
    version = catalogue().versions[methodology]
    return RetiredShare(methodology, version.digest, version.title, lots, backing)


def a_certificate(**changes: Any) -> Certificate:
    """Return one of 409.216 g: three lots, of metro rides and of a gift."""
    facts: dict[str, Any] = {
        "certificate_id": CERTIFICATE_ID,
        "issuer": "Carbon Account",
        "issued_at": at("2026-11-10T12:00:00+08:00"),
        "language": "zh-Hans",
        "beneficiary": "王小明",
        "occasion": "植树节",
        "footprint": None,
        "lots": (
            RetiredLot("a" * 64, 204_608),
            RetiredLot("b" * 64, 95_392),
            RetiredLot("c" * 64, 109_216),
        ),
        "shares": (
            a_share(),
            a_share(
                RECEIVED,
                109_216,
                lots=1,
                grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
                provisional_mg=9_216,
                weakness=2,
            ),
        ),
        "line": "d" * 64,
        "request_digest": "e" * 64,
    }
    return Certificate(**{**facts, **changes})


def for_own_footprint(**changes: Any) -> Certificate:
    footprint = OwnFootprint(2026, 3_936_852_892, "personal-footprint@2025.1")
    return a_certificate(occasion=None, footprint=footprint, beneficiary=None, **changes)
