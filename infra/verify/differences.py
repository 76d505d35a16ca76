"""Where two JSON values differ: every leaf, by its JSON pointer, with both values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

SHOWN_LENGTH_MAX = 120


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


# Where there is no such member: null is a value.
NOTHING: Final = _Nothing()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in the first value, what stands there, and what stands there in the second one."""

    pointer: str
    written: Any
    expected: Any


def differences(written: Any, expected: Any, pointer: str) -> Iterator[Difference]:
    """Yield every difference, in the order of what is expected; `pointer` is where both stand."""
    if isinstance(written, Mapping) and isinstance(expected, Mapping):
        for name in dict.fromkeys((*expected, *written)):
            yield from differences(
                written.get(name, NOTHING), expected.get(name, NOTHING), pointer_to(pointer, name)
            )
    elif isinstance(written, list) and isinstance(expected, list):
        for index in range(max(len(written), len(expected))):
            yield from differences(
                written[index] if index < len(written) else NOTHING,
                expected[index] if index < len(expected) else NOTHING,
                pointer_to(pointer, index),
            )
    # Python takes True for 1.
    elif type(written) is not type(expected) or written != expected:
        yield Difference(pointer, written, expected)


def pointer_to(pointer: str, name: str | int) -> str:
    """Return the pointer to a member or item (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def show(value: Any) -> str:
    """Return a value as it stands in a sentence."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_LENGTH_MAX else f"{text[:SHOWN_LENGTH_MAX]}…"
