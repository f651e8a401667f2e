"""Tables of a point's multiples, which turn a multiplication into a sum of 32 points.

Owns the table of one point: for each of the 32 bytes of a scalar, its 256 multiples. A byte `d` at
place `i` stands for (d + 1) * 256^i, because infinity has no encoding; so 32 uniform bytes give a
scalar that is uniform but for 2^-127, and no entry is empty. A table takes 0.5 MB of points and
some 0.6 MB of addresses, is built in 50 ms, and pays from a thousand multiplications on.

Refuses scalars out of range. Which entries are read depends on the scalar,
and shows to who shares the processor's caches (see `curve`): for scalars that are used once only.
"""

from __future__ import annotations

from itertools import accumulate, repeat
from operator import getitem

from gateway.crypto.elgamal.curve import ORDER, SCALAR_SIZE, Point, add, address, combine_pointers
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

WINDOWS = SCALAR_SIZE
_ENTRIES = 256
_RAW_SIZE = 64
POINTER_SIZE = 8
OFFSET = sum(1 << 8 * place for place in range(WINDOWS))
"""What 32 zero bytes stand for."""


class FixedBase:
    """The multiples of one point, for many multiplications."""

    def __init__(self, point: Point) -> None:
        self._point = point
        rows = []
        for _ in range(WINDOWS):
            row = list(accumulate(repeat(point, _ENTRIES), add))
            rows += row
            point = row[-1]
        self._points = b"".join(rows)
        first = address(self._points)
        self._addresses = [
            [
                (first + _RAW_SIZE * (_ENTRIES * window + entry)).to_bytes(POINTER_SIZE, "little")
                for entry in range(_ENTRIES)
            ]
            for window in range(WINDOWS)
        ]

    def __reduce__(self) -> tuple[type[FixedBase], tuple[Point]]:
        """A copy is built anew: addresses mean nothing elsewhere."""
        return FixedBase, (self._point,)

    def pointers(self, digits: bytes) -> bytes:
        """The addresses of up to 32 points whose sum is `scalar_of(digits)` times the point.

        They are good for as long as this table lives.
        """
        return b"".join(map(getitem, self._addresses, digits))

    def times(self, scalar: int) -> Point:
        """The point times a scalar.

        Raises:
            ElGamalError: the scalar is not in [1, ORDER).
        """
        return combine_pointers(self._checked(scalar), WINDOWS)

    def times_plus(self, scalar: int, other: Point) -> Point:
        """The point times a scalar, plus another point: the price of one product.

        Raises:
            ElGamalError: the scalar is not in [1, ORDER), or the sum is infinity.
        """
        return combine_pointers(self._checked(scalar) + pointer(other), WINDOWS + 1)

    def _checked(self, scalar: int) -> bytes:
        if not 0 < scalar < ORDER:
            raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
        return self.pointers(digits_of(scalar))


def pointer(point: Point) -> bytes:
    """The address of a point, good for as long as the caller keeps it."""
    return address(point).to_bytes(POINTER_SIZE, "little")


def scalar_of(digits: bytes) -> int:
    """The scalar that digits, the lowest first, stand for, modulo the order."""
    offset = sum(1 << 8 * place for place in range(len(digits)))
    return (int.from_bytes(digits, "little") + offset) % ORDER


def digits_of(scalar: int) -> bytes:
    """The 32 digits of a scalar modulo the order."""
    return ((scalar - OFFSET) % ORDER).to_bytes(WINDOWS, "little")
