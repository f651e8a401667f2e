"""Inclusion and consistency proofs (RFC 9162, sections 2.1.3 and 2.1.4).

Owns making a proof from stored nodes and checking one against a root. Refuses to trust what it
reads: a proof made from bad nodes is simply one that does not verify.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.crypto.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    NodeReader,
    ProofError,
    fold_right,
    node_hash,
    perfect_subtrees,
)

Proof = tuple[bytes, ...]
"""Node hashes of 32 bytes, nearest the leaves first."""


def prove_inclusion(index: int, size: int, read: NodeReader) -> Proof:
    """Return PATH(index, D[0:size]) of RFC 9162, section 2.1.3.1.

    Raises:
        ProofError: `index` is not a leaf of a tree of `size` leaves.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size} leaves")
    begin, end = 0, size
    proof = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_range_hash(middle, end, read))
            end = middle
        else:
            proof.append(_range_hash(begin, middle, read))
            begin = middle
    return tuple(reversed(proof))


def prove_consistency(old_size: int, size: int, read: NodeReader) -> Proof:
    """Return PROOF(old_size, D[0:size]) of RFC 9162, section 2.1.4.1; empty for an empty tree.

    Raises:
        ProofError: `old_size` is not between 0 and `size`.
    """
    if not 0 <= old_size <= size:
        raise ProofError(f"a tree of {size} leaves does not extend one of {old_size}")
    if old_size in (0, size):
        return ()
    begin, end = 0, size
    proof = []
    while end != old_size:
        middle = begin + _split(end - begin)
        if old_size <= middle:
            proof.append(_range_hash(middle, end, read))
            end = middle
        else:
            proof.append(_range_hash(begin, middle, read))
            begin = middle
    if begin:
        proof.append(_range_hash(begin, end, read))
    return tuple(reversed(proof))


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` (a leaf hash) is leaf `index` of the tree of `size` leaves under `root`.

    The algorithm is RFC 9162, section 2.1.3.2.

    Raises:
        ProofError: it is not, or the proof has the wrong length.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size} leaves")
    _require_hashes(leaf, root, *proof)
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last or computed != root:
        raise ProofError("the inclusion proof does not lead to the root")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree under `root` extends the tree under `old_root`.

    The algorithm is RFC 9162, section 2.1.4.2, with the empty tree and equal sizes decided first.

    Raises:
        ProofError: it does not, or the proof has the wrong length.
    """
    if not 0 <= old_size <= size:
        raise ProofError(f"a tree of {size} leaves does not extend one of {old_size}")
    _require_hashes(old_root, root, *proof)
    if old_size in (0, size):
        _verify_trivial(old_size, old_root, size, root, proof)
        return
    if consistency_roots(old_size, old_root, size, proof) != (old_root, root):
        raise ProofError("the consistency proof does not join the two roots")


def consistency_roots(
    old_size: int, old_root: bytes, size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The roots that a proof from `old_size` (at least 1) to `size` (larger) leads to, old and new.

    Where the new one is a log's own, the old one is the root over that log's first `old_size`
    entries, whatever root was expected of them. For an `old_size` that is a power of two no proof
    holds that root, and `old_root` is what the path begins with.

    Raises:
        ProofError: the proof has the wrong length, or the sizes allow none.
    """
    if not 0 < old_size < size:
        raise ProofError(f"no proof leads from {old_size} leaves to {size}")
    _require_hashes(old_root, *proof)
    is_power_of_two = old_size.bit_count() == 1
    return _follow_path(old_size, size, [old_root, *proof] if is_power_of_two else proof)


def _verify_trivial(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise ProofError("this consistency proof must be empty")
    if old_size == size and old_root != root:
        raise ProofError("two trees of one size have different roots")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofError("the old root is not the root of the empty tree")


def _follow_path(old_size: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    if not path:
        raise ProofError("the consistency proof is too short")
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_computed = computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if node & 1 or node == last:
            old_computed = node_hash(sibling, old_computed)
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    return old_computed, computed


def _split(width: int) -> int:
    """The largest power of two below `width` (at least 2)."""
    return 1 << (width - 1).bit_length() - 1


def _range_hash(begin: int, end: int, read: NodeReader) -> bytes:
    return fold_right([read(*node) for node in perfect_subtrees(begin, end)])


def _require_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise ProofError("a hash is not 32 bytes")
