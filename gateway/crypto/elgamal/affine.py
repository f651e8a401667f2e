"""Sums of many points with one point, where only the x-coordinates are wanted.

Owns the affine formulas with one field inversion for a whole list, on gmpy2's integers. Refuses
nothing, and is for public points only: its time depends on what it computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import gmpy2
from gmpy2 import mpz

from gateway.crypto.elgamal.curve import FIELD, Point, coordinates

Affine = tuple[mpz, mpz]
_P = mpz(FIELD)
_ONE = mpz(1)


def affine(point: Point) -> Affine:
    """The coordinates of a point."""
    x, y = coordinates(point)
    return mpz(x), mpz(y)


def sums_and_differences(centre: Affine, others: Sequence[Affine]) -> list[tuple[mpz, mpz]]:
    """The x-coordinates of centre + other and of centre - other.

    They mean nothing where other is the centre or its negative: the caller looks for that.
    """
    cx, cy = centre
    inverses = _inverses([(x - cx) % _P or _ONE for x, _ in others])
    pairs = []
    for (x, y), inverse in zip(others, inverses, strict=True):
        up, down, both = (y - cy) * inverse % _P, (y + cy) * inverse % _P, cx + x
        pairs.append(((up * up - both) % _P, (down * down - both) % _P))
    return pairs


def _inverses(numbers: Sequence[mpz]) -> list[mpz]:
    """The inverse of each number other than zero, by one inversion (Montgomery's trick)."""
    products = list(accumulate(numbers, lambda a, b: a * b % _P))
    inverse = gmpy2.invert(products[-1], _P)
    inverses = []
    for at in range(len(numbers) - 1, 0, -1):
        inverses.append(inverse * products[at - 1] % _P)
        inverse = inverse * numbers[at] % _P
    return [inverse, *reversed(inverses)]
