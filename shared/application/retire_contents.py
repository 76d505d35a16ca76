"""Retire articles. What is retired already is left alone, so a repeat is nothing."""

from collections.abc import Sequence
from datetime import datetime

from shared.application.changing import until_committed
from shared.application.ports import Documents, Pause, Write
from shared.application.publish_contents import shelved
from shared.domain.article import CATALOGUE, Article
from shared.domain.errors import ContentNotFoundError


def retire_contents(
    documents: Documents, content_ids: Sequence[str], *, now: datetime, pause: Pause
) -> list[str]:
    """Take articles from every list and from their addresses; return which were still there.

    Raises ContentNotFoundError where one was never published; then none is retired. Raises
    BusyError, after which the same may be sent again.
    """
    for content_id in content_ids:
        _standing(documents, content_id)
    return [each for each in content_ids if _retire(documents, each, now, pause)]


def _retire(documents: Documents, content_id: str, now: datetime, pause: Pause) -> bool:
    def step() -> bool:
        standing = _standing(documents, content_id)
        if standing.ends_at is not None and standing.ends_at <= now:
            return False
        retired = standing.retired(now)
        documents.put(Write(retired, replaces=standing), *shelved(documents, retired))
        return True

    return until_committed(step, pause)


def _standing(documents: Documents, content_id: str) -> Article:
    standing = documents.get(Article, CATALOGUE, content_id)
    if standing is None:
        raise ContentNotFoundError
    return standing
