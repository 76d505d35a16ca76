"""Corrections: what they add to the town, their payloads, and what is expected of them."""

from typing import Any

from tests.support.cloud import Cloud
from tests.support.features.expectations import Expectations


def build(cloud: Cloud, time: Any) -> None:
    """Add to the town what the payloads need; time is put back afterwards."""


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    return {}


EXPECTED = Expectations()
