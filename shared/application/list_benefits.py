"""List what can be redeemed today, and whether anything of it is left."""

from datetime import datetime

from shared.application.ports import Documents
from shared.domain.benefit import BENEFITS_MAX, BLOCKS_MAX, CATALOGUE, Benefit, StockBlock
from shared.domain.instants import ledger_day


def list_benefits(documents: Documents, *, now: datetime) -> list[tuple[Benefit, bool]]:
    """Return the benefits that are valid today by id, each with whether it is in stock."""
    published, _ = documents.of_owner(Benefit, CATALOGUE, limit=BENEFITS_MAX)
    today = ledger_day(now)
    offered = sorted(
        (each for each in published if each.is_valid(today)), key=lambda each: each.benefit_id
    )
    return [(benefit, _is_in_stock(documents, benefit)) for benefit in offered]


def _is_in_stock(documents: Documents, benefit: Benefit) -> bool:
    blocks, _ = documents.of_owner(StockBlock, benefit.benefit_id, limit=BLOCKS_MAX)
    return any(each.left for each in blocks)
