"""Publish benefits with their stock. What stands already is left alone, so a repeat is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.application.changing import until_committed
from shared.application.ports import Documents, Pause, Write
from shared.domain.benefit import BENEFITS_MAX, BLOCKS_MAX, CATALOGUE, Benefit, StockBlock, stocked
from shared.domain.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Publication:
    """The ids of the benefits that were written, and of those that stood like this before."""

    published: tuple[str, ...]
    unchanged: tuple[str, ...]


def publish_benefits(
    documents: Documents, benefits: Sequence[Benefit], *, now: datetime, pause: Pause
) -> Publication:
    """Publish each benefit with its blocks, in one commit of its own.

    Raises InvalidRequestError for one that is named twice or has no place in the catalogue, and
    StockTakenError where one's new stock is less than what is taken; then none is published.
    Raises BusyError, after which the same publication may be sent again.
    """
    ids = [each.benefit_id for each in benefits]
    if len(set(ids)) < len(ids):
        raise InvalidRequestError("A benefit is named once.")
    standing, _ = documents.of_owner(Benefit, CATALOGUE, limit=BENEFITS_MAX)
    if len({*ids, *(each.benefit_id for each in standing)}) > BENEFITS_MAX:
        raise InvalidRequestError(f"A catalogue has at most {BENEFITS_MAX} benefits.")
    for benefit in benefits:
        _writes(documents, benefit, now)
    published = [each for each in benefits if _publish(documents, each, now, pause)]
    changed = tuple(each.benefit_id for each in published)
    return Publication(changed, tuple(each for each in ids if each not in changed))


def _publish(documents: Documents, benefit: Benefit, now: datetime, pause: Pause) -> bool:
    """Tell whether there was anything to write; a sale in between is decided upon anew."""

    def step() -> bool:
        writes = _writes(documents, benefit, now)
        if writes:
            documents.put(*writes)
        return bool(writes)

    return until_committed(step, pause)


def _writes(documents: Documents, benefit: Benefit, now: datetime) -> list[Write]:
    standing = documents.get(Benefit, CATALOGUE, benefit.benefit_id)
    if standing is not None and standing.same_offer(benefit):
        return []
    blocks, _ = documents.of_owner(StockBlock, benefit.benefit_id, limit=BLOCKS_MAX)
    by_number = {each.number: each for each in blocks}
    changed = stocked(benefit.benefit_id, blocks, benefit.stock, benefit.block_size)
    offered = replace(
        benefit,
        blocks=len(by_number | {each.number: each for each in changed}),
        published_at=now,
        version=standing.version + 1 if standing else 1,
    )
    return [
        Write(offered, replaces=standing),
        *(Write(each, replaces=by_number.get(each.number)) for each in changed),
    ]
