"""FilterCriteria of event source mappings: EventBridge patterns over records.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import ipaddress
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_ABSENT = object()


class RecordFilter:
    """The criteria of one mapping; without any, every record passes."""

    def __init__(self, criteria: Mapping[str, Any] | None) -> None:
        filters = (criteria or {}).get("Filters", [])
        self._patterns: list[Any] = [json.loads(entry["Pattern"]) for entry in filters]

    def passes(self, record: Any) -> bool:
        """Whether any of the patterns matches."""
        return not self._patterns or any(matches(pattern, record) for pattern in self._patterns)


def matches(pattern: Mapping[str, Any], value: Any) -> bool:
    """Whether every key of the pattern matches; lists are alternatives."""
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(alternative, value) for alternative in wanted):
                return False
            continue
        present = value.get(key, _ABSENT) if isinstance(value, Mapping) else _ABSENT
        if isinstance(wanted, Mapping):
            if not matches(wanted, None if present is _ABSENT else present):
                return False
        elif not any(_meets(rule, present) for rule in wanted):
            return False
    return True


def _meets(rule: Any, value: Any) -> bool:
    if isinstance(value, list):  # one element is enough
        return any(_meets(rule, item) for item in value)
    if not isinstance(rule, Mapping):
        return value is not _ABSENT and type(value) is type(rule) and bool(value == rule)
    ((name, argument),) = rule.items()
    if name == "exists":
        return (value is not _ABSENT) is argument
    return value is not _ABSENT and _RULES[name](value, argument)


def _is_numeric(value: Any, argument: list[Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(
        COMPARISONS[sign](value, bound)
        for sign, bound in zip(argument[::2], argument[1::2], strict=True)
    )


def _is_anything_but(value: Any, argument: Any) -> bool:
    if isinstance(argument, Mapping):
        return not _meets(argument, value)
    return value not in (argument if isinstance(argument, list) else [argument])


def _is_in_network(value: Any, argument: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(argument, strict=False)
    except ValueError:
        return False


_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "anything-but": _is_anything_but,
    "cidr": _is_in_network,
    "equals-ignore-case": lambda value, argument: (
        isinstance(value, str) and value.casefold() == argument.casefold()
    ),
    "numeric": _is_numeric,
    "prefix": lambda value, argument: isinstance(value, str) and value.startswith(argument),
    "suffix": lambda value, argument: isinstance(value, str) and value.endswith(argument),
}
