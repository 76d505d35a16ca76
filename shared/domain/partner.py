"""A partner as the registry knows it, and which of its events are accepted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.consent import CARBON_POOL, HOUSEHOLD, PLATFORM, SHARE_CARD
from shared.domain.errors import EventInFutureError, EventTooOldError, UnknownEventTypeError

# A partner's clock may run ahead of ours by this much.
CLOCK_SKEW_MAX = timedelta(minutes=5)
# Beyond this the accounts no longer remember what they have counted towards a day's cap.
ACCEPTANCE_WINDOW_DAYS_MAX = 31
# What a partner may be called; it is part of keys, paths and names of secrets.
NAME = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
EVENT_TYPE_PREFIX = "carbon."
EVENT_TYPE_SUFFIX = ".v1"


class PartnerState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Partner:
    """A registered partner: what it may report, under which source, and how late."""

    partner: str
    title: Mapping[str, str]
    source: str
    scenarios: tuple[str, ...]
    acceptance_window_days: int
    state: PartnerState = PartnerState.ACTIVE

    def __post_init__(self) -> None:
        if not 1 <= self.acceptance_window_days <= ACCEPTANCE_WINDOW_DAYS_MAX:
            raise ValueError(f"A window has 1 to {ACCEPTANCE_WINDOW_DAYS_MAX} days.")

    def scenario_of(self, event_type: str) -> str:
        """Return the scenario of `carbon.<scenario>.v1`; raise UnknownEventTypeError otherwise."""
        scenario = event_type.removeprefix(EVENT_TYPE_PREFIX).removesuffix(EVENT_TYPE_SUFFIX)
        whole = f"{EVENT_TYPE_PREFIX}{scenario}{EVENT_TYPE_SUFFIX}"
        if whole != event_type or scenario not in self.scenarios:
            raise UnknownEventTypeError
        return scenario

    def check_acceptance(self, occurred_at: datetime, now: datetime) -> None:
        """Raise EventInFutureError or EventTooOldError outside the acceptance window."""
        if occurred_at > now + CLOCK_SKEW_MAX:
            raise EventInFutureError
        if occurred_at < now - timedelta(days=self.acceptance_window_days):
            raise EventTooOldError


# The installation itself, for what a user agrees to with nobody else. It signs no events.
THE_PLATFORM = Partner(
    partner=PLATFORM,
    title={"en": "The carbon account itself", "zh-Hans": "碳账户平台"},
    source="urn:carbon-account:platform",
    scenarios=(CARBON_POOL, HOUSEHOLD, SHARE_CARD),
    acceptance_window_days=1,
)
