"""Publish benefits with their price, terms and stock.

Called by an operator (`python -m infra.benefits publish FILE`). The same again changes nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from shared.adapters import chance, clock
from shared.adapters.documents import DocumentTable
from shared.application.publish_benefits import publish_benefits
from shared.domain.errors import InvalidRequestError
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger
from shared.runtime.wire_redemption import PublicationBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return which benefits were published, and which stood like this before."""
    try:
        wanted = PublicationBody.model_validate(event)
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    benefits = [each.benefit() for each in wanted.benefits]
    done = publish_benefits(DOCUMENTS, benefits, now=clock.now(), pause=chance.pause)
    count({"BenefitsPublished": len(done.published)})
    logger.info("published", extra={"benefits": list(done.published)})
    return {"published": list(done.published), "unchanged": list(done.unchanged)}
