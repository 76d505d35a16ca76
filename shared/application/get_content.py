"""Read one article."""

from datetime import datetime

from shared.application.ports import Documents
from shared.domain.article import CATALOGUE, Article
from shared.domain.errors import ContentNotFoundError


def get_content(documents: Documents, content_id: str, *, now: datetime) -> Article:
    """Return the article; raise ContentNotFoundError where there is none to be shown now."""
    article = documents.get(Article, CATALOGUE, content_id)
    if article is None or not article.is_shown(now):
        raise ContentNotFoundError
    return article
