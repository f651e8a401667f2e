"""The tree over contributions by RFC 9162, as the log's own trees are made."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion


class Growing:
    """Implements ``GrowingTree``."""

    def __init__(self) -> None:
        """Begin with no leaf."""
        self._edge = CompactRange()

    def add(self, payloads: Sequence[bytes]) -> None:
        """Append leaves."""
        self._edge = self._edge.extend(map(leaf_hash, payloads))

    def root(self) -> bytes:
        """Return the root."""
        return self._edge.root()


class MerkleTree:
    """Implements ``ContributionTree``."""

    def root(self, payloads: Sequence[bytes]) -> bytes:
        """Return the root."""
        return _root(payloads)

    def growing(self) -> Growing:
        """Return a tree without a leaf."""
        return Growing()

    def path(self, payloads: Sequence[bytes], at: int) -> tuple[bytes, ...]:
        """Return the path of one."""

        def node(level: int, index: int) -> bytes:
            return _root(payloads[index << level : (index + 1) << level])

        return prove_inclusion(at, len(payloads), node)


def _root(payloads: Sequence[bytes]) -> bytes:
    return CompactRange().extend(map(leaf_hash, payloads)).root()
