"""Which tiles change when leaves are appended (C2SP tlog-tiles).

Owns the right-most partial tile of each level and nothing else, so a writer is restored from
those few kilobytes. Refuses to store: it hands back the new or changed tiles for the caller to
write in the transaction that appends the entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.crypto.merkle import HASH_SIZE
from gateway.crypto.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileError,
    split_hashes,
    subtree_root,
    tile_path,
)

_TILE_BYTES = TILE_WIDTH * HASH_SIZE


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is to be stored: `data` is 1 to 256 hashes of 32 bytes."""

    level: int
    index: int
    data: bytes

    @property
    def width(self) -> int:
        """Number of hashes."""
        return len(self.data) // HASH_SIZE

    @property
    def path(self) -> str:
        """Its tlog-tiles path, partial suffix included."""
        return tile_path(self.level, self.index, self.width)


class Appended(NamedTuple):
    """The writer after an append, and the tiles to store: level by level, in index order."""

    writer: TileWriter
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class TileWriter:
    """A log's size and, from level 0 up, the bytes of each level's partial tile (b"" for none).

    Frozen, so that a batch which fails to commit leaves the writer before it as it was.

    Raises:
        TileError: a partial does not have the width that `size` demands, or a level is missing.
    """

    size: int = 0
    partials: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if self.size < 0:
            raise TileError("a log size is not negative")
        if tuple(map(len, self.partials)) != tuple(
            w * HASH_SIZE for w in partial_widths(self.size)
        ):
            raise TileError(f"the partial tiles are not those of a log of {self.size} entries")

    def append(self, leaf_hashes: Sequence[bytes]) -> Appended:
        """Append 32-byte leaf hashes.

        Raises:
            TileError: a leaf hash is not 32 bytes.
        """
        if any(len(leaf) != HASH_SIZE for leaf in leaf_hashes):
            raise TileError("a leaf hash is not 32 bytes")
        size = self.size + len(leaf_hashes)
        partials: list[bytes] = []
        tiles: list[Tile] = []
        fresh = b"".join(leaf_hashes)
        for level in range(len(partial_widths(size))):
            changed, rest = self._append_level(level, fresh)
            tiles += changed
            partials.append(rest)
            fresh = b"".join(
                subtree_root(split_hashes(tile.data))
                for tile in changed
                if tile.width == TILE_WIDTH
            )
        return Appended(TileWriter(size, tuple(partials)), tuple(tiles))

    def _append_level(self, level: int, fresh: bytes) -> tuple[list[Tile], bytes]:
        data = self.partials[level] if level < len(self.partials) else b""
        if not fresh:
            return [], data
        data += fresh
        first = self.size >> (TILE_HEIGHT * (level + 1))
        tiles = [
            Tile(level, first + number, data[at : at + _TILE_BYTES])
            for number, at in enumerate(range(0, len(data), _TILE_BYTES))
        ]
        return tiles, data[len(data) - len(data) % _TILE_BYTES :]


def partial_widths(size: int) -> tuple[int, ...]:
    """Width of each level's partial tile (0 for none) in a log of `size` entries, level 0 first."""
    widths = []
    while size:
        widths.append(size % TILE_WIDTH)
        size >>= TILE_HEIGHT
    return tuple(widths)
