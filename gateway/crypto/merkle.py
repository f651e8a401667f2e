"""Merkle tree hashing and the compact range that a growing log keeps (RFC 9162, section 2.1).

Owns the domain-separated hashes and the right edge of a tree. Refuses to know where nodes are
stored: proofs read them through a callable, see `merkle_proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from gateway.crypto.errors import CryptoError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree with no leaf: SHA-256 of nothing (RFC 9162, section 2.1.1)."""

NodeReader = Callable[[int, int], bytes]
"""(level, index) to the hash of the perfect subtree over the leaves
[index * 2**level, (index + 1) * 2**level)."""


class ProofError(CryptoError):
    """A proof does not verify, or none can exist for the given indices and sizes."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry), 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def perfect_subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the perfect subtrees that make up the leaves [begin, end).

    `begin` must be a multiple of the largest power of two not above `end - begin`, which holds
    for every range that RFC 9162 splits a tree into.
    """
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def fold_right(hashes: list[bytes] | tuple[bytes, ...]) -> bytes:
    """Join subtree hashes, largest first, into the root over all of them (at least one)."""
    *rest, root = hashes
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The right edge of a tree: its size and its perfect subtrees' hashes, largest first.

    Frozen, so that a batch which fails to commit leaves the range before it as it was.

    Raises:
        ProofError: the number of hashes is not the number of one bits of `size`, or a hash is
            not 32 bytes.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ProofError(
                f"a range over {self.size} leaves cannot have {len(self.hashes)} nodes"
            )
        if any(len(node) != HASH_SIZE for node in self.hashes):
            raise ProofError("a node hash is not 32 bytes")

    @classmethod
    def load(cls, size: int, read: NodeReader) -> CompactRange:
        """Restore the range over the first `size` leaves from stored nodes."""
        if size < 0:
            raise ProofError("a tree size is not negative")
        return cls(size, tuple(read(*node) for node in perfect_subtrees(0, size)))

    def extend(self, leaf_hashes: Iterable[bytes]) -> CompactRange:
        """Return the range with these 32-byte leaf hashes appended; O(1) amortised a leaf."""
        stack = list(self.hashes)
        size = self.size
        for leaf in leaf_hashes:
            if len(leaf) != HASH_SIZE:
                raise ProofError("a leaf hash is not 32 bytes")
            node, carry = leaf, size
            while carry & 1:
                node = sha256(b"\x01" + stack.pop() + node).digest()
                carry >>= 1
            stack.append(node)
            size += 1
        return CompactRange(size, tuple(stack))

    def root(self) -> bytes:
        """The Merkle Tree Hash over every leaf, 32 bytes."""
        return fold_right(self.hashes) if self.hashes else EMPTY_ROOT
