"""What a user says is wrong with an entry."""

from pydantic import Field

from shared.domain.canonical import Json
from shared.runtime.http import WireModel
from shared.runtime.wire_dispute import INPUTS_MAX, Inputs, plain_inputs


class DisputeEntryBody(WireModel):
    """What is wrong; with `wrong_distance`, `inputs` say what is right."""

    kind: str = Field(pattern="^(not_mine|wrong_distance|duplicate)$")
    inputs: Inputs = Field(default_factory=dict, max_length=INPUTS_MAX)

    @property
    def facts(self) -> Json:
        """By what the same request is known again."""
        return {"kind": self.kind, "inputs": plain_inputs(self.inputs)}
