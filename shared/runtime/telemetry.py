"""Logs and metrics: one structured line per invocation, ids and numbers only, never a body."""

from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
_metrics = Metrics()


def count(values: Mapping[str, int]) -> None:
    """Emit counters (PascalCase names) in one embedded-metric line; zeros cost nothing."""
    for name, value in values.items():
        if value:
            _metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if any(values.values()):
        _metrics.flush_metrics()
