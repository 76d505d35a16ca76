"""Compare what a behaviour comes to under the governing rule and the others of its scenario."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain.catalogue import Catalogue
from shared.domain.comparison import RuleResult, compare


def compare_rules(
    catalogue: Catalogue, *, scenario: str, data: Mapping[str, object], occurred_at: datetime
) -> tuple[RuleResult, ...]:
    """Return the results, the governing rule's first; nothing is stored.

    Raises NoMethodologyError, and InvalidRequestError for inputs that are implausible.
    """
    governing = catalogue.in_force(scenario, occurred_at)
    return compare(governing, catalogue.comparisons(scenario), data)
