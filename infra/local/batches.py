"""What a batch handler's answer means: which of its records failed."""

from collections.abc import Sequence
from typing import Any

PARTIAL = "ReportBatchItemFailures"


class InvalidBatchResponseError(Exception):
    """The answer is not one that Lambda understands: the whole batch counts as failed."""


def failed_items(
    answer: Any, identifiers: Sequence[str], response_types: Sequence[str]
) -> set[str]:
    """Return the identifiers that the handler reports as failed.

    Raises InvalidBatchResponseError for an unknown or empty identifier: Lambda fails such batches
    whole. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if PARTIAL not in response_types or not answer:
        return set()
    if not isinstance(answer, dict):
        raise InvalidBatchResponseError(f"the answer is no object: {answer!r:.100}")
    failures = answer.get("batchItemFailures") or []
    try:
        failed = {failure["itemIdentifier"] for failure in failures}
    except (KeyError, TypeError) as error:
        raise InvalidBatchResponseError("batchItemFailures without itemIdentifier") from error
    unknown = failed - set(identifiers)
    if unknown:
        raise InvalidBatchResponseError(f"unknown itemIdentifier {min(map(str, unknown))}")
    return failed
