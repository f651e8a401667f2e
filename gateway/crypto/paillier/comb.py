"""Randomisers hs^a for few encryptions: a small table that is built at once.

Owns the comb of Lim and Lee (More Flexible Exponentiation with Precomputation, CRYPTO 1994): the
exponent's bits lie in 8 rows below each other, and a column chooses one of 255 products. What it
draws has the distribution of `fixed_base` with the same length of exponent, under the same
assumptions, and the same is not prevented. At 3072 bits it is built in some 50 ms instead of 1 s,
takes 0.2 MB instead of 48, and draws in 4 ms instead of 1. Refuses nothing of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import gmpy2

from gateway.crypto.paillier.fixed_base import hashed_base

__all__ = ["Comb"]

_TEETH = 8


class Comb:
    """Products of powers of hs for the modulus n, and randomisers drawn from them.

    Args:
        n: a modulus that has been checked.
        exponent_bits: a multiple of 16; exponents of this length are drawn.
    """

    def __init__(self, n: int, exponent_bits: int) -> None:
        self._n = gmpy2.mpz(n)
        self._square = self._n**2
        self._columns = exponent_bits // _TEETH
        self._products = tuple(self._combined())

    def draw(self, message: int = 0) -> gmpy2.mpz:
        """(1 + message * n) * hs^a modulo n^2, for a fresh random a."""
        power = self._power(secrets.token_bytes(self._columns))
        return (1 + message * self._n) * power % self._square

    def _power(self, digits: bytes) -> gmpy2.mpz:
        """hs^a: bit j of digit i counts 2^(i + columns * j), i from the last digit to the first."""
        square, products = self._square, self._products
        power = gmpy2.mpz(1)
        for digit in digits:
            power = power * power % square * products[digit] % square
        return power

    def _combined(self) -> Iterator[gmpy2.mpz]:
        """For every digit the product of the teeth that its bits name."""
        products = [gmpy2.mpz(1)]
        for tooth in self._teeth():
            products += [product * tooth % self._square for product in products]
        yield from products

    def _teeth(self) -> Iterator[gmpy2.mpz]:
        """hs^(2^(columns * j)) for each row j."""
        tooth = gmpy2.powmod(hashed_base(int(self._n)), self._n, self._square)
        for _ in range(_TEETH):
            yield tooth
            tooth = gmpy2.powmod(tooth, 1 << self._columns, self._square)
