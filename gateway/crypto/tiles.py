"""Tile geometry, tile paths and entry bundles (C2SP tlog-tiles, tile height 8).

Owns names, widths and the bundle encoding. Refuses to read or write: `tile_writer` says which
tiles change and `tile_reader` asks for them through a callable. <https://c2sp.org/tlog-tiles>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import HASH_SIZE, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
MAX_ENTRY_SIZE = 0xFFFF
"""Bytes: an entry's length is a uint16 in its bundle."""


class TileError(CryptoError):
    """A tile, bundle, level or width is not one that the log can have."""


class EntryTooLargeError(TileError):
    """An entry is longer than 65,535 bytes and has no place in an entry bundle."""


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Path of a hash tile, for example ``tile/0/x001/x234/067`` or ``tile/1/000.p/17``.

    Raises:
        TileError: the level is above 63, the index negative, or the width not 1 to 256.
    """
    if not 0 <= level <= MAX_LEVEL:
        raise TileError(f"no tile is at level {level}")
    return f"tile/{level}/{_index_path(index, width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Path of an entry bundle, for example ``tile/entries/x001/067.p/8``.

    Raises:
        TileError: the index is negative or the width not 1 to 256.
    """
    return f"tile/entries/{_index_path(index, width)}"


def _index_path(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= TILE_WIDTH:
        raise TileError(f"no tile has index {index} and width {width}")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def tile_width(level: int, index: int, size: int) -> int:
    """Number of hashes of a tile in a tree of `size` leaves: 1 to 256.

    Raises:
        TileError: a tree of that size has no such tile.
    """
    hashes = size >> (TILE_HEIGHT * level)
    width = min(TILE_WIDTH, hashes - index * TILE_WIDTH)
    if level < 0 or index < 0 or width <= 0:
        raise TileError(f"a tree of {size} leaves has no tile {index} at level {level}")
    return width


def tile_count(level: int, size: int) -> int:
    """Number of tiles, full and partial, at a level of a tree of `size` leaves."""
    return -(-(size >> (TILE_HEIGHT * level)) // TILE_WIDTH)


def split_hashes(tile: bytes) -> list[bytes]:
    """Cut a tile's bytes into its 32-byte hashes.

    Raises:
        TileError: the length is not a multiple of 32.
    """
    if len(tile) % HASH_SIZE:
        raise TileError("a tile's length is not a multiple of 32 bytes")
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]


def subtree_root(hashes: list[bytes]) -> bytes:
    """Root of a perfect subtree over 2**k hashes.

    Raises:
        TileError: the number of hashes is not a power of two.
    """
    if len(hashes).bit_count() != 1:
        raise TileError(f"{len(hashes)} hashes are not a perfect subtree")
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def frame_entry(entry: bytes) -> bytes:
    """The entry as it stands in a bundle: its big-endian uint16 length, then its bytes.

    Raises:
        EntryTooLargeError: it is longer than 65,535 bytes.
    """
    if len(entry) > MAX_ENTRY_SIZE:
        raise EntryTooLargeError(f"an entry of {len(entry)} bytes exceeds {MAX_ENTRY_SIZE}")
    return len(entry).to_bytes(2, "big") + entry


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Concatenate framed entries; appending a framed entry to a bundle gives the longer bundle.

    Raises:
        EntryTooLargeError: an entry is longer than 65,535 bytes.
    """
    return b"".join(map(frame_entry, entries))


def iter_bundle(bundle: bytes) -> Iterator[bytes]:
    """Yield a bundle's entries in order, those before a damaged one included.

    Raises:
        TileError: the bundle ends inside an entry.
    """
    at = 0
    while at < len(bundle):
        begin = at + 2
        end = begin + int.from_bytes(bundle[at:begin], "big")
        if end > len(bundle) or begin > len(bundle):
            raise TileError("the bundle ends inside an entry")
        yield bundle[begin:end]
        at = end
