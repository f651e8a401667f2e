"""Tree nodes out of tiles, for proofs (C2SP tlog-tiles).

Owns the mapping from a node of the tree to hashes of one tile. Refuses to trust a tile: what it
returns is worth as much as the proof built from it, which is checked against a signed root.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.crypto.merkle import HASH_SIZE
from gateway.crypto.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileError,
    split_hashes,
    subtree_root,
    tile_width,
)

ReadTile = Callable[[int, int, int], bytes]
"""(level, index, width) to the tile's bytes: exactly `width` * 32 of them."""


class HashReader:
    """A `NodeReader` over the tiles of a log of `size` entries; keeps each tile it has read.

    Meant for one request: its memory is the tiles that the proofs touched, about one a level.
    """

    def __init__(self, size: int, read_tile: ReadTile) -> None:
        self._size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the perfect subtree at (level, index), 32 bytes.

        Raises:
            TileError: the log has no such subtree, or a tile has the wrong length.
        """
        if level < 0 or index < 0 or (index + 1) << level > self._size:
            raise TileError(f"no node ({level}, {index}) in a log of {self._size} entries")
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, first = divmod(index << height, TILE_WIDTH)
        hashes = self._tile(tile_level, tile_index)
        return subtree_root(hashes[first : first + (1 << height)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        tile = self._tiles.get((level, index))
        if tile is None:
            width = tile_width(level, index, self._size)
            data = self._read_tile(level, index, width)
            if len(data) != width * HASH_SIZE:
                raise TileError(f"tile {index} at level {level} is not {width} hashes wide")
            tile = self._tiles[level, index] = split_hashes(data)
        return tile
