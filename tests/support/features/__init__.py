"""What each feature brings to the tests that send every payload of events/ through its handler."""

from types import ModuleType

from tests.support.features import (
    contents,
    corrections,
    disputes,
    households,
    page,
    quiz,
    redemptions,
    retirements,
    shares,
    statements,
    status,
    transfers,
)

# In the order in which they add to the town.
FEATURES: tuple[ModuleType, ...] = (
    statements,
    redemptions,
    retirements,
    transfers,
    corrections,
    disputes,
    households,
    shares,
    page,
    status,
    contents,
    quiz,
)
