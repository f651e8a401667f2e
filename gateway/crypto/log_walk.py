"""The walk over an exported log: bundles against leaf hashes, each tile against the one below.

Owns the order of the checks, so that the disagreement reported is the first one met in the
order of the entries. Refuses to judge signatures and roots; `log_verifier` does.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import HASH_SIZE, CompactRange, leaf_hash
from gateway.crypto.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileError,
    entries_path,
    iter_bundle,
    split_hashes,
    subtree_root,
    tile_count,
    tile_path,
    tile_width,
)

Read = Callable[[str], bytes]
Progress = Callable[[int, int], None]
RootCheck = tuple[int, Callable[[bytes], None]]
"""A size, and what to call with the root over that many entries once they are known."""


class LogMismatch(CryptoError):
    """The export contradicts itself, its checkpoint or an earlier one.

    Attributes:
        first_bad_entry: index of the first entry that disagrees; None where none can be named.
        path: the file of the export in which it shows, or which checkpoint.
        what: what disagrees, for a human reader; never an entry's content.
        entries: the entries among which the first disagreement lies, as narrow as is known.
    """

    def __init__(
        self, first_bad_entry: int | None, path: str, what: str, entries: range | None = None
    ) -> None:
        place = path if first_bad_entry is None else f"entry {first_bad_entry} ({path})"
        super().__init__(f"{place}: {what}")
        self.first_bad_entry = first_bad_entry
        self.path = path
        self.what = what
        if entries is None and first_bad_entry is not None:
            entries = range(first_bad_entry, first_bad_entry + 1)
        self.entries = entries


def ignore_progress(done: int, size: int) -> None:
    """Report progress to nobody."""


class LogWalk:
    """One pass over a log of `size` entries, in order; holds one tile of each level."""

    def __init__(self, size: int, read: Read, root_check: RootCheck | None = None) -> None:
        self._size = size
        self._read = read
        self._root_check = root_check
        self._range = CompactRange()
        self._tiles: dict[int, tuple[int, list[bytes]]] = {}

    def run(self, progress: Progress = ignore_progress) -> None:
        """Check every bundle and tile.

        Raises:
            LogMismatch: the first disagreement in the order of the entries.
        """
        for index in range(tile_count(0, self._size)):
            self._check_bundle(index)
            self._check_parents(index)
            progress(self._range.size, self._size)

    def root(self) -> bytes:
        """Root over the entries checked so far."""
        return self._range.root()

    def _check_bundle(self, index: int) -> None:
        hashes = self._tile(0, index)
        first = index * TILE_WIDTH
        path = entries_path(index, len(hashes))
        bundle = self._fetch(path)
        if bundle is None:
            raise LogMismatch(first, path, "the file is missing")
        good, problem = _matching_entries(bundle, hashes)
        self._extend(hashes[:good])
        if problem is not None:
            raise LogMismatch(first + good, path, problem)

    def _extend(self, leaves: list[bytes]) -> None:
        if self._root_check is not None:
            size, check = self._root_check
            here = size - self._range.size
            if here <= len(leaves):
                self._root_check = None
                self._range = self._range.extend(leaves[:here])
                check(self._range.root())
                leaves = leaves[here:]
        self._range = self._range.extend(leaves)

    def _check_parents(self, index: int) -> None:
        level = 0
        while tile_width(level, index, self._size) == TILE_WIDTH:
            parent_index, slot = divmod(index, TILE_WIDTH)
            parent = self._tile(level + 1, parent_index)
            if parent[slot] != subtree_root(self._tile(level, index)):
                raise LogMismatch(
                    None,
                    tile_path(level + 1, parent_index, len(parent)),
                    f"hash {slot} is not the root of {tile_path(level, index)}",
                    self._covered(level, index),
                )
            if slot != TILE_WIDTH - 1:
                return
            level, index = level + 1, parent_index

    def _tile(self, level: int, index: int) -> list[bytes]:
        held = self._tiles.get(level)
        if held is not None and held[0] == index:
            return held[1]
        width = tile_width(level, index, self._size)
        path = tile_path(level, index, width)
        data = self._fetch(path)
        if data is None:
            raise LogMismatch(None, path, "the file is missing", self._covered(level, index))
        if len(data) != width * HASH_SIZE:
            what = f"the tile is not {width} hashes wide"
            raise LogMismatch(None, path, what, self._covered(level, index))
        hashes = split_hashes(data)
        self._tiles[level] = (index, hashes)
        return hashes

    def _covered(self, level: int, index: int) -> range:
        height = TILE_HEIGHT * (level + 1)
        return range(index << height, min((index + 1) << height, self._size))

    def _fetch(self, path: str) -> bytes | None:
        try:
            return self._read(path)
        except (FileNotFoundError, KeyError):
            return None


def _matching_entries(bundle: bytes, hashes: list[bytes]) -> tuple[int, str | None]:
    """Count the entries that agree with their leaf hashes, and say what ends the count."""
    good = 0
    try:
        for entry in iter_bundle(bundle):
            if good == len(hashes):
                return good, "the bundle holds an entry more than there are leaves"
            if leaf_hash(entry) != hashes[good]:
                return good, "the entry does not hash to its leaf"
            good += 1
    except TileError:
        return good, "the bundle ends inside this entry"
    return good, "the entry is missing from its bundle" if good < len(hashes) else None
