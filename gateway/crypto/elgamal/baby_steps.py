"""Small discrete logarithms to the generator, by baby steps and giant steps (Shanks).

Owns the table of the x-coordinates of jG for j up to 2^20, 8 bytes each in one sorted array, built
at first use (about a second; the lengths below 2^20 much quicker) and shared by the process. An
x-coordinate stands for j and -j, so that one look-up covers 2 * 2^20 + 1 numbers, and a range of
2^36 takes 2^15 look-ups, two for each field inversion shared in a chunk.

Refuses ranges wider than 2^36. A logarithm outside the range is an error after the same number of
steps at most: a hostile point costs no more than an honest one at the far end. Time depends on
the logarithm: only who holds the secret key runs this, over what it is about to learn.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, repeat
from math import isqrt

from gmpy2 import mpz

from gateway.crypto.elgamal.affine import Affine, affine, sums_and_differences
from gateway.crypto.elgamal.curve import ORDER, Point, add, base
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

MAX_WIDTH = 1 << 36
BABY_STEPS = 1 << 20
_FEWEST = 1 << 8
_LOG_BITS = 21
_LOG_MASK = (1 << _LOG_BITS) - 1
_TAG_MASK = (1 << (64 - _LOG_BITS)) - 1
_CHUNK = 256


def logarithm(point: Point, low: int, high: int, among: int = 1) -> int:
    """The m in [low, high] with m * G = `point`; m = 0 is no point and not looked for here.

    Args:
        point: the multiple of the generator.
        low: the range's end, as the next.
        high: both belong to it.
        among: how many will be asked for in this range: for few a short table is quicker.

    Raises:
        ElGamalError: the range is empty or too wide, or holds no such m.
    """
    require_range(low, high)
    middle = (low + high) // 2
    for candidate in _candidates(point, middle, high - middle, among):
        # A tag is 43 bits of a coordinate: a match is only then an answer when it is the point.
        if low <= candidate <= high and candidate % ORDER and _is(point, candidate):
            return candidate
    raise ElGamalError(Refusal.OUT_OF_BOUND)


def prepare(low: int, high: int, among: int) -> None:
    """Build the table that so many logarithms in a range need, if the process has none as large.

    Raises:
        ElGamalError: the range is empty or too wide.
    """
    require_range(low, high)
    baby_steps(_steps(high - (low + high) // 2, among))


def require_range(low: int, high: int) -> None:
    """Check a declared range.

    Raises:
        ElGamalError: it is empty, wider than 2^36, or does not lie in (-ORDER / 2, ORDER / 2).
    """
    if not 0 <= high - low <= MAX_WIDTH or 2 * max(-low, high) >= ORDER:
        raise ElGamalError(Refusal.BAD_BOUND)


def _candidates(point: Point, middle: int, half: int, among: int) -> Iterator[int]:
    """Numbers around `middle` whose multiple may be `point`, from the inside out."""
    if _is(point, middle):
        yield middle
        return
    table = baby_steps(_steps(half, among))
    target = affine(add(point, base(-middle % ORDER)) if middle else point)
    yield from (middle + offset for offset in table.look_up(int(target[0])))
    for first in range(1, (half + table.reach) // table.width + 1, _CHUNK):
        giants = _giants(table.width, first)
        pairs = sums_and_differences(target, giants)
        for number, (up, down) in enumerate(pairs, first):
            giant = number * table.width
            # Where the point is a giant step itself, up and down are meaningless.
            if giants[number - first][0] == target[0]:
                yield from (middle + giant, middle - giant)
            yield from (middle - giant + offset for offset in table.look_up(int(up)))
            yield from (middle + giant + offset for offset in table.look_up(int(down)))


def _steps(half: int, among: int) -> int:
    """Steps of a table that costs about as much as its look-ups: below the root of half * among.

    A step costs half of a look-up to make, and numbers lie mostly near the middle.
    """
    enough = min(max(_FEWEST, 1 << (half - 1).bit_length()), BABY_STEPS)
    return min(enough, max(_FEWEST, 1 << isqrt(half * max(1, among)).bit_length() >> 1))


class BabySteps:
    """The x-coordinates of jG for j from 1 to `reach`, the lowest 43 bits of each beside j."""

    def __init__(self, wanted: int) -> None:
        small = isqrt(wanted // 4)
        blocks = -(-(wanted - small) // (2 * small + 1))
        self.reach = small + blocks * (2 * small + 1)
        self.width = 2 * self.reach + 1
        self._entries = array("Q", sorted(_entries(small, blocks)))

    def look_up(self, x: int) -> Iterator[int]:
        """Every j and -j whose tag is that of the coordinate: nearly always none."""
        tag = x & _TAG_MASK
        at = bisect_left(self._entries, tag << _LOG_BITS)
        while at < len(self._entries) and self._entries[at] >> _LOG_BITS == tag:
            j = self._entries[at] & _LOG_MASK
            yield from (j, -j)
            at += 1


_largest: list[BabySteps] = []
_building = threading.Lock()


def baby_steps(wanted: int) -> BabySteps:
    """The process's table, if it has at least `wanted` steps, or a longer one in its stead."""
    with _building:
        if not _largest or _largest[0].reach < wanted:
            _largest[:] = [BabySteps(wanted)]
        return _largest[0]


def _entries(small: int, blocks: int) -> list[int]:
    """Tag and j of each x-coordinate: small j first, then blocks around multiples of a stride."""
    stride = 2 * small + 1
    steps = list(map(affine, _row(base(1), small)))
    entries = [_entry(x, j) for j, (x, _) in enumerate(steps, 1)]
    for block, centre in enumerate(_row(base(stride), blocks), 1):
        middle, at = affine(centre), block * stride
        pairs = sums_and_differences(middle, steps)
        entries.append(_entry(middle[0], at))
        entries += [_entry(up, at + j) for j, (up, _) in enumerate(pairs, 1)]
        entries += [_entry(down, at - j) for j, (_, down) in enumerate(pairs, 1)]
    return entries


def _entry(x: mpz, j: int) -> int:
    return (int(x) & _TAG_MASK) << _LOG_BITS | j


@lru_cache(maxsize=128)
def _giants(width: int, first: int) -> list[Affine]:
    """A chunk of the multiples of `width`, from the one numbered `first`."""
    step = base(width)
    return list(map(affine, _row(base(first * width), _CHUNK, step)))


def _row(start: Point, count: int, step: Point | None = None) -> Iterable[Point]:
    return accumulate(repeat(step or start, count - 1), add, initial=start) if count else ()


def _is(point: Point, m: int) -> bool:
    return bool(m % ORDER) and base(m % ORDER) == point
