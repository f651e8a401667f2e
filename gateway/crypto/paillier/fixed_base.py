"""Randomisers hs^a from a table of powers (Damgard, Jurik, Nielsen 2010, section 4).

Owns h = -x^2 mod n with x hashed from n, hs = h^n mod n^2, and the table. Everything is derived
here from n alone: a base taken from somebody else could be 1, or mark what it randomises.

Assumes that p = q = 3 (mod 4) and gcd(p - 1, q - 1) = 2, so that the residues of Jacobi symbol +1
are a cyclic group and h generates nearly all of it, and the decisional composite residuosity of
Paillier. With an exponent of half the length of n, hs^a cannot be told from a uniform element of
that group unless n can be factored (Goldreich, Rosen 2003); with 256 bits, unless discrete
logarithms with exponents of 256 bits in this group are easier than its 128-bit level. Every
randomiser has the Jacobi symbol +1: a value that leaves a party unmasked needs
`PublicKey.rerandomise`.

Memory: a byte of the exponent chooses one of 256 entries of two residues modulo n. For half of 3072
bits these are 192 rows and 48 MB, for half of 4096 bits 82 MB, which is the most; for 256 bits at
3072 they are 8 MB. The largest is built in some 2 s.
Refuses nothing of its own: n is checked before. Not constant in time: the entries that are read
depend on the exponent, so a table is for a machine that the encryptor has to itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from math import gcd

import gmpy2

from gateway.crypto.paillier.hashing import hashed_residue

__all__ = ["SHORT_BITS", "FixedBase", "hashed_base"]

SHORT_BITS = 256
_LABEL = b"veilgate paillier base 1"
_WINDOW = 256

# An entry is (a, s): the power a * (1 + s * n) modulo n^2, a < n. The factors (1 + s * n) of a
# product are one addition each, and two numbers a make an exact product below n^2: the reduction
# modulo n^2, which is what costs, is needed for every second entry only.
_Entry = tuple[gmpy2.mpz, gmpy2.mpz]


class FixedBase:
    """A table of powers of hs for the modulus n, and randomisers drawn from it.

    Args:
        n: a modulus that has been checked.
        exponent_bits: a multiple of 16; the table draws exponents of this length.
    """

    def __init__(self, n: int, exponent_bits: int) -> None:
        self._n = gmpy2.mpz(n)
        self._square = self._n**2
        base = gmpy2.powmod(hashed_base(n), self._n, self._square)
        self._rows = tuple(self._table(base, exponent_bits // 8))

    def draw(self, message: int = 0) -> gmpy2.mpz:
        """(1 + message * n) * hs^a modulo n^2, for a fresh random a."""
        digits = secrets.token_bytes(len(self._rows))
        return self._power(digits, message)

    def _power(self, digits: bytes, message: int) -> gmpy2.mpz:
        """The same for a = sum of digits[i] * 256^i."""
        n, square = self._n, self._square
        entries = iter([row[digit] for row, digit in zip(self._rows, digits, strict=True)])
        product, total = gmpy2.mpz(1), gmpy2.mpz(message)
        for (a, s), (b, t) in zip(entries, entries, strict=True):
            product = product * (a * b) % square
            total += s + t
        return (product + product % n * (total % n) % n * n) % square

    def _table(self, base: gmpy2.mpz, rows: int) -> Iterator[tuple[_Entry, ...]]:
        for _ in range(rows):
            row, base = self._row(base)
            yield row

    def _row(self, base: gmpy2.mpz) -> tuple[tuple[_Entry, ...], gmpy2.mpz]:
        """The powers base^0 to base^255 as entries, and base^256."""
        n, square = self._n, self._square
        inverse = gmpy2.invert(base, n)
        power, inverted = gmpy2.mpz(1), gmpy2.mpz(1)
        row = []
        for _ in range(_WINDOW):
            upper, lower = gmpy2.f_divmod(power, n)
            row.append((lower, upper * inverted % n))
            power = power * base % square
            inverted = inverted * inverse % n
        return tuple(row), power


def hashed_base(n: int) -> int:
    """The h of n: minus the square of a residue hashed from n, itself in no group of small order.

    The first x that has no divisor in common with n and whose square is not 1 is taken. For a
    modulus that nobody can factor that is the first of all.
    """
    candidates = (hashed_residue(n, _LABEL, place.to_bytes(4, "big")) for place in count())
    x = next(x for x in candidates if gcd(x, n) == 1 and x * x % n != 1)
    return -x * x % n
