"""A methodology version as it is published: the document that its digest covers, and the digest."""

from typing import Any, Self

from pydantic import Field

from shared.domain.methodology import Methodology
from shared.runtime.http import WireModel

Texts = dict[str, str]


class AssumptionBody(WireModel):
    """What is used, and marked provisional, where an optional input was not reported."""

    value: str | None = None
    choice: str | None = None
    label: str
    note: str


class ChoiceBody(WireModel):
    """One answer of an input that is chosen, with the value that it stands for."""

    key: str
    value: str
    low: str
    high: str
    label: str
    sources: list[str]
    note: str | None = None
    title: Texts


class InputBody(WireModel):
    """A measured input with its plausible bounds, as decimal texts.

    `uncertainty` is the half-width of its error as a share of the value.
    """

    name: str
    unit: str
    title: Texts
    minimum: str | None = None
    maximum: str | None = None
    decimals: int | None = None
    uncertainty: str | None = None
    uncertainty_label: str | None = None
    uncertainty_note: str | None = None
    if_missing: AssumptionBody | None = None
    choices: list[ChoiceBody] | None = None


class ParameterBody(WireModel):
    """A factor as decimal texts; `label` says how honest it is, `sources` who says so.

    `effect` is what the result does when the factor rises.
    """

    name: str
    unit: str
    value: str
    low: str
    high: str
    effect: str
    label: str
    sources: list[str]
    range_label: str
    range_note: str
    arithmetic: str | None = None
    note: str | None = None


class StepBody(WireModel):
    """One step of the formula."""

    name: str
    unit: str
    expression: str


class CapBody(WireModel):
    """At most `count` credits per `period`, by when the behaviour occurred."""

    period: str
    count: int
    label: str
    note: str


class EvidenceBody(WireModel):
    """The grade, 1 to 5, of an event that brought these inputs."""

    grade: int
    inputs: list[str]
    note: Texts


class TraitsBody(WireModel):
    """What makes one rule differ from another."""

    basis: str
    year: int
    baseline: Texts
    displacement: Texts


class SourceBody(WireModel):
    """Where a value was read; `year` is 0 where the source does not say."""

    key: str
    title: str
    publisher: str
    year: int
    address: str
    grade: str


class MethodologyBody(WireModel):
    """One version in full.

    `digest` is the SHA-256 of the canonical JSON of all the rest, less `effective_until`, `digest`
    and `weakest_label`. `weakest_label` is the weakest among the values that a result rests on.
    """

    id: str
    version: str
    use: str
    scenario: str
    jurisdiction: str
    title: Texts
    summary: Texts
    effective_from: str
    effective_until: str | None = None
    best_before: str
    licence: str
    exclusive_with: list[str]
    traits: TraitsBody | None = None
    inputs: list[InputBody]
    parameters: list[ParameterBody]
    steps: list[StepBody]
    results: list[str] | None = None
    caps: list[CapBody]
    evidence: list[EvidenceBody]
    sources: list[SourceBody]
    benchmarks: list[dict[str, Any]] | None = None
    equivalents: list[dict[str, Any]] | None = None
    changes: list[dict[str, Any]] | None = None
    rounding: str
    digest: str
    weakest_label: str = Field(examples=["derived"])

    @classmethod
    def of(cls, methodology: Methodology) -> Self:
        facts = {"digest": methodology.digest, "weakest_label": methodology.label.value}
        return cls.model_validate({**methodology.document, **facts})
