"""A bridge between two balances: what better rules changed, and what behaviour did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.domain.entry import AmendmentKind, Entry, Original
from shared.domain.measurement import NOTHING, Sum


class Replacement(NamedTuple):
    """One methodology in place of another, as `<id>@<version>`."""

    replaced: str
    replacement: str


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a restatement did to one account, in milligrams of CO2e, never below zero."""

    entries: int = 0
    raised_mg: int = 0
    lowered_mg: int = 0


@dataclass(frozen=True, slots=True)
class Bridge:
    """`opening + rules + behaviour = closing`, exactly, in every part of the sums.

    `by_rule` splits `rules`. `later` is what was booked after the last day.
    """

    opening: Sum
    rules: Sum
    behaviour: Sum
    later: Sum
    by_rule: dict[Replacement, RuleEffect]

    @property
    def closing(self) -> Sum:
        return self.opening + self.rules + self.behaviour


def build_bridge(entries: Iterable[Entry], first: date, last: date) -> Bridge:
    """Return the bridge over the ledger days from `first` to `last`, both inclusive."""
    opening = rules = behaviour = later = NOTHING
    by_rule: dict[Replacement, RuleEffect] = {}
    for entry in entries:
        if entry.ledger_day < first:
            opening += entry.contribution
        elif entry.ledger_day > last:
            later += entry.contribution
        elif entry.original and _is_by_rules(entry.original, entry.methodology):
            rules += entry.contribution
            replacement = Replacement(entry.original.methodology, entry.methodology)
            before = by_rule.get(replacement, RuleEffect())
            by_rule[replacement] = RuleEffect(
                before.entries + 1,
                before.raised_mg + max(0, entry.reduction_mg),
                before.lowered_mg + max(0, -entry.reduction_mg),
            )
        else:
            behaviour += entry.contribution
    return Bridge(opening, rules, behaviour, later, dict(sorted(by_rule.items())))


def _is_by_rules(original: Original, methodology: str) -> bool:
    """A correction by the same rules has found other inputs: that is behaviour."""
    return original.kind is AmendmentKind.CORRECTION and original.methodology != methodology
