"""A text to columns of numbers: what is known of each character before features are made of it.

Owns the columns: the character, its class and how name-like it is, trigger words and known words,
how name-like the next two and three characters are, runs of characters that write foreign names,
the segments around. Refuses to know which positions are asked about, but for the last columns: the
place in the piece.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.chinese import characters
from gateway.detection.names.chinese.lexicon import Lexicon
from gateway.detection.names.chinese.matching import BEYOND, Array, codes_of, pairs_of
from gateway.detection.names.chinese.plan import AT, COLUMNS
from gateway.detection.names.chinese.segments import segments
from gateway.detection.names.chinese.triggers import Triggers

_NEVER: Final = -1e5
_NO_NAME: Final = -1e6
_HARDLY: Final = -1e4
_FOREIGN_BAND: Final = 4


class Columns:
    """Makes columns. Make one, use it for all texts."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        class_ = characters.classes()
        odds = characters.log_odds()
        self._odds = np.stack(
            [odds[name] for name in ("surname", "first", "last", "foreign", "single")]
        )
        # But for foreign names, where the middle one counts, all of a name are Chinese characters.
        self._odds[np.ix_([0, 1, 2, 4], class_ != characters.HAN)] = _NO_NAME
        band = {name: _banded(values) for name, values in odds.items()}
        self._foreign = (band["foreign"] >= _FOREIGN_BAND) & (class_ == characters.HAN)
        known = (
            1
            + band["surname"] // 2
            + 5 * (band["first"] // 2)
            + 25 * (band["last"] // 2)
            + 125 * (band["foreign"] // 2)
        ).astype(np.uint32)
        known[class_ != characters.HAN] = 0
        shown = np.arange(BEYOND + 1, dtype=np.uint32)
        for one in (characters.DIGIT, characters.LOWER, characters.UPPER):
            shown[class_ == one] = one
        self._tables = np.stack((shown, class_, known))
        self._triggers = Triggers()

    def of(self, joined: str) -> tuple[Array, Array]:
        """Return the columns, over (column, character), the last left 0, and the code points."""
        codes = codes_of(joined)
        pairs = pairs_of(codes)
        columns = np.zeros((len(COLUMNS), len(codes)), np.uint32)
        columns[AT["c"] : AT["n"] + 1] = self._tables.take(codes, axis=1)
        columns[AT["b"]], columns[AT["e"]] = self._triggers.mark(joined, codes, pairs)
        columns[AT["l"]] = self._lexicon.mark(joined, pairs)
        self._likeness(columns, codes)
        about, columns[AT["s"]], columns[AT["h"]] = segments(joined, codes)
        columns[AT["w"] : AT["u"] + 1] = about
        return columns, codes

    def _likeness(self, columns: Array, codes: Array) -> None:
        size = len(codes)
        odds = np.full((3, size), _NEVER, np.float32)
        known = self._odds.take(codes, axis=1)
        two, three = odds[0, :-1], odds[1:, :-2]
        np.add(known[0, :-1], known[4, 1:], out=two)
        # A surname with two characters behind it, and three of a foreign name, in one go.
        np.add(known[0:4:3, :-2], known[1:4:2, 1:-1], out=three)
        three += known[2:4, 2:]
        odds /= 1.25
        odds += 9.0
        may = odds > _HARDLY
        np.clip(odds, 1.0, 16.0, out=odds)
        rows = odds.astype(np.uint32)
        rows *= may
        columns[AT["z"] : AT["y"] + 1] = rows[:2]
        np.multiply(rows[2, :-1], columns[AT["k"], 1:] == characters.HAN, out=columns[AT["t"], 1:])
        columns[AT["r"]] = _runs(self._foreign.take(codes))


def place(
    columns: Array, codes: Array, starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Fill how far a piece's start and end are, and what stands beyond; return the positions."""
    of_pieces = np.array((starts - lengths.cumsum() + lengths, starts - 1, starts + lengths))
    of_pieces = of_pieces.repeat(lengths, axis=1)
    wanted: NDArray[np.intp] = of_pieces[0] + np.arange(of_pieces.shape[1])
    before, behind = of_pieces[1:]
    columns[AT["d"] : AT["g"] + 1, wanted] = codes.take(of_pieces[1:])
    columns[AT["i"], wanted] = np.minimum(wanted - before, 5)
    columns[AT["j"], wanted] = np.minimum(behind - wanted, 5)
    return wanted


def _banded(odds: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return 0 to 9; 5 is where a name is as likely as any text."""
    bands: NDArray[np.int64] = np.clip(np.floor(odds + 5.0), 0, 9).astype(np.int64)
    return bands


def _runs(inside: NDArray[np.bool_]) -> Array:
    """Return, within runs of True, the position from either end and so the length, up to 4 each.

    A run does not go to the edge of the text.
    """
    numbers = np.arange(len(inside), dtype=np.uint32)
    outside = numbers * ~inside
    before = np.minimum(numbers - np.maximum.accumulate(outside), 5)
    outside[inside] = len(inside)
    before *= 6
    before += np.minimum(np.minimum.accumulate(outside[::-1])[::-1] - numbers, 5)
    return before
