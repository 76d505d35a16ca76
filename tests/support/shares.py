"""Share cards to test with; keywords replace what a test is about."""

from typing import Any

from shared.adapters.catalogue import catalogue
from shared.adapters.qr import qr_modules
from shared.domain.footprint import FOOTPRINT, FootprintModel
from shared.domain.measurement import EvidenceGrade, Spread, Sum, at_grade
from shared.domain.methodology import Use
from shared.domain.share import LIFETIME, Share, ShareStyle
from shared.domain.share_picture import share_picture
from tests.support.builders import BOOKED_AT

LINK = "https://carbon.example.org/v1/shares/" + "t" * 26
# A ride of 8 km.
RIDE = Sum(
    1,
    204_608,
    Spread(151_712, 283_952, 104_672_361),
    at_grade(EvidenceGrade.METERED, 204_608),
    0,
    1,
)


def a_share(share_id: str = "s1", **changes: Any) -> Share:
    """Return a card of one ride in November, made at BOOKED_AT."""
    facts: dict[str, Any] = {
        "share_id": share_id,
        "token": "t" * 26,
        "period": "2026-11",
        "style": ShareStyle.LEAF,
        "language": "en",
        "nickname": "Alice",
        "reduction": RIDE,
        "created_at": BOOKED_AT,
        "expires_at": BOOKED_AT + LIFETIME,
        "request_digest": "digest",
    }
    return Share(**{**facts, **changes})


def draw(**changes: Any) -> str:
    """Return the picture of a card."""
    model = FootprintModel.of(catalogue().in_force(FOOTPRINT, BOOKED_AT, Use.FOOTPRINT))
    return share_picture(a_share(**changes), model, qr_modules(LINK))
