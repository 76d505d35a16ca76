"""A methodology version as it is published."""

from typing import Self

from shared.domain.methodology import Methodology
from shared.runtime.http import WireModel


class InputBody(WireModel):
    """A measured input with its plausible bounds, as decimal texts."""

    name: str
    unit: str
    minimum: str
    maximum: str
    decimals: int


class ParameterBody(WireModel):
    """A constant as a decimal text; `label` says how honest it is, `sources` who says so."""

    name: str
    unit: str
    value: str
    label: str
    sources: list[str]
    arithmetic: str
    note: str


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


class SourceBody(WireModel):
    """Where a value was read; `year` is 0 where the source does not say."""

    key: str
    title: str
    publisher: str
    year: int
    address: str
    grade: str


class MethodologyBody(WireModel):
    """One version in full; `digest` is the SHA-256 of its file."""

    id: str
    version: str
    scenario: str
    jurisdiction: str
    title: dict[str, str]
    summary: dict[str, str]
    effective_from: str
    effective_until: str | None = None
    inputs: list[InputBody]
    parameters: list[ParameterBody]
    steps: list[StepBody]
    caps: list[CapBody]
    sources: list[SourceBody]
    rounding: str = "down, once, to whole milligrams of CO2e"
    digest: str

    @classmethod
    def of(cls, methodology: Methodology) -> Self:
        until = methodology.effective_until
        return cls(
            id=methodology.id,
            version=methodology.version,
            scenario=methodology.scenario,
            jurisdiction=methodology.jurisdiction,
            title=dict(methodology.title),
            summary=dict(methodology.summary),
            effective_from=methodology.effective_from.isoformat(),
            effective_until=until.isoformat() if until else None,
            inputs=[
                InputBody(
                    name=each.name,
                    unit=each.unit,
                    minimum=str(each.minimum),
                    maximum=str(each.maximum),
                    decimals=each.decimals,
                )
                for each in methodology.inputs
            ],
            parameters=[
                ParameterBody(
                    name=each.name,
                    unit=each.unit,
                    value=str(each.value),
                    label=each.label.value,
                    sources=list(each.sources),
                    arithmetic=each.arithmetic,
                    note=each.note,
                )
                for each in methodology.parameters
            ],
            steps=[
                StepBody(name=each.name, unit=each.unit, expression=each.expression.text)
                for each in methodology.steps
            ],
            caps=[
                CapBody(
                    period=each.cap.period.value,
                    count=each.cap.count,
                    label=each.label.value,
                    note=each.note,
                )
                for each in methodology.caps
            ],
            sources=[
                SourceBody(
                    key=each.key,
                    title=each.title,
                    publisher=each.publisher,
                    year=each.year,
                    address=each.address,
                    grade=each.grade.value,
                )
                for each in methodology.sources
            ],
            digest=methodology.digest,
        )
