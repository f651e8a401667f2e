"""The port to the tree over a round's contributions (RFC 9162), whose root the result names."""

from collections.abc import Sequence
from typing import Protocol


class GrowingTree(Protocol):
    """A tree whose leaves come some at a time; it keeps its edge only."""

    def add(self, payloads: Sequence[bytes]) -> None:
        """Append leaves."""
        ...

    def root(self) -> bytes:
        """Return the Merkle root over all of them, 32 bytes."""
        ...


class ContributionTree(Protocol):
    """Hashes contributions' payloads, which are in the roster's order."""

    def root(self, payloads: Sequence[bytes]) -> bytes:
        """Return the Merkle root, 32 bytes."""
        ...

    def growing(self) -> GrowingTree:
        """Return a tree without a leaf."""
        ...

    def path(self, payloads: Sequence[bytes], at: int) -> tuple[bytes, ...]:
        """Return the inclusion path of one of them, 32 bytes each."""
        ...
