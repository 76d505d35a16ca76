"""Post corrections for a page of entries that another methodology measures otherwise.

Called by an operator, one page at a time (`python -m infra.restate`). A dry run only counts.
"""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, ValidationError

from shared.adapters import chance
from shared.adapters.catalogue import catalogue
from shared.adapters.entries import EntryTable
from shared.adapters.queues import PostingsQueue
from shared.application.restate_entries import restate_entries
from shared.domain.errors import InvalidRequestError
from shared.runtime.http import WireModel
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ENTRIES = EntryTable(setting("ENTRIES_TABLE"))
POSTINGS = PostingsQueue(setting("POSTINGS_QUEUE_URL"))


class RestatementBody(WireModel):
    """Which methodology is replaced by which; without `apply` nothing is posted."""

    replaced: str = Field(pattern=r"^[a-z0-9-]{1,60}@[0-9.]{1,20}$")
    replacement: str = Field(pattern=r"^[a-z0-9-]{1,60}@[0-9.]{1,20}$")
    apply: bool = False
    after: str | None = Field(default=None, max_length=400)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Compare one page, and post its corrections if asked to."""
    try:
        wanted = RestatementBody.model_validate(event)
    except ValidationError as error:
        raise InvalidRequestError(
            str(error.errors(include_url=False, include_input=False))
        ) from error
    page = restate_entries(
        ENTRIES,
        catalogue(),
        POSTINGS,
        replaced=wanted.replaced,
        replacement=wanted.replacement,
        is_dry_run=not wanted.apply,
        after=wanted.after,
        new_salt=chance.new_salt,
    )
    if wanted.apply:
        count({"CorrectionsPosted": page.corrected})
    logger.info(
        "restated",
        extra={"replaced": wanted.replaced, "apply": wanted.apply, "corrected": page.corrected},
    )
    return {**asdict(page), "accounts": list(page.accounts)}
