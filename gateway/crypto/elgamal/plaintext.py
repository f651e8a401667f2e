"""Numbers as multiples of the generator, to be added to a randomiser.

Owns the table of the generator, one for the process, and the choice of how many points a number
takes: 6 if it lies in [-2^39, 2^39), so that zeros, ones and sums all take the same time, and 32
otherwise, as masked numbers do. Refuses numbers that are not in (-ORDER, ORDER).
"""

from __future__ import annotations

from functools import cache

from gateway.crypto.elgamal.curve import ORDER, Point, base
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.fixed_base import FixedBase, digits_of, pointer, scalar_of

_SMALL_DIGITS = 5
_SMALL = 1 << (8 * _SMALL_DIGITS - 1)


@cache
def generator_table() -> FixedBase:
    """The table of the generator."""
    return FixedBase(base(1))


def generator_times(scalar: int) -> Point:
    """The generator times a scalar that is used once, or is public.

    Raises:
        ElGamalError: the scalar is not in [1, ORDER).
    """
    return generator_table().times(scalar)


def plaintext_pointers(m: int) -> bytes:
    """The addresses, 8 bytes each, of points whose sum is m times the generator.

    Raises:
        ElGamalError: m is not in (-ORDER, ORDER).
    """
    if -_SMALL <= m < _SMALL:
        digits = (m + _SMALL).to_bytes(_SMALL_DIGITS, "little")
        return generator_table().pointers(digits) + _correction()[1]
    if not -ORDER < m < ORDER:
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    return generator_table().pointers(digits_of(m))


@cache
def _correction() -> tuple[Point, bytes]:
    """The point that takes off what the digits of zero stand for, and its address."""
    zero = _SMALL.to_bytes(_SMALL_DIGITS, "little")
    point = base(-scalar_of(zero) % ORDER)
    return point, pointer(point)
