"""One behaviour under several rules, as two functions answer it.

Apart from the other answers, whose functions need not load methodologies for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from shared.domain.comparison import CREDITING, RuleResult, source_grades, traits
from shared.domain.instants import format_instant
from shared.domain.receipt import plain_values
from shared.runtime.http import WireModel


class TraitsBody(WireModel):
    """Why rules differ: what they compare with, take to be displaced, count by, and from when.

    `year` is 0 where the rule does not say.
    """

    basis: str
    year: int
    baseline: dict[str, str]
    displacement: dict[str, str]


class DifferenceBody(WireModel):
    """One difference from the governing rule, in a sentence per language.

    `trait` is one of the traits, or `factor` for each factor that both have and do not share.
    """

    trait: str
    text: dict[str, str]


class RuleBody(WireModel):
    """What a behaviour comes to under one rule, before caps, in milligrams of CO2e.

    Where there is no amount, `reason` says why. `missing` names the inputs that the rule made an
    assumption for; `licence` is that of the rule's file, its figures belong to their sources.
    """

    reference: str
    title: dict[str, str]
    use: str
    governing: bool
    inputs: dict[str, str]
    missing: list[str]
    reduction_mg: int | None = None
    low_mg: int | None = None
    high_mg: int | None = None
    reason: str | None = None
    label: str
    source_grades: list[str]
    licence: str
    traits: TraitsBody | None = None
    differences: list[DifferenceBody]

    @classmethod
    def of(cls, result: RuleResult) -> Self:
        rule, measured = result.methodology, result.measurement
        about = traits(rule)
        return cls(
            reference=rule.reference,
            title=dict(rule.title),
            use=rule.use.value,
            governing=result.is_governing,
            inputs=plain_values(result.inputs),
            missing=list(measured.missing) if measured else [],
            reduction_mg=measured.reduction_mg if measured else None,
            low_mg=measured.low_mg if measured else None,
            high_mg=measured.high_mg if measured else None,
            reason=result.reason or None,
            label=rule.label_for(measured.missing if measured else ()).value,
            source_grades=list(source_grades(rule)),
            licence=rule.document["licence"],
            traits=TraitsBody.model_validate(about) if about else None,
            differences=[
                DifferenceBody(trait=each.trait, text=dict(each.text))
                for each in result.differences
            ],
        )


class ComparisonBody(WireModel):
    """One behaviour under every rule, the governing one first, then by reference."""

    entry_id: str | None = None
    scenario: str
    occurred_at: str
    crediting: dict[str, str]
    rules: list[RuleBody]

    @classmethod
    def of(
        cls,
        results: Iterable[RuleResult],
        *,
        scenario: str,
        occurred_at: datetime,
        public_id: str | None = None,
    ) -> Self:
        return cls(
            entry_id=public_id,
            scenario=scenario,
            occurred_at=format_instant(occurred_at),
            crediting=dict(CREDITING),
            rules=[RuleBody.of(each) for each in results],
        )
