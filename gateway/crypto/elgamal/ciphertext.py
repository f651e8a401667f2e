"""Ciphertexts (kG, mG + kP): their 66 bytes, their sums.

Owns reading and writing them, and adding. Refuses every encoding but two compressed points, and
sums that become infinity, as of a ciphertext and its negative.

Adding needs no key, and hides nothing by itself: a sum of known ciphertexts is known to be their
sum. Whoever must hide that re-randomises it (`PublicKey.rerandomise`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.crypto.elgamal.curve import POINT_SIZE, Point, add, combine, decode, encode
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

CIPHERTEXT_SIZE = 2 * POINT_SIZE


class Ciphertext(NamedTuple):
    """One encrypted number: checked points, never infinity."""

    c1: Point
    c2: Point

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Ciphertext:
        """Check 66 bytes from outside, at some 10 us whatever they hold.

        Raises:
            ElGamalError: they are not two compressed points on the curve.
        """
        if len(encoded) != CIPHERTEXT_SIZE:
            raise ElGamalError(Refusal.WRONG_LENGTH)
        return cls(decode(encoded[:POINT_SIZE]), decode(encoded[POINT_SIZE:]))

    def to_bytes(self) -> bytes:
        """Its 66 bytes."""
        return encode(self.c1) + encode(self.c2)

    def plus(self, other: Ciphertext) -> Ciphertext:
        """An encryption of the sum.

        Raises:
            ElGamalError: a point became infinity.
        """
        return Ciphertext(add(self.c1, other.c1), add(self.c2, other.c2))


def sum_many(ciphertexts: Sequence[Ciphertext]) -> Ciphertext:
    """An encryption of the sum of all, at less than a microsecond each.

    Raises:
        ElGamalError: there is none, or a point became infinity.
    """
    if not ciphertexts:
        raise ElGamalError(Refusal.EMPTY)
    return Ciphertext(
        combine([one.c1 for one in ciphertexts]), combine([one.c2 for one in ciphertexts])
    )
