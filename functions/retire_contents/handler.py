"""Retire articles, so that nobody is shown them any more.

Called by an operator (`python -m infra.contents retire ID ...`). The same again changes nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from shared.adapters import chance, clock
from shared.adapters.documents import DocumentTable
from shared.application.retire_contents import retire_contents
from shared.domain.errors import InvalidRequestError
from shared.runtime.settings import setting
from shared.runtime.telemetry import logger
from shared.runtime.wire_contents import ContentRetirementBody

DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return which articles were retired, and which were before."""
    try:
        ids = ContentRetirementBody.model_validate(event).content_ids
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    retired = retire_contents(DOCUMENTS, ids, now=clock.now(), pause=chance.pause)
    logger.info("retired", extra={"contents": retired})
    return {"retired": retired, "unchanged": [each for each in ids if each not in retired]}
