"""The points policies that are shipped with the code, read once per process."""

import tomllib
from functools import cache
from pathlib import Path

from shared.domain.catalogue import LANGUAGES
from shared.domain.errors import CatalogueError
from shared.domain.points_policy import PointsPolicies, PointsPolicy, PointsRate

POLICIES = Path(__file__).parent.parent / "points"


@cache
def points_policies() -> PointsPolicies:
    """Return all policies; raise CatalogueError for a broken one."""
    return PointsPolicies.of(
        parse_policy(path.read_text("utf-8"), path.name)
        for path in sorted(POLICIES.glob("*.toml"))
        # What answers earn is kept apart: shared/adapters/quiz.py.
        if not path.name.startswith("quiz@")
    )


def parse_policy(text: str, name: str) -> PointsPolicy:
    """Return the policy in a TOML text; raise CatalogueError where it is broken."""
    try:
        data = tomllib.loads(text)
        policy = PointsPolicy(
            policy_id=data["id"],
            version=data["version"],
            effective_from=data["effective_from"],
            spend_through_years=data["spend_through_years"],
            day_cap=data["day_cap"],
            month_cap=data["month_cap"],
            otherwise=PointsRate(**data["otherwise"]),
            scenarios={key: PointsRate(**rate) for key, rate in data["scenarios"].items()},
            title={language: data["title"][language] for language in LANGUAGES},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(f"{name}: {error}") from error
    if name != f"{policy.reference}.toml":
        raise CatalogueError(f"{name}: the file is named by its id and version.")
    return policy
