"""A Merkle root over hex digests, as RFC 6962 builds it: leaves and nodes are told apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").hexdigest()


def merkle_root(leaves: Sequence[str]) -> str:
    """Return the hex root over hex leaves in the order given (sort them first)."""
    if not leaves:
        return EMPTY_ROOT
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in leaves]
    while len(level) > 1:
        paired = [_node(level[index], level[index + 1]) for index in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()


@dataclass(frozen=True, slots=True)
class MerklePeaks:
    """The roots of the full trees that the leaves so far are in, largest first, with their sizes.

    It is all that is needed to go on: the root over any number of leaves, a page at a time.
    """

    peaks: tuple[tuple[int, str], ...] = ()

    def with_leaf(self, leaf: str) -> "MerklePeaks":
        """Return the peaks after one more hex leaf."""
        peaks = list(self.peaks)
        size, node = 1, hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest()
        while peaks and peaks[-1][0] == size:
            _, left = peaks.pop()
            size, node = size * 2, _node(bytes.fromhex(left), node)
        return MerklePeaks((*peaks, (size, node.hex())))

    @property
    def root(self) -> str:
        """The same hex root as `merkle_root` over all leaves."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, (_, last) = self.peaks
        node = bytes.fromhex(last)
        for _, left in reversed(larger):
            node = _node(bytes.fromhex(left), node)
        return node.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
