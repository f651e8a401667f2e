"""The edges of trees and proofs: empty, single, malformed."""

import pytest

from gateway.crypto.merkle import EMPTY_ROOT, CompactRange, ProofError, leaf_hash
from gateway.crypto.merkle_proof import (
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from support.crypto_log import reference_nodes

LEAVES = [leaf_hash(b"%d" % number) for number in range(40)]
NODES = reference_nodes(LEAVES)
ROOTS = [CompactRange().extend(LEAVES[:size]).root() for size in range(41)]


def read_node(level: int, index: int) -> bytes:
    return NODES[level, index]


def test_every_proof_of_small_trees_verifies() -> None:
    for size in range(1, 41):
        for index in range(size):
            proof = prove_inclusion(index, size, read_node)
            verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
            consistency = prove_consistency(index, size, read_node)
            verify_consistency(index, ROOTS[index], size, ROOTS[size], consistency)


def test_a_batch_that_failed_leaves_the_range_as_it_was() -> None:
    before = CompactRange().extend(LEAVES[:5])
    before.extend(LEAVES[5:9])
    assert before == CompactRange().extend(LEAVES[:5])


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, ()), (0, (EMPTY_ROOT,)), (3, (EMPTY_ROOT,)), (1, (b"short",))],
)
def test_ranges_that_cannot_be(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ProofError):
        CompactRange(size, hashes)


def test_a_leaf_hash_has_one_length() -> None:
    with pytest.raises(ProofError):
        CompactRange().extend([b"not a hash"])
    with pytest.raises(ProofError):
        CompactRange.load(-1, read_node)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_leaves_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        prove_inclusion(index, size, read_node)
    with pytest.raises(ProofError):
        verify_inclusion(index, size, LEAVES[0], (), ROOTS[size])


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3), (1, 0)])
def test_trees_that_do_not_grow(old: int, size: int) -> None:
    with pytest.raises(ProofError):
        prove_consistency(old, size, read_node)
    with pytest.raises(ProofError):
        verify_consistency(old, ROOTS[old], size, ROOTS[size], ())


def test_a_proof_for_a_smaller_tree_does_not_do_for_a_larger_one() -> None:
    for size, claimed in ((1, 2), (2, 3), (2, 4), (4, 8)):
        proof = prove_inclusion(0, size, read_node)
        with pytest.raises(ProofError):
            verify_inclusion(0, claimed, LEAVES[0], proof, ROOTS[size])


def test_consistency_of_equal_and_empty_trees() -> None:
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    verify_consistency(0, EMPTY_ROOT, 7, ROOTS[7], ())
    verify_consistency(7, ROOTS[7], 7, ROOTS[7], ())
    for old, old_root, size, root, proof in (
        (0, ROOTS[1], 7, ROOTS[7], ()),
        (7, ROOTS[6], 7, ROOTS[7], ()),
        (7, ROOTS[7], 7, ROOTS[7], (ROOTS[7],)),
        (0, EMPTY_ROOT, 7, ROOTS[7], (ROOTS[7],)),
        (3, ROOTS[3], 7, ROOTS[7], ()),
        (4, ROOTS[4], 7, ROOTS[7], ()),
    ):
        with pytest.raises(ProofError):
            verify_consistency(old, old_root, size, root, proof)


def test_hashes_of_other_lengths_are_refused() -> None:
    with pytest.raises(ProofError):
        verify_inclusion(0, 1, b"", (), b"")
    with pytest.raises(ProofError):
        verify_consistency(2, b"", 2, b"", ())


def test_an_inner_node_is_not_taken_for_a_leaf() -> None:
    """RFC 9162, section 2.1.1: the prefixes keep leaves and nodes apart."""
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != ROOTS[2]
