"""Whole numbers as few bytes: seven bits to a byte, the sign in the lowest bit.

An account has to stay below 1 KB, where each commit costs two write units.
"""

from collections.abc import Iterable, Iterator

_MORE = 0x80
_BITS = 7


def pack(numbers: Iterable[int]) -> bytes:
    """Return the numbers' bytes, one after the other."""
    packed = bytearray()
    for number in numbers:
        rest = number << 1 if number >= 0 else (-number << 1) - 1
        while rest >= _MORE:
            packed.append(rest & (_MORE - 1) | _MORE)
            rest >>= _BITS
        packed.append(rest)
    return bytes(packed)


def unpack(packed: bytes) -> Iterator[int]:
    """Yield the numbers; raise ValueError where the last one is cut short."""
    value = shift = 0
    for byte in packed:
        value |= (byte & (_MORE - 1)) << shift
        shift += _BITS
        if byte < _MORE:
            yield value >> 1 if not value & 1 else -((value + 1) >> 1)
            value = shift = 0
    if shift:
        raise ValueError("A number is cut short.")
