"""What a user says about a behaviour that is missing."""

from datetime import datetime

from pydantic import Field

from shared.domain.canonical import Json
from shared.domain.consent import ConsentKey
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import format_instant, parse_instant
from shared.runtime.http import WireModel
from shared.runtime.wire_dispute import INPUTS_MAX, Inputs, plain_inputs


class MissingBody(WireModel):
    """What was done, when, and who should have reported it; `inputs` say what was measured."""

    scenario: str = Field(pattern="^[a-z0-9-]{1,40}$")
    partner: str = Field(pattern="^[a-z0-9-]{1,40}$")
    occurred_at: str = Field(max_length=40)
    inputs: Inputs = Field(default_factory=dict, max_length=INPUTS_MAX)

    @property
    def consent(self) -> ConsentKey:
        return ConsentKey(self.scenario, self.partner)

    @property
    def instant(self) -> datetime:
        """The instant of `occurred_at`; raises InvalidRequestError."""
        try:
            return parse_instant(self.occurred_at)
        except InvalidRequestError as error:
            raise InvalidRequestError(pointers=(("/occurred_at", error.detail),)) from error

    @property
    def facts(self) -> Json:
        """By what the same request is known again."""
        return {
            "scenario": self.scenario,
            "partner": self.partner,
            "occurred_at": format_instant(self.instant),
            "inputs": plain_inputs(self.inputs),
        }
