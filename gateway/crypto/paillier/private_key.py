"""Paillier's private operations, by the factors of n and the Chinese remainder theorem.

Owns decryption, and encryption by who holds the key. The powers with secret exponents run in
constant time for a modulus (`secret_power`); the reductions around them do not, and Python's
memory cannot be wiped: a key is for a machine that its holder has to itself. Refuses primes that
are no primes, do not belong to n, are too close together or too different in length or leave
gcd(n, (p-1)(q-1)) > 1, a table for primes that do not fit one, whatever is no ciphertext, and to
print or copy a key.

`decrypt` is an oracle for who may choose its input: a keyholder decrypts only the signed result of
its own question, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn, Protocol

import gmpy2

from gateway.crypto.paillier.ciphertexts import require_ciphertext
from gateway.crypto.paillier.errors import PaillierKeyError, PlaintextError, Reason
from gateway.crypto.paillier.integers import integer, signed, unsigned
from gateway.crypto.paillier.modulus import DEFAULT_BITS
from gateway.crypto.paillier.prime_part import PrimePart
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import Randomness
from gateway.crypto.paillier.stock import Randomiser

__all__ = ["PrivateKey"]

_CLOSEST_SHARE = 100
"""FIPS 186-5, A.1.1: the primes differ in their first 100 bits."""
_LENGTH_TOLERANCE = 2
_SINGLE_PRIME_SLACK = 130


class _PhePublicKey(Protocol):
    n: int


class _PhePrivateKey(Protocol):
    public_key: _PhePublicKey
    p: int
    q: int


@dataclass(frozen=True, eq=False)
class PrivateKey:
    """The factors of a public key's modulus.

    Args:
        public_key: the public key.
        p: one of its primes.
        q: the other one.

    Raises:
        PaillierKeyError: PRIMES_DIFFER_FROM_MODULUS or PRIMES_UNSAFE; WRONG_TYPE.
    """

    public_key: PublicKey
    p: int = field(repr=False)
    q: int = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if type(self.p) is not int or type(self.q) is not int:
            raise PaillierKeyError(Reason.WRONG_TYPE, "a prime is an integer")
        if min(self.p, self.q) < 2 or self.p * self.q != self.public_key.n:
            raise PaillierKeyError(
                Reason.PRIMES_DIFFER_FROM_MODULUS, "the primes are not those of the modulus"
            )
        _require_safe(self.p, self.q)
        if self.public_key.randomness is not Randomness.FULL:
            _require_table_shape(self.p, self.q)

    @classmethod
    def from_phe(cls, private_key: _PhePrivateKey, least_bits: int = DEFAULT_BITS) -> PrivateKey:
        """The key of a `phe.PaillierPrivateKey`.

        Raises:
            PaillierKeyError: it is not one to work with; 2048 bits need `least_bits`.
        """
        public_key = PublicKey.from_phe(private_key.public_key, least_bits)
        return cls(public_key, int(private_key.p), int(private_key.q))

    def decrypt(self, c: int, magnitude: int | None = None) -> int:
        """Decrypt to a signed integer.

        Args:
            c: the ciphertext.
            magnitude: a bound that the result must keep, `max_int` where none is given. Known to
                be 128 bits shorter than a prime, it halves the cost.

        Raises:
            CiphertextError: c is no ciphertext.
            PlaintextError: PLAINTEXT_OVERFLOW: a sum ran over what the key holds, or the bound;
                WRONG_TYPE.
        """
        if magnitude is None:
            return signed(self.decrypt_raw(c), self.public_key.n)
        bound = integer(magnitude)
        # Modulo one prime a plaintext beyond the bound falls below it for one p in 2^128: who
        # could bring that about, or see it happen, would know a multiple of p without being told.
        if bound.bit_length() <= self.p.bit_length() - _SINGLE_PRIME_SLACK:
            number = self._of_p.decrypted_signed(self._require(c))
        else:
            number = signed(self.decrypt_raw(c), self.public_key.n)
        if abs(number) > bound:
            raise PlaintextError(Reason.PLAINTEXT_OVERFLOW, "the result exceeds its bound")
        return number

    def decrypt_raw(self, c: int) -> int:
        """Decrypt to a residue, 0 <= m < n, as of masked or packed plaintexts.

        Raises:
            CiphertextError: c is no ciphertext.
        """
        number = self._require(c)
        return self._join(self._of_p.decrypted(number), self._of_q.decrypted(number))

    def encrypt(self, m: int) -> int:
        """As `PublicKey.encrypt` with uniform randomness, by the factors: some 3 times as fast.

        Raises:
            PlaintextError: m is no integer, or beyond `max_int`.
        """
        n, square = self.public_key.n, self.public_key.square
        return int((1 + unsigned(m, n) * n) * self._residue() % square)

    def randomisers(self, count: int) -> Iterator[Randomiser]:
        """As `PublicKey.randomisers`, r^n for a uniform r, by the factors."""
        return (Randomiser(self.public_key.n, self._residue()) for _ in range(count))

    def rerandomise(self, c: int) -> int:
        """As `PublicKey.rerandomise`, by the factors.

        Raises:
            CiphertextError: c is no ciphertext.
        """
        return int(self._require(c) * self._residue() % self.public_key.square)

    def root(self, value: int) -> int:
        """The n-th root modulo n of a residue that is prime to n.

        For proofs over hashed residues only: the root of a chosen one would be an oracle.
        """
        return self._join(self._of_p.root(value), self._of_q.root(value))

    def square_root(self, value: int) -> int:
        """The root that is a square itself, of a square modulo both primes, 3 modulo 4.

        For proofs over hashed residues only: square roots of chosen ones factor n.
        """
        return self._join(self._of_p.square_root(value), self._of_q.square_root(value))

    def with_randomness(self, randomness: Randomness) -> PrivateKey:
        """The same key, whose encryptors make their randomness so; keys that come in have FULL.

        Raises:
            PaillierKeyError: PRIMES_UNSAFE: the primes are not those that a table needs.
        """
        public = PublicKey(self.public_key.n, randomness, least_bits=self.public_key.n.bit_length())
        return PrivateKey(public, self.p, self.q)

    def _require(self, c: int) -> gmpy2.mpz:
        return require_ciphertext(c, self.public_key.n, self.public_key.square)

    def _residue(self) -> gmpy2.mpz:
        """A uniform n-th residue modulo n^2."""
        left, right = self._of_p, self._of_q
        residue, other = left.uniform_residue(), right.uniform_residue()
        return residue + left.square * ((other - residue) * self._square_inverse % right.square)

    def _join(self, of_p: gmpy2.mpz, of_q: gmpy2.mpz) -> int:
        return int(of_p + self.p * ((of_q - of_p) * self._inverse % self.q))

    @cached_property
    def _of_p(self) -> PrimePart:
        return PrimePart(self.p, self.q)

    @cached_property
    def _of_q(self) -> PrimePart:
        return PrimePart(self.q, self.p)

    @cached_property
    def _inverse(self) -> gmpy2.mpz:
        return gmpy2.invert(self.p, self.q)

    @cached_property
    def _square_inverse(self) -> gmpy2.mpz:
        return gmpy2.invert(self.p**2, self.q**2)

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied out of this process."""
        raise TypeError("a private key is not copied")


def _require_safe(p: int, q: int) -> None:
    """Refuse factors that are not two primes, or that make n easy to factor or not Paillier's."""
    length = (p * q).bit_length()
    apart = abs(p.bit_length() - q.bit_length()) <= _LENGTH_TOLERANCE
    if not apart or abs(p - q).bit_length() <= length // 2 - _CLOSEST_SHARE:
        raise PaillierKeyError(Reason.PRIMES_UNSAFE, "the primes are too close or too uneven")
    if not (gmpy2.is_prime(p) and gmpy2.is_prime(q)):
        raise PaillierKeyError(Reason.PRIMES_UNSAFE, "a factor of the modulus is not prime")
    if gmpy2.gcd(p * q, (p - 1) * (q - 1)) != 1:
        raise PaillierKeyError(Reason.PRIMES_UNSAFE, "a prime divides the other one less one")


def _require_table_shape(p: int, q: int) -> None:
    """Refuse primes for which the assumption of `fixed_base` is not made."""
    if p % 4 != 3 or q % 4 != 3 or gmpy2.gcd(p - 1, q - 1) != 2:
        raise PaillierKeyError(Reason.PRIMES_UNSAFE, "the primes are not fit for a table")
