"""What a partner answers to a dispute."""

from typing import NamedTuple

from pydantic import Field

from shared.domain.dispute import DeclineReason
from shared.domain.errors import InvalidRequestError
from shared.runtime.http import Request, WireModel
from shared.runtime.wire_dispute import INPUTS_MAX, Inputs

ACCEPT, DECLINE = "accept", "decline"


class AnswerBody(WireModel):
    """Accept, perhaps with `inputs` of the partner's own, or decline with a `reason`.

    `dispute_id` is the path's: a signature covers the body only.
    """

    dispute_id: str
    answer: str = Field(pattern=f"^({ACCEPT}|{DECLINE})$")
    reason: str | None = None
    inputs: Inputs | None = Field(default=None, max_length=INPUTS_MAX)


class PartnersAnswer(NamedTuple):
    """Without a reason to decline, the dispute is accepted."""

    dispute_id: str
    declined_for: DeclineReason | None
    inputs: Inputs | None


def read_answer(request: Request) -> PartnersAnswer:
    """Return the answer; raise InvalidRequestError unless its parts and the path agree."""
    wanted: AnswerBody = request.read(AnswerBody)
    problems: list[tuple[str, str]] = []
    if wanted.dispute_id != request.path_parameters["dispute_id"]:
        problems.append(("/dispute_id", "is not the path's"))
    if wanted.answer == DECLINE and wanted.reason not in {*DeclineReason}:
        problems.append(("/reason", f"is one of {', '.join(DeclineReason)}"))
    if wanted.answer == ACCEPT and wanted.reason is not None:
        problems.append(("/reason", "is for declining"))
    if wanted.answer == DECLINE and wanted.inputs is not None:
        problems.append(("/inputs", "are for accepting"))
    if wanted.inputs == {}:
        problems.append(("/inputs", "must say something"))
    if problems:
        raise InvalidRequestError(pointers=(*problems,))
    declined_for = DeclineReason(wanted.reason) if wanted.reason else None
    return PartnersAnswer(wanted.dispute_id, declined_for, wanted.inputs)
