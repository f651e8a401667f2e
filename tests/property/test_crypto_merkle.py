"""The incremental tree, tiles and proofs against the recursive definition of RFC 9162."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.merkle import CompactRange, ProofError, leaf_hash
from gateway.crypto.merkle_proof import (
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tile_writer import TileWriter
from support.crypto_log import reference_nodes, reference_root

ENTRIES = [b"entry %d" % number for number in range(700)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NODES = reference_nodes(LEAVES)


class _Roots(dict[int, bytes]):
    """The reference roots by size, each made when it is first asked for."""

    def __missing__(self, size: int) -> bytes:
        return self.setdefault(size, reference_root(ENTRIES[:size]))


ROOTS = _Roots()
SIZE = st.integers(0, len(ENTRIES))
quick = settings(max_examples=150, deadline=None)


def read_node(level: int, index: int) -> bytes:
    return NODES[level, index]


@given(st.lists(st.integers(0, 120), max_size=6))
@quick
def test_roots_do_not_depend_on_the_batches(batches: list[int]) -> None:
    grown = CompactRange()
    for batch in batches:
        grown = grown.extend(LEAVES[grown.size : grown.size + batch])
    grown = grown.extend(LEAVES[grown.size : 700])
    assert grown.size == 700
    assert grown.root() == ROOTS[700]


@given(SIZE)
@quick
def test_a_range_restored_from_nodes_is_the_range_grown(size: int) -> None:
    assert CompactRange.load(size, read_node) == CompactRange().extend(LEAVES[:size])
    assert CompactRange.load(size, read_node).root() == ROOTS[size]


@given(st.lists(st.integers(0, 300), max_size=5))
@quick
def test_tiles_written_in_batches_are_those_written_at_once(batches: list[int]) -> None:
    writer = TileWriter()
    store: dict[str, bytes] = {}
    for batch in batches:
        restored = TileWriter(writer.size, writer.partials)
        writer, tiles = restored.append(LEAVES[writer.size : writer.size + batch])
        store |= {tile.path: tile.data for tile in tiles}
    at_once = TileWriter().append(LEAVES[: writer.size])
    assert at_once.writer == writer
    assert store.items() >= {tile.path: tile.data for tile in at_once.tiles}.items()


@given(SIZE.filter(bool), st.data())
@quick
def test_inclusion_proofs_out_of_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, tile_reader(size))
    assert proof == prove_inclusion(index, size, read_node)
    verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


@given(SIZE, st.data())
@quick
def test_consistency_proofs_out_of_tiles(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    proof = prove_consistency(old, size, tile_reader(size))
    assert proof == prove_consistency(old, size, read_node)
    verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@given(SIZE.filter(bool), st.data())
@quick
def test_an_inclusion_proof_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, len(LEAVES) - 1).filter(lambda value: value != index))
    proof = prove_inclusion(index, size, read_node)
    for claim in (
        (index, size, LEAVES[other], proof, ROOTS[size]),
        (other, size, LEAVES[index], proof, ROOTS[size]),
        (index, size, LEAVES[index], (*proof, ROOTS[size]), ROOTS[size]),
        (index, size, LEAVES[index], proof, ROOTS[size - 1]),
        (index, size, LEAVES[index], damaged(proof, data), ROOTS[size]) if proof else None,
        (index, size, LEAVES[index], proof[:-1], ROOTS[size]) if proof else None,
    ):
        if claim is not None:
            with pytest.raises(ProofError):
                verify_inclusion(*claim)


@given(st.integers(2, len(ENTRIES)), st.data())
@quick
def test_a_consistency_proof_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = prove_consistency(old, size, read_node)
    fork = CompactRange().extend([*LEAVES[: old - 1], leaf_hash(b"fork")]).root()
    for claim in (
        (old, fork, size, ROOTS[size], proof),
        (old, ROOTS[old], size, ROOTS[size - 1], proof),
        (old, ROOTS[old], size, ROOTS[size], proof[:-1]),
        (old, ROOTS[old], size, ROOTS[size], (*proof, ROOTS[size])),
        (old, ROOTS[old], size, ROOTS[size], damaged(proof, data)),
        (size, ROOTS[size], old, ROOTS[old], proof),
    ):
        with pytest.raises(ProofError):
            verify_consistency(*claim)


def damaged(proof: tuple[bytes, ...], data: st.DataObject) -> tuple[bytes, ...]:
    at = data.draw(st.integers(0, len(proof) - 1))
    node = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    return (*proof[:at], node, *proof[at + 1 :])


def tile_reader(size: int) -> HashReader:
    tiles = {
        (tile.level, tile.index, tile.width): tile.data
        for tile in TileWriter().append(LEAVES[:size]).tiles
    }
    return HashReader(size, lambda level, index, width: tiles[level, index, width])
