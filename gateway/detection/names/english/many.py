"""The features of many words at once: the same keys as ``features.word`` gives, as columns.

Owns the arithmetic: a checksum over some bytes that starts from another value differs only by a
number which depends on that value and how many bytes there are, so one checksum of each part of a
word serves all its features. Refuses to be a second definition: a test holds it to ``word``.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.english.classes import (
    ALL_CAPS,
    CAPS,
    CLASSES,
    caps_of,
    class_of,
    coarse_of,
    touch_of,
)
from gateway.detection.names.english.features import FAR, NEAR, OWN, WIDTHS, is_pinyin, start_of

Keys = NDArray[np.uint32]
Ints = NDArray[np.int64]
_LONGEST = 96
_GRAMS = 7
_ROLES = (("-1", "+1"), ("-2", "+2"))
_FULL = np.uint32(0xFFFFFFFF)


class _Words(NamedTuple):
    """Columns over the words."""

    bytes: NDArray[np.uint8]
    whole: Keys
    """The checksum of the whole folded word."""
    sizes: Ints
    caps: Ints
    flags: Ints
    classes: Ints
    pinyin: Ints
    edges: Keys
    """The checksum of the form, or of its side that touches, for each role of a neighbour."""
    edge_sizes: Ints


def words(
    forms: Sequence[tuple[str, bool]], folded: Sequence[str], flags: Sequence[int]
) -> tuple[Ints, Keys]:
    """Return the numbers of the words (``Word`` without its keys) and their keys, a row a word."""
    as_bytes = [one.encode("utf-8") for one in folded]
    if max(map(len, as_bytes), default=0) > _LONGEST:
        raise ValueError("a word is longer than the tokens can be")
    caps = [caps_of(form, cased=cased) for form, cased in forms]
    classes = [
        class_of(form, fold, cap, flag)
        for (form, _), fold, cap, flag in zip(forms, folded, caps, flags, strict=True)
    ]
    seen = _words(forms, as_bytes, caps, classes, flags)
    numbers = np.stack(
        [
            seen.classes,
            _coarse()[seen.classes],
            np.minimum(seen.caps, len(CAPS)),
            np.array([touch_of(form) for form, _ in forms], np.int64),
            (seen.whole ^ _behind("h")[seen.sizes]).astype(np.int64),
        ],
        axis=1,
    )
    keys = np.zeros((len(forms), sum(WIDTHS)), np.uint32)
    _own(seen, keys[:, :OWN])
    at = OWN
    for number, role in enumerate(_ROLES[0]):
        _near(role, number, seen, keys[:, at : at + NEAR])
        at += NEAR
    for role in _ROLES[1]:
        _far(role, seen, keys[:, at : at + FAR])
        at += FAR
    return numbers, keys


def _words(
    forms: Sequence[tuple[str, bool]],
    folded: Sequence[bytes],
    caps: Sequence[str],
    classes: Sequence[int],
    flags: Sequence[int],
) -> _Words:
    edges = [
        (form[-2:].encode("utf-8"), form[:2].encode("utf-8"))
        if cap == "z"
        else (form.encode("utf-8"),) * 2
        for (form, _), cap in zip(forms, caps, strict=True)
    ]
    sizes = np.array([len(one) for one in folded], np.int64)
    matrix = np.array(folded, f"S{_LONGEST}").view(np.uint8).reshape(len(folded), _LONGEST)
    return _Words(
        matrix,
        np.array([crc32(one) for one in folded], np.uint32),
        sizes,
        np.array([ALL_CAPS.index(one) for one in caps], np.int64),
        np.array(flags, np.int64),
        np.array(classes, np.int64),
        np.array([is_pinyin(one) for one in folded], np.int64),
        np.array([[crc32(a), crc32(b)] for a, b in edges], np.uint32),
        np.array([[len(a), len(b)] for a, b in edges], np.int64),
    )


def _own(seen: _Words, out: Keys) -> None:
    caps, sizes = seen.caps, seen.sizes
    out[:, 0] = seen.whole ^ _behind("w")[sizes]
    out[:, 1] = _starts("c{}", CLASSES)[seen.classes]
    out[:, 2] = _by_caps("k{0}")[caps]
    out[:, 3] = seen.whole ^ _behind_by_caps("w{}")[caps, sizes]
    rows = np.flatnonzero(np.isin(caps, _LETTERED))
    if not len(rows):
        return
    caps, sizes, flags = caps[rows], sizes[rows], seen.flags[rows]
    first, last, common = flags & 3, flags >> 2 & 3, flags >> 4 & 3
    own = out[rows]
    own[:, 4] = _by_caps("x{1}|{0}", 256)[flags, caps]
    own[:, 5] = _by_caps("fl{1}{2}|{0}", 4, 4)[first, last, caps]
    own[:, 6] = _by_caps("fw{1}{2}|{0}", 4, 4)[first, common, caps]
    own[:, 7] = _by_caps("lw{1}{2}|{0}", 4, 4)[last, common, caps]
    own[:, 8] = _by_caps("n{1}|{0}", 13)[np.minimum(sizes, 12), caps]
    own[:, 9] = _pinyin_table()[seen.pinyin[rows], common, caps]
    matrix = seen.bytes[rows]
    own[:, 10] = _checksum([matrix[:, 0]]) ^ _behind("p1")[1]
    own[:, 11] = _checksum(_tail(matrix, sizes, 1)) ^ _behind("s1")[1]
    known = (common > 0).astype(np.int64)
    for cut in (2, 3, 4):
        at, longer = 12 + 4 * (cut - 2), sizes > cut
        head = _checksum([matrix[:, place] for place in range(cut)])
        tail = _checksum(_tail(matrix, sizes, cut))
        own[:, at] = (head ^ _behind("p")[cut]) * longer
        own[:, at + 1] = (tail ^ _behind("s")[cut]) * longer
        own[:, at + 2] = (head ^ _known("p", cut)[known, caps]) * longer
        own[:, at + 3] = (tail ^ _known("s", cut)[known, caps]) * longer
    own[:, 24 : 24 + _GRAMS] = _grams(matrix, sizes) * (common == 0)[:, None]
    out[rows] = own


def _grams(matrix: NDArray[np.uint8], sizes: Ints) -> Keys:
    padded = np.zeros((len(matrix), 14), np.uint8)
    padded[:, 0] = ord("^")
    padded[:, 1:13] = matrix[:, :12]
    padded[np.arange(len(matrix)), np.minimum(sizes, 12) + 1] = ord("$")
    grams = [
        (_checksum([padded[:, at], padded[:, at + 1], padded[:, at + 2]]) ^ _behind("g")[3])
        * (sizes > at)
        for at in range(_GRAMS)
    ]
    return np.stack(grams, axis=1)


def _near(role: str, number: int, seen: _Words, out: Keys) -> None:
    caps, sizes = seen.caps, seen.sizes
    three = np.minimum(sizes, 3)
    short = sizes < 3
    tail = np.where(short, seen.whole, _checksum(_tail(seen.bytes, sizes, 3)))
    head = np.where(short, seen.whole, _checksum([seen.bytes[:, at] for at in range(3)]))
    out[:, 0] = seen.whole ^ _behind(f"{role}w")[sizes]
    out[:, 1] = _starts(role + "c{}", CLASSES)[seen.classes]
    out[:, 2] = _by_caps(role + "k{0}")[caps]
    out[:, 3] = _by_caps(role + "x{1}|{0}", 256)[seen.flags, caps]
    out[:, 4] = tail ^ _behind_by_caps(role + "s{}")[caps, three]
    out[:, 5] = head ^ _behind(f"{role}p")[three]
    out[:, 6] = seen.edges[:, number] ^ _behind(f"{role}e")[seen.edge_sizes[:, number]]


def _far(role: str, seen: _Words, out: Keys) -> None:
    out[:, 0] = seen.whole ^ _behind(f"{role}w")[seen.sizes]
    out[:, 1] = _starts(role + "c{}", CLASSES)[seen.classes]
    out[:, 2] = _by_caps(role + "k{0}{1}", 4)[seen.flags >> 4 & 3, seen.caps]


def _tail(matrix: NDArray[np.uint8], sizes: Ints, cut: int) -> list[NDArray[np.uint8]]:
    rows, first = np.arange(len(matrix)), np.maximum(sizes - cut, 0)
    return [matrix[rows, first + place] for place in range(cut)]


def _checksum(columns: Sequence[NDArray[np.uint8]]) -> Keys:
    state = np.full(len(columns[0]), _FULL, np.uint32)
    for column in columns:
        state = _bytes_table()[(state ^ column) & 0xFF] ^ (state >> np.uint32(8))
    return state ^ _FULL


@cache
def _bytes_table() -> Keys:
    # What one byte does to the state of the checksum, read off zlib's own.
    return np.array([crc32(bytes([one]), 0xFFFFFFFF) ^ 0xFFFFFFFF for one in range(256)], np.uint32)


def _moved(name: str) -> list[int]:
    start = start_of(name)
    return [crc32(bytes(size), start) ^ crc32(bytes(size)) for size in range(_LONGEST + 1)]


@cache
def _behind(name: str) -> Keys:
    return np.array(_moved(name), np.uint32)


@cache
def _behind_by_caps(form: str) -> Keys:
    return np.array([_moved(form.format(cap)) for cap in ALL_CAPS], np.uint32)


@cache
def _starts(form: str, size: int) -> Keys:
    return np.array([start_of(form.format(one)) for one in range(size)], np.uint32)


@cache
def _by_caps(form: str, *sizes: int) -> Keys:
    found = [
        start_of(form.format(cap, *places)) for places in np.ndindex(*sizes) for cap in ALL_CAPS
    ]
    return np.array(found, np.uint32).reshape(*sizes, len(ALL_CAPS))


@cache
def _pinyin_table() -> Keys:
    return np.stack([_by_caps(f"y{one}{{1}}|{{0}}", 4) for one in (False, True)])


@cache
def _known(side: str, cut: int) -> Keys:
    return np.stack([_behind_by_caps(f"{side}{{}}{one}")[:, cut] for one in "uk"])


@cache
def _coarse() -> Ints:
    return np.array([coarse_of(one) for one in range(CLASSES)], np.int64)


_LETTERED = [ALL_CAPS.index(one) for one in "lTUIMmxi"]
