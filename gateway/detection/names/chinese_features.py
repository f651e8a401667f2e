"""A text to the feature keys of its characters.

Owns the features of the Chinese model: characters, what is known of them, the segments that rjieba
cuts with their parts of speech, trigger words, and how name-like the next two and three characters
are. Refuses pieces without a Chinese character; a piece ends at punctuation that no name goes over.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names import chinese_characters as characters
from gateway.detection.names.chinese_lexicon import Lexicon
from gateway.detection.names.chinese_segments import segment
from gateway.detection.names.chinese_triggers import Triggers

Array = NDArray[np.uint32]

LONGEST_PIECE: Final = 64
_EDGE: Final = 4
_POSITIONS_AT_ONCE: Final = 2048
_GAP: Final = "\n" * _EDGE
# Folding makes punctuation narrow, Chinese text has it wide: here both are the same.
_WIDE: Final = str.maketrans(",:;!?()", "，：；！？（）")
_NEVER: Final = -100.0
_FOREIGN_BAND: Final = 4
# The columns of numbers that a text becomes; neighbours here are filled together.
_COLUMNS: Final = "cknbeyztrwpfoushijdgl"
_AT: Final = {name: number for number, name in enumerate(_COLUMNS)}
_PRIME: Final = np.uint32(0x9E3779B1)

# A feature is up to three columns, each with a shift; it is absent where the first column is 0.
_FEATURES: Final = """
z0,s0 z-1,s0 y0,s0,s1 y-1,s0
c-2 c-1 c0 c1 c2 c-1,c0 c0,c1 c-2,c-1 c1,c2 c-1,c1 n0 n-1,n0 n0,n1 n-1,n0,n1 n0,n1,n2
n-2,n-1,n0 k-1,n0,k1 s0 s-1,s0 s0,s1 w0,s0 p0,s0 f0,s0 o0,s0,u0 e-1,n0 e-2,n0 e-3,n0 b1,n0
b2,n0 b3,n0 e-1,b1 e-1,b2 e-2,b1 e-2,b2 b0 e0 y0 y-1 y-2 z0 z-1 y0,z0 y-1,z-1 y0,h0,h3
y-1,h-1,h2 y-2,h-2,h1 z0,h0,h2 z-1,h-1,h1 y-2,c1 z-1,c1 y0,c-1 z0,c-1 y0,e-1 z0,e-1 y-2,b1
z-1,b1 z0,b2 y0,b3 t0 r0,n0 i0,n0 j0,n0 i0,d0,n0 j0,g0,n0
l0 l0,s0 l0,n0 l-1,l0 l0,y0 l0,b1
"""


class Piece(NamedTuple):
    """Characters ``start`` to ``end`` of the text number ``text``."""

    text: int
    start: int
    end: int


class Pieces(NamedTuple):
    """Pieces in order, and the keys of all their characters, over (feature, character)."""

    pieces: list[Piece]
    keys: Array

    def rows(self) -> Iterator[tuple[Piece, Array]]:
        """Yield each piece with its keys, over (character, feature)."""
        at = 0
        for piece in self.pieces:
            last = at + piece.end - piece.start
            yield piece, self.keys[:, at:last].T
            at = last


class ChineseFeatures:
    """Makes keys. Make one, use it for all texts."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon()
        self._class = characters.classes()
        odds = characters.log_odds()
        self._odds = np.stack([odds[name] for name in characters.COLUMNS[:-1]])
        band = {name: _banded(values) for name, values in odds.items()}
        self._foreign = (band["foreign"] >= _FOREIGN_BAND) & (self._class == characters.HAN)
        known = (
            1
            + band["surname"] // 2
            + 5 * (band["first"] // 2)
            + 25 * (band["last"] // 2)
            + 125 * (band["foreign"] // 2)
        ).astype(np.uint32)
        known[self._class != characters.HAN] = 0
        self._stop = np.isin(self._class, characters.STOPS)
        shown = np.arange(characters.BEYOND + 1, dtype=np.uint32)
        for class_ in (characters.DIGIT, characters.LOWER, characters.UPPER):
            shown[self._class == class_] = class_
        self._tables = np.stack((shown, self._class, known))
        self._triggers = Triggers()
        self._plan = _Plan()

    def pieces(self, texts: Sequence[str]) -> Pieces:
        """Return the pieces of the texts that have a Chinese character, in order."""
        joined = (_GAP + _GAP.join(texts) + _GAP).translate(_WIDE).replace("--", "——")
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(codes, characters.BEYOND)
        spans = _spans(self._stop[codes], self._class[codes] == characters.HAN)
        if not len(spans):
            return Pieces([], np.zeros((0, 0), np.uint32))
        begins, lengths = spans[:, 0], spans[:, 1] - spans[:, 0]
        ends = np.cumsum(lengths)
        inside = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
        wanted = np.repeat(begins, lengths) + inside
        columns = np.zeros((len(_COLUMNS), len(codes)), np.uint32)
        self._fill(columns, joined, codes)
        _place(columns, codes, spans, wanted, inside)
        return Pieces(_cut(texts, spans.tolist()), self._plan.keys(columns, wanted))

    def _fill(self, columns: Array, joined: str, codes: Array) -> None:
        columns[_AT["c"] : _AT["n"] + 1] = self._tables.take(codes, axis=1)
        columns[_AT["b"]], columns[_AT["e"]] = self._triggers.mark(joined)
        columns[_AT["l"]] = self.lexicon.mark(joined)
        self._likeness(columns, codes)
        about, columns[_AT["s"]], columns[_AT["h"]] = segment(joined, codes)
        columns[_AT["w"] : _AT["u"] + 1] = about

    def _likeness(self, columns: Array, codes: Array) -> None:
        surname, first, last, single, foreign = self._odds.take(codes, axis=1)
        han = columns[_AT["k"]] == characters.HAN
        odds = np.full((3, len(codes)), _NEVER, np.float32)
        np.add(surname[:-1], single[1:], out=odds[1, :-1])
        np.add(surname[:-2], first[1:-1], out=odds[0, :-2])
        odds[0, :-2] += last[2:]
        np.add(foreign[:-2], foreign[1:-1], out=odds[2, 1:-1])
        odds[2, 1:-1] += foreign[2:]
        odds /= 1.25
        odds += 9.0
        np.clip(odds, 1.0, 16.0, out=odds)
        rows = odds.astype(np.uint32)
        rows *= han
        rows[:2, :-1] *= han[1:]
        rows[0, :-2] *= han[2:]
        columns[_AT["y"] : _AT["t"] + 1] = rows
        columns[_AT["r"]] = _runs(self._foreign[codes])


class _Plan:
    """Which columns with which shifts make the features."""

    def __init__(self) -> None:
        features = [feature.split(",") for feature in _FEATURES.split()]
        used = sorted({part for feature in features for part in feature})
        at = {part: number for number, part in enumerate(used)}
        self._rows = np.array([_AT[part[0]] for part in used])
        self._shifts = np.array([int(part[1:]) for part in used])
        # A column that is 0 everywhere stands in for the second and third of a shorter feature.
        padded = [
            [at[part] for part in feature] + [len(used)] * (3 - len(feature))
            for feature in features
        ]
        self._first, self._second, self._third = np.array(padded).T.copy()
        self._salt = np.arange(1, len(features) + 1, dtype=np.uint32)[:, None]
        self._salt *= np.uint32(0x85EBCA6B)

    def keys(self, columns: Array, wanted: NDArray[np.intp]) -> Array:
        """Return the keys of the positions, over (feature, position)."""
        keys = np.empty((len(self._first), len(wanted)), np.uint32)
        # Parts stay in the processor's cache.
        for at in range(0, len(wanted), _POSITIONS_AT_ONCE):
            part = wanted[at : at + _POSITIONS_AT_ONCE]
            keys[:, at : at + len(part)] = self._part(columns, part)
        return keys

    def _part(self, columns: Array, wanted: NDArray[np.intp]) -> Array:
        offsets = self._rows * columns.shape[1] + self._shifts
        window = np.zeros((len(offsets) + 1, len(wanted)), np.uint32)
        columns.ravel().take(offsets[:, None] + wanted, out=window[:-1], mode="clip")
        first = window.take(self._first, axis=0)
        keys = first * _PRIME
        keys ^= keys >> np.uint32(16)
        keys += window.take(self._second, axis=0)
        keys *= np.uint32(0xC2B2AE35)
        keys ^= keys >> np.uint32(15)
        keys += window.take(self._third, axis=0)
        keys *= np.uint32(0x27D4EB2F)
        keys += self._salt
        keys ^= keys >> np.uint32(13)
        keys *= np.uint32(0x165667B1)
        keys ^= keys >> np.uint32(16)
        keys *= first != 0
        return np.asarray(keys, np.uint32)


def _cut(texts: Sequence[str], spans: list[list[int]]) -> list[Piece]:
    found = []
    owner, offset, limit = 0, _EDGE, _EDGE + len(texts[0])
    for start, end in spans:
        while start >= limit:
            owner += 1
            offset = limit + _EDGE
            limit = offset + len(texts[owner])
        found.append(Piece(owner, start - offset, end - offset))
    return found


def _place(
    columns: Array,
    codes: Array,
    spans: NDArray[np.intp],
    wanted: NDArray[np.intp],
    inside: NDArray[np.intp],
) -> None:
    """Fill how far a piece's start and end are, and what stands beyond them."""
    lengths = spans[:, 1] - spans[:, 0]
    columns[_AT["i"], wanted] = np.minimum(inside, 4) + 1
    columns[_AT["j"], wanted] = np.minimum(np.repeat(lengths, lengths) - inside, 5)
    columns[_AT["d"], wanted] = np.repeat(codes[spans[:, 0] - 1], lengths)
    columns[_AT["g"], wanted] = np.repeat(codes[spans[:, 1]], lengths)


def _spans(stops: NDArray[np.bool_], han: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return starts and ends of the stretches between stops that have a Chinese character."""
    edges = np.flatnonzero(np.diff(stops)) + 1
    starts, ends = edges[0::2], edges[1::2]
    counts = np.concatenate(([0], np.cumsum(han)))
    chinese = counts[ends] > counts[starts]
    starts, ends = starts[chinese], ends[chinese]
    if len(starts) and int((ends - starts).max()) > LONGEST_PIECE:
        cut = [
            (at, min(at + LONGEST_PIECE, end))
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            for at in range(start, end, LONGEST_PIECE)
        ]
        return np.array(cut)
    return np.stack((starts, ends), axis=1)


def _banded(odds: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return 0 to 9; 5 is where a name is as likely as any text."""
    bands: NDArray[np.int64] = np.clip(np.floor(odds + 5.0), 0, 9).astype(np.int64)
    return bands


def _runs(inside: NDArray[np.bool_]) -> Array:
    """Return, within runs of True, the position from either end and so the length, up to 4 each."""
    numbers = np.arange(len(inside))
    outside = np.where(inside, -1, numbers)
    before = numbers - np.maximum.accumulate(outside)
    after = np.minimum.accumulate(np.where(inside, len(inside), numbers)[::-1])[::-1] - numbers
    return np.where(inside, np.minimum(before, 5) * 6 + np.minimum(after, 5), 0).astype(np.uint32)
