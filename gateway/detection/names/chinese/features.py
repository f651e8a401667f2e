"""Clauses to pieces, and the feature keys of their characters.

Owns the pieces: a clause is one, but for marks inside words and for clauses over `LONGEST_PIECE`
characters. Refuses pieces without a Chinese character.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.chinese.clauses import HAN, IN_WORDS, clauses_of
from gateway.detection.names.chinese.columns import Columns, place
from gateway.detection.names.chinese.lexicon import Lexicon
from gateway.detection.names.chinese.matching import Array
from gateway.detection.names.chinese.plan import Plan

LONGEST_PIECE: Final = 64
_MARK: Final = re.compile(f"[{IN_WORDS}]+")
_CHINESE: Final = re.compile(f"[{HAN}]")


class Piece(NamedTuple):
    """Characters ``start`` to ``end`` of the text number ``text``."""

    text: int
    start: int
    end: int


class Positions(NamedTuple):
    """The characters of some pieces of one text, one piece after the other."""

    columns: Array
    wanted: NDArray[np.intp]
    """Where in the text each position stands."""
    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    owners: Sequence[int]
    """The number of the clause that each piece is of."""


class ChineseFeatures:
    """Makes keys. Make one, use it for all texts."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon()
        self._columns = Columns(self.lexicon)
        self._plan = Plan()

    def positions(self, joined: str, clauses: Sequence[tuple[int, int]]) -> Positions:
        """Return the positions of the clauses, each ``joined[start:end]`` and not at an edge."""
        pieces: list[tuple[int, int]] = []
        owners: list[int] = []
        marked = _MARK.search(joined) is not None
        for which, (start, end) in enumerate(clauses):
            if end - start > LONGEST_PIECE or (marked and _MARK.search(joined, start, end)):
                some = list(pieces_of(joined, start, end))
                pieces += some
                owners += [which] * len(some)
            else:
                pieces.append((start, end))
                owners.append(which)
        starts, ends = np.array(pieces).T
        columns, codes = self._columns.of(joined)
        wanted = place(columns, codes, starts, ends - starts)
        return Positions(columns, wanted, starts, ends - starts, owners)

    def keys(self, positions: Positions, first: int, last: int) -> Array:
        """Return the keys of some of the positions, over (feature, position)."""
        return self._plan.keys(positions.columns, positions.wanted[first:last])

    def pieces(self, texts: Sequence[str]) -> Iterator[tuple[Piece, Array]]:
        """Yield each piece with its keys, over (character, feature). For training."""
        joined, clauses = clauses_of(texts)
        if not clauses:
            return
        positions = self.positions(joined, [(start, end) for _, _, start, end in clauses])
        keys = self.keys(positions, 0, len(positions.wanted)).T
        at = 0
        for owner, first, length in zip(
            positions.owners, positions.starts.tolist(), positions.lengths.tolist(), strict=True
        ):
            text, offset, *_ = clauses[owner]
            yield Piece(text, first - offset, first - offset + length), keys[at : at + length]
            at += length


def pieces_of(joined: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the extents of the pieces of a clause."""
    for first, last in _unmarked(joined, start, end):
        for at in range(first, last, LONGEST_PIECE):
            yield at, min(at + LONGEST_PIECE, last)


def _unmarked(joined: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for mark in _MARK.finditer(joined, start, end):
        if _CHINESE.search(joined, start, mark.start()):
            yield start, mark.start()
        start = mark.end()
    if _CHINESE.search(joined, start, end):
        yield start, end
