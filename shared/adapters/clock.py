"""The clock: the only place where the time of day comes from."""

from datetime import UTC, datetime

from shared.domain.instants import truncate_to_millisecond


def now() -> datetime:
    """Return the present instant in UTC, as fine as it is stored: to the millisecond."""
    return truncate_to_millisecond(datetime.now(UTC))
