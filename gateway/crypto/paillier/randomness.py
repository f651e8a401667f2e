"""Where the n-th residues that hide a plaintext come from.

Owns the choice, which is the owner's of the key to make and to know. Refuses to guess: a key of
unknown making gets FULL.
"""

from __future__ import annotations

import secrets
from enum import Enum
from typing import Protocol

import gmpy2

from gateway.crypto.paillier.comb import Comb
from gateway.crypto.paillier.fixed_base import SHORT_BITS, FixedBase

__all__ = ["FEW", "FullPower", "Randomness", "Source", "source_for", "uniform_unit"]

FEW = 256
"""Encryptions that a comb makes in less time than a table is built in."""


class Randomness(Enum):
    """How a randomiser is made, and on which assumption it hides.

    FULL: r^n for a uniform r. Decisional composite residuosity, and nothing of the primes.
    HALF: hs^a, a of half the length of n. In addition p = q = 3 (mod 4), gcd(p - 1, q - 1) = 2;
        so for keys of `generate_key`, or proven by `proof`.
    SHORT_EXPONENT_ASSUMPTION: hs^a, a of 256 bits. In addition, that discrete logarithms with
        exponents of 256 bits in the group of hs are hard at the 128-bit level (the assumption of
        short exponents, van Oorschot and Wiener 1996). By policy only.
    """

    FULL = "full"
    HALF = "half"
    SHORT_EXPONENT_ASSUMPTION = "short_exponent_assumption"


class Source(Protocol):
    """Makes encryptions and, with the message 0, randomisers."""

    def draw(self, message: int = 0) -> gmpy2.mpz:
        """(1 + message * n) * a fresh n-th residue, modulo n^2."""


class FullPower:
    """r^n for uniform r in Z*_n."""

    def __init__(self, n: int) -> None:
        self._n = gmpy2.mpz(n)
        self._square = self._n**2

    def draw(self, message: int = 0) -> gmpy2.mpz:
        """As `Source.draw`."""
        residue = gmpy2.powmod(uniform_unit(self._n), self._n, self._square)
        return (1 + message * self._n) * residue % self._square


def uniform_unit(n: int) -> gmpy2.mpz:
    """A uniform element of Z*_n, from the operating system's random source."""
    while True:
        r = gmpy2.mpz(secrets.randbelow(int(n)))
        if gmpy2.gcd(r, n) == 1:
            return r


def source_for(n: int, randomness: Randomness, count: int | None = None) -> Source:
    """The source of this kind; a table is built now, or a comb where `count` is few."""
    if randomness is Randomness.FULL:
        return FullPower(n)
    half = (n.bit_length() + 31) // 32 * 16
    bits = half if randomness is Randomness.HALF else SHORT_BITS
    return Comb(n, bits) if count is not None and count <= FEW else FixedBase(n, bits)
