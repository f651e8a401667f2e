"""Sums of many points, each times a weight of its own, for checking many claims at once.

Owns the method of buckets: for each digit of the weights the points with a like digit are added
up, so a point costs one addition a digit instead of a multiplication. Refuses sums that become
infinity on the way, which for points that nobody chose happens with a probability of 2^-250 or so.
For public points and weights only: its time depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.crypto.elgamal.curve import Point, add, combine, multiply
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

_DIGITS = 16


def weighted_sum(points: Sequence[Point], weights: Sequence[bytes]) -> Point:
    """The sum of weight times point.

    Args:
        points: one at least.
        weights: as many, all of one length, big-endian.

    Raises:
        ElGamalError: the sum, or a part of it, is infinity.
    """
    total: Point | None = None
    for column in zip(*(one.hex() for one in weights), strict=True):
        if total is not None:
            total = multiply(total, _DIGITS)
        part = _column(points, column)
        if part is not None:
            total = part if total is None else add(total, part)
    if total is None:
        raise ElGamalError(Refusal.INFINITY)
    return total


def _column(points: Sequence[Point], digits: Sequence[str]) -> Point | None:
    """The sum of each point times its digit, or None where all digits are 0."""
    buckets: dict[str, list[Point]] = {}
    for point, digit in zip(points, digits, strict=True):
        buckets.setdefault(digit, []).append(point)
    buckets.pop("0", None)
    # Digit d counts d times: the sums of all buckets from d on, for each d.
    running: Point | None = None
    sums: list[Point] = []
    for digit in "fedcba987654321":
        if digit in buckets:
            bucket = buckets[digit]
            running = combine(bucket if running is None else [running, *bucket])
        if running is not None:
            sums.append(running)
    return combine(sums) if sums else None
