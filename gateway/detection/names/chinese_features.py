"""A text to the feature keys of its characters.

Owns the features of the Chinese model: characters, what is known of them, the segments that rjieba
cuts with their parts of speech, trigger words, and how name-like the next two and three characters
are. Refuses pieces without a Chinese character; a piece ends at punctuation that no name goes over.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import rjieba
from numpy.typing import NDArray

from gateway.detection.names import chinese_characters as characters
from gateway.detection.names.chinese_triggers import Triggers

Array = NDArray[np.uint32]

LONGEST_PIECE: Final = 64
_EDGE: Final = 4
_GAP: Final = "\n" * _EDGE
# Folding makes punctuation narrow, Chinese text has it wide: here both are the same.
_WIDE: Final = str.maketrans(",:;!?()", "，：；！？（）")
_NEVER: Final = -100.0
_FOREIGN_BAND: Final = 4
# The columns of numbers that a text becomes; neighbours here are filled together.
_COLUMNS: Final = "cknbeyztrwpfoushijdg"
_AT: Final = {name: number for number, name in enumerate(_COLUMNS)}
_TAGS: Final = [
    "x",
    "n",
    "nr",
    "ns",
    "nt",
    "nz",
    "v",
    "a",
    "m",
    "q",
    "d",
    "p",
    "c",
    "u",
    "r",
    "t",
    "f",
    "b",
    "i",
    "l",
    "j",
    "vn",
    "an",
    "ad",
    "vd",
    "eng",
    "y",
    "e",
    "o",
    "s",
    "z",
    "zg",
    "g",
    "k",
    "h",
    "nrt",
    "nrfg",
]
_TAG_NUMBERS: Final = {tag: number for number, tag in enumerate(_TAGS, start=1)}
_PRIME: Final = np.uint32(0x9E3779B1)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

# A feature is up to three columns, each with a shift; it is absent where the first column is 0.
_FEATURES: Final = """
z0,s0 z-1,s0 y0,s0,s1 y-1,s0
c-2 c-1 c0 c1 c2 c-1,c0 c0,c1 c-2,c-1 c1,c2 c-1,c1 n0 n-1,n0 n0,n1 n-1,n0,n1 n0,n1,n2
n-2,n-1,n0 k-1,n0,k1 s0 s-1,s0 s0,s1 w0,s0 p0,s0 f0,s0 o0,s0,u0 e-1,n0 e-2,n0 e-3,n0 b1,n0
b2,n0 b3,n0 e-1,b1 e-1,b2 e-2,b1 e-2,b2 b0 e0 y0 y-1 y-2 z0 z-1 y0,z0 y-1,z-1 y0,h0,h3
y-1,h-1,h2 y-2,h-2,h1 z0,h0,h2 z-1,h-1,h1 y-2,c1 z-1,c1 y0,c-1 z0,c-1 y0,e-1 z0,e-1 y-2,b1
z-1,b1 z0,b2 y0,b3 t0 r0,n0 i0,n0 j0,n0 i0,d0,n0 j0,g0,n0
"""


class Piece(NamedTuple):
    """Characters ``start`` to ``end`` of the text number ``text``, and their keys."""

    text: int
    start: int
    end: int
    keys: Array


class ChineseFeatures:
    """Makes keys. Make one, use it for all texts."""

    def __init__(self) -> None:
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

    def pieces(self, texts: Sequence[str]) -> list[Piece]:
        """Return the pieces of the texts that have a Chinese character, in order."""
        joined = (_GAP + _GAP.join(texts) + _GAP).translate(_WIDE).replace("--", "——")
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(codes, characters.BEYOND)
        spans = _spans(self._stop[codes], self._class[codes] == characters.HAN)
        if not len(spans):
            return []
        begins, lengths = spans[:, 0], spans[:, 1] - spans[:, 0]
        ends = np.cumsum(lengths)
        inside = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
        wanted = np.repeat(begins, lengths) + inside
        columns = np.zeros((len(_COLUMNS), len(codes)), np.uint32)
        self._fill(columns, joined, codes)
        _place(columns, codes, spans, wanted, inside)
        keys = self._plan.keys(columns, wanted)
        return _cut(texts, spans.tolist(), ends.tolist(), keys)

    def _fill(self, columns: Array, joined: str, codes: Array) -> None:
        columns[_AT["c"] : _AT["n"] + 1] = self._tables.take(codes, axis=1)
        columns[_AT["b"]], columns[_AT["e"]] = self._triggers.mark(joined)
        self._likeness(columns, codes)
        _segment(columns, joined, codes)

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
        self._salt = np.arange(1, len(features) + 1, dtype=np.uint32) * np.uint32(0x85EBCA6B)

    def keys(self, columns: Array, wanted: NDArray[np.intp]) -> Array:
        """Return the keys of the positions, over (position, feature)."""
        offsets = self._rows * columns.shape[1] + self._shifts
        window = np.zeros((len(wanted), len(offsets) + 1), np.uint32)
        window[:, :-1] = columns.ravel().take(wanted[:, None] + offsets)
        first = window.take(self._first, axis=1)
        keys = first * _PRIME
        keys ^= keys >> np.uint32(16)
        keys += window.take(self._second, axis=1)
        keys *= np.uint32(0xC2B2AE35)
        keys ^= keys >> np.uint32(15)
        keys += window.take(self._third, axis=1)
        keys *= np.uint32(0x27D4EB2F)
        keys += self._salt
        keys ^= keys >> np.uint32(13)
        keys *= np.uint32(0x165667B1)
        keys ^= keys >> np.uint32(16)
        keys *= first != 0
        return np.asarray(keys, np.uint32)


def _cut(texts: Sequence[str], spans: list[list[int]], ends: list[int], keys: Array) -> list[Piece]:
    found = []
    owner, offset, limit, at = 0, _EDGE, _EDGE + len(texts[0]), 0
    for (start, end), last in zip(spans, ends, strict=True):
        while start >= limit:
            owner += 1
            offset = limit + _EDGE
            limit = offset + len(texts[owner])
        found.append(Piece(owner, start - offset, end - offset, keys[at:last]))
        at = last
    return found


def _tagged(joined: str) -> list[tuple[str, str]]:
    try:
        return list(rjieba.tag(joined, True))
    except UnicodeEncodeError:
        # Half a surrogate pair is no character, and rjieba takes characters only.
        return list(rjieba.tag(_SURROGATES.sub("\ufffd", joined), True))


def _segment(columns: Array, joined: str, codes: Array) -> None:
    tagged = _tagged(joined)
    tags = np.array([0, *[_TAG_NUMBERS.get(tag, 0) for _, tag in tagged], 0], np.uint32)
    lengths = np.array([len(word) for word, _ in tagged])
    many = len(lengths)
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(many), lengths)
    inside = np.arange(len(codes)) - starts[owner]
    left = lengths[owner] - inside
    mixed = codes * (_PRIME * (2 * inside.astype(np.uint32) + 1))
    mixed ^= mixed >> np.uint32(15)
    words = np.zeros(many + 2, np.uint32)
    np.add.reduceat(mixed, starts, out=words[1:-1])
    near = np.stack((words[1:-1], words[:-2], words[2:], tags[:-2] + 1, tags[2:] + 1))
    columns[_AT["w"] : _AT["u"] + 1] = near.take(owner, axis=1)
    place = np.minimum(inside, 2) + 3 * np.minimum(left, 3) - 2
    columns[_AT["s"]] = tags[1:-1][owner] * np.uint32(10) + place.astype(np.uint32)
    columns[_AT["h"]] = 1 + (inside == 0)


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
