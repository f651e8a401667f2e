"""Small discrete logarithms to the generator, by baby steps and giant steps (Shanks).

Owns the table of the x-coordinates of jG for j from 1 on, 8 bytes each in one sorted array, shared
by the process. An x-coordinate stands for j and -j, so that one look-up in a table of 2^18, which
takes half a second to build, covers 2 * 2^18 + 1 numbers. Giant steps go from the middle of a range
outwards, a few at a time and then more, because sums lie far inside the bounds that are declared
for them. Where so many of them were made that the time would have built a table four times as long,
that one is built and they go on from where they were; so a process never takes much more than twice
as long as with the table that would have been best, whatever it reads. The longest has 2^20.

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
_FEWEST, _FIRST = 1 << 8, 1 << 18
_GROWTH = 4
_LOG_BITS = 21
_LOG_MASK = (1 << _LOG_BITS) - 1
_TAG_MASK = (1 << (64 - _LOG_BITS)) - 1
_LEAST_CHUNK, _CHUNK = 8, 256


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
    """Build the table that so many logarithms in a range begin with, unless one as long is there.

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
    target = affine(add(point, base(-middle % ORDER)) if middle else point)
    table = baby_steps(_steps(half, among))
    covered, count = 0, _LEAST_CHUNK
    while covered < half:
        if covered < table.reach:
            yield from (middle + offset for offset in table.look_up(int(target[0])))
            covered = table.reach
            continue
        # The giant step around which lies the first number that is not covered: a longer table
        # may overlap what a shorter one has covered.
        first = (covered + table.reach + 1) // table.width
        yield from (middle + offset for offset in _around(target, table, first, count))
        covered = (first + count - 1) * table.width + table.reach
        table = _worth_growing(table, count, half)
        count = min(2 * count, _CHUNK)


def _around(target: Affine, table: BabySteps, first: int, count: int) -> Iterator[int]:
    """Offsets that baby steps around so many giant steps on either side give."""
    giants = _giants(table.width, first, count)
    for number, (up, down) in enumerate(sums_and_differences(target, giants), first):
        giant = number * table.width
        # Where the point is a giant step itself, up and down are meaningless.
        if giants[number - first][0] == target[0]:
            yield from (giant, -giant)
        yield from (offset - giant for offset in table.look_up(int(up)))
        yield from (offset + giant for offset in table.look_up(int(down)))


def _worth_growing(table: BabySteps, count: int, half: int) -> BabySteps:
    """The table to go on with after `count` more giant steps; one is worth 1.5 steps of a table."""
    table.spent += count
    longer = min(_GROWTH * table.reach, BABY_STEPS, half)
    if 3 * table.spent < 2 * longer or longer <= table.reach:
        return table
    return baby_steps(longer)


def _steps(half: int, among: int) -> int:
    """Steps of a first table that costs about as much as its look-ups would at the range's ends.

    A step costs half of a look-up to make, and numbers lie mostly near the middle.
    """
    enough = min(max(_FEWEST, 1 << (half - 1).bit_length()), _FIRST)
    return min(enough, max(_FEWEST, 1 << isqrt(half * max(1, among)).bit_length() >> 1))


class BabySteps:
    """The x-coordinates of jG for j from 1 to `reach`, the lowest 43 bits of each beside j.

    `spent` counts the giant steps that were made with it; threads may lose a few.
    """

    def __init__(self, wanted: int) -> None:
        small = isqrt(wanted // 4)
        blocks = -(-(wanted - small) // (2 * small + 1))
        self.reach = small + blocks * (2 * small + 1)
        self.width = 2 * self.reach + 1
        self.spent = 0
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


@lru_cache(maxsize=160)
def _giants(width: int, first: int, count: int) -> list[Affine]:
    """So many multiples of `width`, from the one numbered `first`."""
    step = base(width)
    return list(map(affine, _row(base(first * width), count, step)))


def _row(start: Point, count: int, step: Point | None = None) -> Iterable[Point]:
    return accumulate(repeat(step or start, count - 1), add, initial=start) if count else ()


def _is(point: Point, m: int) -> bool:
    return bool(m % ORDER) and base(m % ORDER) == point
