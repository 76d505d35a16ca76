"""A bridge as it is told: four sums, and what each better rule changed."""

from typing import Self

from shared.domain.bridge import Bridge
from shared.runtime.http import WireModel
from shared.runtime.wire import SumBody


class RuleEffectBody(WireModel):
    """What one methodology in place of another changed, in milligrams of CO2e."""

    replaced: str
    replacement: str
    entries: int
    raised_mg: int
    lowered_mg: int


class BridgeBody(WireModel):
    """`opening` + `rules` + `behaviour` = `closing`, to the milligram; `by_rule` splits `rules`."""

    opening: SumBody
    rules: SumBody
    behaviour: SumBody
    closing: SumBody
    by_rule: list[RuleEffectBody]

    @classmethod
    def of(cls, bridge: Bridge) -> Self:
        return cls(
            opening=SumBody.of(bridge.opening),
            rules=SumBody.of(bridge.rules),
            behaviour=SumBody.of(bridge.behaviour),
            closing=SumBody.of(bridge.closing),
            by_rule=[
                RuleEffectBody(
                    replaced=rule.replaced,
                    replacement=rule.replacement,
                    entries=effect.entries,
                    raised_mg=effect.raised_mg,
                    lowered_mg=effect.lowered_mg,
                )
                for rule, effect in bridge.by_rule.items()
            ],
        )
