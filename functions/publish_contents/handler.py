"""Publish articles that people can read.

Called by an operator (`python -m infra.contents publish DIR`). The same again changes nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from shared.adapters import chance, clock
from shared.adapters.article_markdown import render
from shared.adapters.assets import AssetBucket
from shared.adapters.documents import DocumentTable
from shared.application.publish_contents import publish_contents
from shared.domain.errors import InvalidRequestError
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger
from shared.runtime.wire_contents import ContentPublicationBody

ASSETS = AssetBucket(setting("ASSETS_BUCKET"))
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return which articles were published, and which stood like this before."""
    try:
        wanted = ContentPublicationBody.model_validate(event)
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    drafts = [each.draft() for each in wanted.contents]
    done = publish_contents(DOCUMENTS, ASSETS, render, drafts, now=clock.now(), pause=chance.pause)
    count({"ContentsPublished": len(done.published)})
    logger.info("published", extra={"contents": list(done.published)})
    return {"published": list(done.published), "unchanged": list(done.unchanged)}
