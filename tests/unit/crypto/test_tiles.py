"""Tiles, bundles, the writer and the reader at their limits."""

import pytest

from gateway.crypto.merkle import HASH_SIZE, CompactRange, leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion, verify_inclusion
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tile_writer import Tile, TileWriter
from gateway.crypto.tiles import (
    EntryTooLargeError,
    TileError,
    encode_bundle,
    entries_path,
    frame_entry,
    iter_bundle,
    split_hashes,
    subtree_root,
    tile_path,
    tile_width,
)

LEAVES = [leaf_hash(b"%d" % number) for number in range(600)]


@pytest.mark.parametrize(
    ("index", "path"),
    [(0, "000"), (67, "067"), (999, "999"), (1000, "x001/000"), (1067, "x001/067")],
)
def test_indices_in_paths(index: int, path: str) -> None:
    assert tile_path(3, index) == f"tile/3/{path}"
    assert entries_path(index, 1) == f"tile/entries/{path}.p/1"


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_paths_of_no_tile(level: int, index: int, width: int) -> None:
    with pytest.raises(TileError):
        tile_path(level, index, width)


@pytest.mark.parametrize(("level", "index", "size"), [(0, 0, 0), (0, 1, 256), (1, 0, 255)])
def test_widths_of_no_tile(level: int, index: int, size: int) -> None:
    with pytest.raises(TileError):
        tile_width(level, index, size)


def test_the_longest_entry_fits_and_the_next_does_not() -> None:
    longest = b"x" * 65_535
    assert list(iter_bundle(frame_entry(longest))) == [longest]
    with pytest.raises(EntryTooLargeError):
        encode_bundle([b"fine", longest + b"x"])


def test_a_bundle_grows_by_appending() -> None:
    assert encode_bundle([b"a", b""]) + frame_entry(b"b") == encode_bundle([b"a", b"", b"b"])


@pytest.mark.parametrize("damage", [b"\x00", b"\x00\x02x"])
def test_a_damaged_bundle_yields_what_precedes_the_damage(damage: bytes) -> None:
    entries = iter_bundle(frame_entry(b"good") + damage)
    assert next(entries) == b"good"
    with pytest.raises(TileError):
        next(entries)


def test_an_append_yields_new_and_changed_tiles_only() -> None:
    writer, tiles = TileWriter().append(LEAVES[:255])
    assert [tile.path for tile in tiles] == ["tile/0/000.p/255"]
    writer, tiles = writer.append(LEAVES[255:257])
    assert [tile.path for tile in tiles] == ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]
    writer, tiles = writer.append(LEAVES[257:258])
    assert [tile.path for tile in tiles] == ["tile/0/001.p/2"]
    assert tiles[0].data == b"".join(LEAVES[256:258])
    assert writer.append([]) == (writer, ())


def test_a_third_level_begins_at_65536_entries() -> None:
    leaves = LEAVES[:256] * 256
    writer, tiles = TileWriter().append(leaves)
    assert [tile.path for tile in tiles[-2:]] == ["tile/1/000", "tile/2/000.p/1"]
    assert tiles[-1].data == CompactRange().extend(leaves).root()
    store = {(tile.level, tile.index): tile.data for tile in tiles}
    reader = HashReader(writer.size, lambda level, index, _: store[level, index])
    proof = prove_inclusion(40_000, writer.size, reader)
    verify_inclusion(40_000, writer.size, leaves[40_000], proof, tiles[-1].data)


@pytest.mark.parametrize(
    ("size", "partials"),
    [
        (-1, ()),
        (0, (b"",)),
        (1, ()),
        (2, (LEAVES[0],)),
        (256, (b"",)),
        (256, (b"", b"", b"")),
        (1, (LEAVES[0][:31],)),
    ],
)
def test_writers_that_cannot_be(size: int, partials: tuple[bytes, ...]) -> None:
    with pytest.raises(TileError):
        TileWriter(size, partials)


def test_a_leaf_hash_has_one_length() -> None:
    with pytest.raises(TileError):
        TileWriter().append([bytes(HASH_SIZE), bytes(31)])


def test_a_tile_knows_its_width() -> None:
    assert Tile(1, 2, bytes(96)).width == 3


def test_a_reader_asks_for_each_tile_once_and_with_its_width() -> None:
    store = {(t.level, t.index, t.width): t.data for t in TileWriter().append(LEAVES).tiles}
    asked: list[tuple[int, int, int]] = []

    def read_tile(level: int, index: int, width: int) -> bytes:
        asked.append((level, index, width))
        return store[level, index, width]

    proof = prove_inclusion(5, 600, HashReader(600, read_tile))
    root = CompactRange().extend(LEAVES).root()
    verify_inclusion(5, 600, LEAVES[5], proof, root)
    assert sorted(asked) == [(0, 0, 256), (0, 2, 88), (1, 0, 2)]


@pytest.mark.parametrize(("level", "index"), [(0, 3), (2, 0), (1, 1), (-1, 0), (0, -1)])
def test_nodes_outside_the_log(level: int, index: int) -> None:
    reader = HashReader(3, lambda *_: b"".join(LEAVES[:3]))
    with pytest.raises(TileError):
        reader(level, index)


def test_a_tile_of_another_width_is_refused() -> None:
    with pytest.raises(TileError):
        HashReader(3, lambda *_: b"".join(LEAVES[:2]))(0, 0)


def test_pieces_of_hashes_are_refused() -> None:
    with pytest.raises(TileError):
        split_hashes(bytes(33))
    with pytest.raises(TileError):
        subtree_root(LEAVES[:3])
    with pytest.raises(TileError):
        subtree_root([])
