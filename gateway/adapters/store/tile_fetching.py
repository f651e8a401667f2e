"""Proofs over tiles that have to be awaited.

Owns the joining of the pure, synchronous proofs of ``gateway.crypto`` to a store that answers
later: a proof is tried with the tiles at hand, and each tile that it misses is fetched. A proof
touches a few tiles, so it is tried a few times, and hashing again costs microseconds.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Tile = tuple[int, int, int]
"""Level, index, width in hashes."""
_MAX_TILES: Final = 256

T = TypeVar("T")


class _TileMissing(Exception):
    def __init__(self, tile: Tile) -> None:
        super().__init__("a tile is not at hand")
        self.tile = tile


async def with_tiles(
    compute: Callable[[Callable[[int, int, int], bytes]], T],
    fetch: Callable[[int, int, int], Awaitable[bytes]],
) -> T:
    """Return ``compute(tile)``; ``fetch`` is awaited once for every tile that it reads."""
    at_hand: dict[Tile, bytes] = {}

    def tile(level: int, index: int, width: int) -> bytes:
        try:
            return at_hand[level, index, width]
        except KeyError:
            raise _TileMissing((level, index, width)) from None

    while len(at_hand) <= _MAX_TILES:
        try:
            return compute(tile)
        except _TileMissing as missing:
            at_hand[missing.tile] = await fetch(*missing.tile)
    raise RuntimeError("a proof reads more tiles than any tree has")
