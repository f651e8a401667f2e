"""What a keyholder computes modulo one of its primes and its square.

Owns the numbers that powers with secret exponents are made of; all of those powers are
`secret_power`'s. Refuses nothing: p, q and what comes in have been checked.
"""

from __future__ import annotations

import secrets

import gmpy2

from gateway.crypto.paillier.secret_power import secret_power

__all__ = ["PrimePart"]


class PrimePart:
    """The half of a private key that belongs to p.

    Args:
        p: the prime.
        q: the other prime.
    """

    def __init__(self, p: int, q: int) -> None:
        self.p = gmpy2.mpz(p)
        self.square = self.p**2
        # (1 + n)^(p-1) = 1 - q p modulo p^2, so L gives -q for the plaintext 1.
        self._scale = gmpy2.invert(-gmpy2.mpz(q), self.p)
        self._root_exponent = gmpy2.invert(self.p * q, self.p - 1)

    def decrypted(self, c: gmpy2.mpz) -> gmpy2.mpz:
        """The plaintext modulo p of a ciphertext modulo n^2 (Paillier 1999, section 7)."""
        power = secret_power(c % self.square, self.p - 1, self.square)
        return gmpy2.divexact(power - 1, self.p) * self._scale % self.p

    def decrypted_signed(self, c: gmpy2.mpz) -> int:
        """The plaintext of a ciphertext if its magnitude is below p / 2; else another number."""
        residue = self.decrypted(c)
        return int(residue if 2 * residue < self.p else residue - self.p)

    def root(self, value: int) -> gmpy2.mpz:
        """The n-th root modulo p; there is one, because n is prime to p - 1."""
        return secret_power(value % self.p, self._root_exponent, self.p)

    def square_root(self, value: int) -> gmpy2.mpz:
        """Of the two roots of a square modulo p = 3 (mod 4), the one that is a square itself."""
        return secret_power(value % self.p, (self.p + 1) // 4, self.p)

    def uniform_residue(self) -> gmpy2.mpz:
        """A uniform n-th residue modulo p^2.

        They are the p - 1 powers x^p: r^n is (r^q)^p, and r^q is as uniform modulo p as r.
        """
        root = 1 + secrets.randbelow(int(self.p) - 1)
        return secret_power(gmpy2.mpz(root), self.p, self.square)
